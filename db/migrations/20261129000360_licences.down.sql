DROP INDEX economie_licences_idx;
