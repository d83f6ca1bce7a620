-- Whose work a transaction was: the job, and the number of the attempt that wrote it.

ALTER TABLE operation_transactions ADD COLUMN job TEXT NOT NULL DEFAULT '';
ALTER TABLE operation_transactions ADD COLUMN fence BIGINT NOT NULL DEFAULT 0;
CREATE INDEX operation_transactions_job ON operation_transactions (job, id) WHERE job <> '';
