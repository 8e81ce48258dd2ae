-- Organisations are locked once for a write: adoption_mouvoir, the only one that calls presence_mouvoir, does it first.
DO $$
BEGIN
    EXECUTE replace(pg_get_functiondef('presence_mouvoir'::regproc), $q$
    -- Two writers of one organisation wait for each other, then each sees what the other wrote.
    PERFORM FROM organisation WHERE id = ANY (tous) ORDER BY id FOR NO KEY UPDATE;$q$, '');
END $$;
