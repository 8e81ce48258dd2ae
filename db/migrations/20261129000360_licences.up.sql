-- Who avoided licences, in fact: what places a collectivité among those of its nature and size.
CREATE INDEX economie_licences_idx ON economie (beneficiaire_id) WHERE licences_economisees > 0 AND visibilite = 'PUBLIC' AND statut IN ('CONSTATEE', 'VERIFIEE');
