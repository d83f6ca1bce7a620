#include "sync/review_store.h"

bool version_is_recorded(Workspace *ws, Str artifact, const Hash *source, const Hash *after,
                         bool *out, Error *err)
{
    SCOPED(db_rows_end) DbRows *rows = NULL;
    Str from = hash_is_zero(source) ? STR("-") : hash_format(ws->arena, source);
    if (!db_find(ws->db,
                 "SELECT 1 FROM versions WHERE collection = $1 AND artifact = $2 AND "
                 "(hash = $3 OR hash = $4 OR other_parent = $3) LIMIT 1",
                 DB_VALUES(db_text(str_of(ws->collection_name)), db_text(artifact), db_text(from),
                           db_text(hash_format(ws->arena, after))),
                 &rows, err))
        return false;
    *out = rows != NULL;
    return true;
}

bool risk_acceptance_put(Db *db, Str transaction, size_t seq, const Fact *fact, Error *err)
{
    const Str *f = fact->field;
    return db_run(db,
                  "INSERT INTO risk_acceptances (transaction_id, seq, collection, artifact, tree, "
                  "findings) VALUES ($1, $2, $3, $4, $5, $6)",
                  DB_VALUES(db_text(transaction), db_int((int64_t)seq), db_text(f[0]),
                            db_text(f[1]), db_text(f[2]), db_text(f[3])),
                  err);
}
