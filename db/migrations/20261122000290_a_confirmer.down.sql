DROP TABLE lien_verifie, a_confirmer_ignore;
