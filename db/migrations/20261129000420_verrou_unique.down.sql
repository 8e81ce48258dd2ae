DO $$
BEGIN
    EXECUTE replace(pg_get_functiondef('presence_mouvoir'::regproc), $q$
    WITH touches AS MATERIALIZED ($q$, $q$
    -- Two writers of one organisation wait for each other, then each sees what the other wrote.
    PERFORM FROM organisation WHERE id = ANY (tous) ORDER BY id FOR NO KEY UPDATE;
    WITH touches AS MATERIALIZED ($q$);
END $$;
