-- The publications of the bank of developers never say who: those written before they were opened so.
UPDATE publication SET sujet = 'retire', nom = '', organisation_id = NULL
    WHERE operation IN ('proposerDisponibilite', 'corrigerDisponibilite', 'retirerDisponibilite') AND sujet <> 'retire';
