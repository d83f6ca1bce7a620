-- Jobs, what they hold while they run, the keys under which they were asked for, and events.

-- Counters that never fall, whatever is removed: numbers of events and fences.
CREATE TABLE sequences (
    name  TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO sequences (name, value) VALUES ('event', 0), ('fence', 0);

CREATE TABLE events (
    seq      BIGINT PRIMARY KEY,
    at_ms    BIGINT NOT NULL,
    kind     TEXT NOT NULL,
    subject  TEXT NOT NULL,
    artifact TEXT NOT NULL,
    trace_id TEXT NOT NULL,
    data     TEXT NOT NULL
);

-- The moves a job may make. Each change of a job's state writes the state it had beside the new one; a pair that
-- is not here is refused by the reference, on every database alike.
CREATE TABLE job_moves (
    from_state TEXT NOT NULL,
    to_state   TEXT NOT NULL,
    PRIMARY KEY (from_state, to_state)
);
INSERT INTO job_moves (from_state, to_state) VALUES
    ('none', 'queued'), ('queued', 'running'), ('queued', 'canceled'), ('running', 'success'),
    ('running', 'conflict'), ('running', 'error'), ('running', 'canceled'), ('running', 'queued');

CREATE TABLE jobs (
    id               TEXT PRIMARY KEY,
    seq              BIGINT NOT NULL UNIQUE, -- of the event that told it was made: its place in the queue
    kind             TEXT NOT NULL,          -- a word of jobs/job_kinds.def, which grows without a migration
    state            TEXT NOT NULL CHECK (state IN ('queued', 'running', 'success', 'conflict', 'error',
                                                    'canceled')),
    state_before     TEXT NOT NULL,
    exclusive        INTEGER NOT NULL CHECK (exclusive IN (0, 1)),
    direction        TEXT NOT NULL,
    project_path     TEXT NOT NULL,
    collection       TEXT NOT NULL,
    strategy         TEXT NOT NULL,
    dry_run          INTEGER NOT NULL CHECK (dry_run IN (0, 1)),
    artifacts        TEXT NOT NULL, -- a line each; job_artifacts is for finding
    request          TEXT NOT NULL,
    percent          INTEGER NOT NULL CHECK (percent BETWEEN 0 AND 100),
    phase            TEXT NOT NULL,
    attempts         INTEGER NOT NULL,
    crashes          INTEGER NOT NULL,
    io_retries       INTEGER NOT NULL,
    suspect          INTEGER NOT NULL CHECK (suspect IN (0, 1)),
    run_at_ms        BIGINT NOT NULL,
    created_ms       BIGINT NOT NULL,
    started_ms       BIGINT NOT NULL,
    ended_ms         BIGINT NOT NULL,
    fence            BIGINT NOT NULL,
    lease_until_ms   BIGINT NOT NULL, -- of the clock that counts from the start of the machine ...
    lease_boot       TEXT NOT NULL,   -- ... whose start this names
    worker           TEXT NOT NULL,
    trace_id         TEXT NOT NULL,
    parent_id        TEXT NOT NULL,
    actor            TEXT NOT NULL,
    cancel_requested INTEGER NOT NULL CHECK (cancel_requested IN (0, 1)),
    result           TEXT NOT NULL,
    conflicts        TEXT NOT NULL,
    log_excerpt      TEXT NOT NULL,
    error_code       TEXT NOT NULL,
    error_message    TEXT NOT NULL,
    error_hint       TEXT NOT NULL,
    FOREIGN KEY (state_before, state) REFERENCES job_moves (from_state, to_state),
    CHECK ((state = 'running') = (lease_boot <> '')),
    CHECK ((state IN ('queued', 'running')) = (ended_ms = 0))
);
CREATE INDEX jobs_state ON jobs (state, seq);
CREATE INDEX jobs_kind ON jobs (kind, seq);

CREATE TABLE job_artifacts (
    job      TEXT NOT NULL REFERENCES jobs (id),
    artifact TEXT NOT NULL,
    job_seq  BIGINT NOT NULL,
    PRIMARY KEY (job, artifact)
);
CREATE INDEX job_artifacts_artifact ON job_artifacts (artifact, job_seq);

-- What running jobs hold: at most one job an artifact. The empty artifact stands for all of the collection.
CREATE TABLE job_claims (
    collection TEXT NOT NULL,
    artifact   TEXT NOT NULL,
    job        TEXT NOT NULL REFERENCES jobs (id),
    PRIMARY KEY (collection, artifact)
);
CREATE INDEX job_claims_job ON job_claims (job);

CREATE TABLE idempotency_keys (
    scope        TEXT NOT NULL,
    key          TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    job          TEXT NOT NULL REFERENCES jobs (id),
    PRIMARY KEY (scope, key)
);
CREATE INDEX idempotency_keys_job ON idempotency_keys (job);

-- Files of the fallback store whose jobs are here: taking one back again does nothing.
CREATE TABLE job_takebacks (
    file  TEXT PRIMARY KEY,
    at_ms BIGINT NOT NULL
);

-- What the next pass of retention may remove: all that ended before cutoff_ms, when a day has gone since marked_ms.
CREATE TABLE retention_marks (
    what      TEXT PRIMARY KEY CHECK (what IN ('jobs', 'events')),
    cutoff_ms BIGINT NOT NULL,
    marked_ms BIGINT NOT NULL
);
