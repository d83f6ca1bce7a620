-- What a check found damaged, as it was: put aside so that the object can be put again, never thrown away.
CREATE TABLE damaged_object (
    hash       BYTEA   NOT NULL,
    kind       INTEGER NOT NULL,
    chunk      INTEGER NOT NULL,
    size_bytes BIGINT  NOT NULL,
    packing    INTEGER NOT NULL,
    bytes      BYTEA   NOT NULL,
    kept_ms    BIGINT  NOT NULL,
    aside_ms   BIGINT  NOT NULL
);
