-- The needs that others may join, by what they are about: those like another are looked for among them alone, however many
-- are closed.
CREATE INDEX besoin_ouvert_logiciel_idx ON besoin (logiciel_id) WHERE ouvert AND etat = 'OUVERT';
CREATE INDEX besoin_ouvert_categorie_idx ON besoin (categorie_id) WHERE ouvert AND etat = 'OUVERT';
