/* The database files themselves, and applies that were never finished. */
#include "sync/verify.h"

#include "base/fs.h"
#include "content/check.h"

static void add_problems(Verify *verify, const char *file, const StrArray *problems)
{
    for (size_t i = 0; i < problems->count; i++) {
        Finding *finding = verify_found(verify, "DATABASE_DAMAGED", str_of(file), "%.*s",
                                        STR_ARG(problems->items[i]));
        finding->advice = "Copy the file, then restore it from a backup. Collection and projects "
                          "are not affected.";
    }
}

static bool check_databases(Verify *verify, Error *err)
{
    Workspace *ws = verify->ws;
    StrArray records = {0};
    StrArray objects = {0};
    if (!db_check(ws->arena, ws->db, &records, err) ||
        !store_check_database(ws->arena, ws->store, &objects, err))
        return false;
    verify->looked_at = 2;
    add_problems(verify, "weir.db", &records);
    add_problems(verify, "objects.db", &objects);
    return true;
}

const VerifyCheck verify_databases = {
    .name = "databases",
    .about = "files",
    .apart = true,
    .check = check_databases,
};

static bool check_applies(Verify *verify, Error *err)
{
    Workspace *ws = verify->ws;
    FsNames names = {0};
    FsStat stat;
    SCOPED(fd_close) int fd = -1;
    if (fs_peek_at(ws->home_fd, STR("txn"), &stat) &&
        (!fs_open_folder(ws->home_fd, STR("txn"), &fd, err) ||
         !fs_list(ws->arena, fd, &names, err)))
        return false;
    verify->looked_at = names.count;
    for (size_t i = 0; i < names.count; i++) {
        Finding *finding = verify_found(verify, "APPLY_UNFINISHED", names.items[i].name,
                                        "an apply was interrupted, and could not be finished yet");
        finding->note = true; /* another weir may be at work on it this moment */
        finding->advice = "It goes on by itself once its folders are back; any command tries.";
    }
    return true;
}

const VerifyCheck verify_applies = {
    .name = "applies",
    .about = "unfinished",
    .apart = true,
    .check = check_applies,
};
