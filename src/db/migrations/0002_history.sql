-- History is asked for by the start of a hash, by artifact and by verb, newest first: never a whole table.

CREATE INDEX versions_hash ON versions (collection, hash, artifact);
CREATE INDEX versions_tier ON versions (collection, artifact, tier, project, seq);

CREATE INDEX operations_verb ON operations (verb, seq);
CREATE INDEX operations_at ON operations (at_ms, seq);

-- The operation's place in the log, so that one artifact's log is one walk of one index.
ALTER TABLE operation_artifacts ADD COLUMN operation_seq BIGINT NOT NULL DEFAULT 0;
UPDATE operation_artifacts SET operation_seq = (
    SELECT o.seq FROM operation_transactions x JOIN operations o ON o.id = x.operation
    WHERE x.id = operation_artifacts.transaction_id);
CREATE INDEX operation_artifacts_log ON operation_artifacts (artifact, operation_seq);
