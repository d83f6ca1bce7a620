-- What a person said yes to when a change was reviewed: kept with the operation that took it.

CREATE TABLE risk_acceptances (
    transaction_id TEXT NOT NULL REFERENCES operation_transactions (id),
    seq            INTEGER NOT NULL,
    collection     TEXT NOT NULL,
    artifact       TEXT NOT NULL,
    tree           TEXT NOT NULL, -- what the artifact became
    findings       TEXT NOT NULL, -- "hook hooks/hooks.json:3, executable scripts/x.sh"
    PRIMARY KEY (transaction_id, seq)
);
