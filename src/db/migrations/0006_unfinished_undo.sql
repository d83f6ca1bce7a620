-- Which undo has begun to take an operation back: an undo of many artifacts comes in several transactions.
CREATE INDEX operations_undoes ON operations (undoes) WHERE undoes IS NOT NULL;
