DO $$
DECLARE
    nom text;
BEGIN
    FOREACH nom IN ARRAY '{territoire,categorie}'::text[] LOOP
        EXECUTE format('DROP TRIGGER %I ON %I', nom || '_revision', nom);
        EXECUTE format('DROP TRIGGER %I ON %I', nom || '_journal_ajout', nom);
        EXECUTE format('DROP TRIGGER %I ON %I', nom || '_journal_correction', nom);
        EXECUTE format('DROP TRIGGER %I ON %I', nom || '_journal_retrait', nom);
        EXECUTE format('ALTER TABLE %I DROP COLUMN revision, DROP COLUMN ecrit_le, DROP COLUMN tenu', nom);
    END LOOP;
END $$;
