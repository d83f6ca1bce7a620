#include "db/db_internal.h"

static int newest(DbKind kind, const DbMigration *migrations)
{
    int number = 0;
    for (const DbMigration *at = migrations; at->number; at++) {
        if (at->kind == kind)
            number = at->number;
    }
    return number;
}

/* Another process may have done it while this one waited for the lock: the version is read again. */
static bool apply(Db *db, const DbMigration *migration, Error *err)
{
    SCOPED(db_rollback) DbTransaction change = {0};
    int version;
    if (!db_begin(db, &change, err) || !db->driver->version(db, &version, err))
        return false;
    if (version >= migration->number)
        return true;
    return db->driver->script(db, migration->sql, err) &&
           db->driver->set_version(db, migration->number, err) && db_commit(&change, err);
}

bool db_migrate(Db *db, int version, const DbMigration *migrations, Error *err)
{
    int known = newest(db->kind, migrations);
    if (version > known)
        return fail(err, ERR_NEWER_FORMAT, "'%s' has tables of version %d, this weir knows %d",
                    db->name, version, known);
    if (version == known)
        return true;
    for (const DbMigration *at = migrations; at->number; at++) {
        if (at->kind == db->kind && at->number > version && !apply(db, at, err))
            return fail_in(err, "cannot bring '%s' to version %s", db->name, at->name);
    }
    return true;
}
