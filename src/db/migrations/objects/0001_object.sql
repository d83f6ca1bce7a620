-- What the store keeps: blobs (1) under the SHA-256 of their bytes, trees (2) under their tree hash.
-- An object is one or more chunks of at most 1 MiB, each packed by itself: raw (0) or zstd (1).
CREATE TABLE object (
    hash       BYTEA   NOT NULL,
    kind       INTEGER NOT NULL CHECK (kind IN (1, 2)),
    chunk      INTEGER NOT NULL CHECK (chunk >= 0),
    size_bytes BIGINT  NOT NULL CHECK (size_bytes >= 0), -- of the whole object, unpacked
    packing    INTEGER NOT NULL CHECK (packing IN (0, 1)),
    bytes      BYTEA   NOT NULL,
    kept_ms    BIGINT  NOT NULL,
    PRIMARY KEY (hash, kind, chunk)
);
