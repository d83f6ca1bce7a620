-- How often an artifact has failed in a row in bulk verbs; a success takes its row away.

CREATE TABLE artifact_failures (
    collection TEXT NOT NULL,
    artifact   TEXT NOT NULL,
    in_a_row   BIGINT NOT NULL,
    PRIMARY KEY (collection, artifact)
);

-- Whether weir made a folder is asked when its last artifact leaves it.
CREATE INDEX operation_folders_path ON operation_folders (root, path);
