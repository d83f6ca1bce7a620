-- Undo takes back what was done to the collection at hand, not to another one of the same home.
ALTER TABLE operations ADD COLUMN collection TEXT NOT NULL DEFAULT 'default';
DROP INDEX operations_open;
CREATE INDEX operations_open ON operations (collection, seq)
    WHERE undone_by IS NULL AND undoes IS NULL;
