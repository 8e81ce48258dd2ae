DROP TABLE instantane;
DROP FUNCTION instantane_garder;
