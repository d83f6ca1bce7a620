-- Records beside the files: projects, upstreams as last seen, versions, operations, waiting merges.

CREATE TABLE projects (
    id        TEXT PRIMARY KEY,
    path      TEXT NOT NULL UNIQUE,
    added_ms  BIGINT NOT NULL
);

-- What an upstream held for one artifact when it was last asked. Valid only while pin and lock sha are
-- those it was asked for.
CREATE TABLE upstream_seen (
    collection  TEXT NOT NULL,
    artifact    TEXT NOT NULL,
    source      TEXT NOT NULL,
    source_path TEXT NOT NULL,
    pin         TEXT NOT NULL,
    lock_sha    TEXT NOT NULL,
    sha         TEXT NOT NULL,
    ref         TEXT NOT NULL,
    version     TEXT NOT NULL,
    tree        TEXT NOT NULL,
    note        TEXT NOT NULL,
    checked_ms  BIGINT NOT NULL,
    PRIMARY KEY (collection, artifact)
);

CREATE TABLE operations (
    id        TEXT PRIMARY KEY,
    seq       BIGINT NOT NULL UNIQUE, -- the order of operations; clocks jump, so ids do not tell it
    verb      TEXT NOT NULL,
    command   TEXT NOT NULL,
    actor     TEXT NOT NULL,
    trace_id  TEXT NOT NULL,
    at_ms     BIGINT NOT NULL,
    result    TEXT NOT NULL,
    undoes    TEXT REFERENCES operations (id),
    undone_by TEXT
);
CREATE INDEX operations_open ON operations (seq) WHERE undone_by IS NULL AND undoes IS NULL;

-- One apply of an operation; its id is the transaction's, which makes recovery idempotent.
CREATE TABLE operation_transactions (
    id        TEXT PRIMARY KEY,
    operation TEXT NOT NULL REFERENCES operations (id),
    at_ms     BIGINT NOT NULL
);
CREATE INDEX operation_transactions_operation ON operation_transactions (operation, id);

-- Which artifacts a transaction was about, whether or not files changed.
CREATE TABLE operation_artifacts (
    transaction_id TEXT NOT NULL REFERENCES operation_transactions (id),
    artifact       TEXT NOT NULL,
    PRIMARY KEY (transaction_id, artifact)
);
CREATE INDEX operation_artifacts_artifact ON operation_artifacts (artifact, transaction_id);

-- What a transaction did: an artifact's tree on a root from before to after.
CREATE TABLE operation_trees (
    transaction_id TEXT NOT NULL REFERENCES operation_transactions (id),
    seq            INTEGER NOT NULL,
    artifact       TEXT NOT NULL,
    tier           TEXT NOT NULL CHECK (tier IN ('collection', 'project')),
    root           TEXT NOT NULL,
    path           TEXT NOT NULL,
    before_tree    TEXT NOT NULL,
    after_tree     TEXT NOT NULL,
    files          INTEGER NOT NULL,
    PRIMARY KEY (transaction_id, seq)
);
CREATE INDEX operation_trees_artifact ON operation_trees (artifact, transaction_id);

-- ... a record file's bytes from before to after (hashes of blobs in the store; empty: no file),
CREATE TABLE operation_records (
    transaction_id TEXT NOT NULL REFERENCES operation_transactions (id),
    tier           TEXT NOT NULL CHECK (tier IN ('collection', 'project')),
    root           TEXT NOT NULL,
    path           TEXT NOT NULL,
    before_blob    TEXT NOT NULL,
    after_blob     TEXT NOT NULL,
    PRIMARY KEY (transaction_id, root, path)
);

-- ... the folders it made,
CREATE TABLE operation_folders (
    transaction_id TEXT NOT NULL REFERENCES operation_transactions (id),
    root           TEXT NOT NULL,
    path           TEXT NOT NULL,
    PRIMARY KEY (transaction_id, root, path)
);

-- ... and waiting merges and choices it changed (JSON-free: before and after as text, empty: none).
CREATE TABLE operation_pending (
    transaction_id TEXT NOT NULL REFERENCES operation_transactions (id),
    seq            INTEGER NOT NULL,
    pending        TEXT NOT NULL,
    place          TEXT NOT NULL,
    before_state   TEXT NOT NULL,
    after_state    TEXT NOT NULL,
    PRIMARY KEY (transaction_id, seq)
);

-- Full lineage: every version of every artifact on every tier, in order of `seq`.
CREATE TABLE versions (
    seq          INTEGER PRIMARY KEY,
    collection   TEXT NOT NULL,
    artifact     TEXT NOT NULL,
    tier         TEXT NOT NULL CHECK (tier IN ('upstream', 'collection', 'project')),
    project      TEXT NOT NULL,
    hash         TEXT NOT NULL,
    parent       TEXT NOT NULL,
    other_parent TEXT NOT NULL,
    source       TEXT NOT NULL CHECK (source IN ('upstream', 'collection', 'project', 'merge',
                                                 'resolve', 'rollback', 'migration')),
    author       TEXT NOT NULL,
    message      TEXT NOT NULL,
    at_ms        BIGINT NOT NULL,
    operation    TEXT NOT NULL
);
CREATE INDEX versions_artifact ON versions (collection, artifact, seq);

-- Merges that wait for a person; at most one waits per edge.
CREATE TABLE pending_merges (
    id          TEXT PRIMARY KEY,
    collection  TEXT NOT NULL,
    artifact    TEXT NOT NULL,
    edge        TEXT NOT NULL CHECK (edge IN ('upstream_to_collection', 'collection_to_project')),
    upward      INTEGER NOT NULL CHECK (upward IN (0, 1)),
    project     TEXT NOT NULL,
    base        TEXT NOT NULL,
    target      TEXT NOT NULL,
    source      TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('waiting', 'resolved', 'aborted', 'dropped')),
    created_ms  BIGINT NOT NULL
);
CREATE UNIQUE INDEX pending_merges_waiting ON pending_merges (collection, artifact, edge, project)
    WHERE state = 'waiting';

CREATE TABLE pending_choices (
    pending TEXT NOT NULL REFERENCES pending_merges (id),
    place   TEXT NOT NULL,
    choice  TEXT NOT NULL,
    PRIMARY KEY (pending, place)
);

CREATE TABLE artifact_locks (
    collection TEXT NOT NULL,
    artifact   TEXT NOT NULL,
    owner      TEXT NOT NULL,
    reason     TEXT NOT NULL,
    until_ms   BIGINT NOT NULL,
    PRIMARY KEY (collection, artifact)
);
