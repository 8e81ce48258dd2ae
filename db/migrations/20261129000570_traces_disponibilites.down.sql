-- Who wrote them is known no more.
SELECT 1;
