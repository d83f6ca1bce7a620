#include "base/fs_probe.h"

#include "base/fs.h"
#include "testing/test.h"

TEST(tells_what_the_file_system_can_do_and_leaves_nothing_behind)
{
    FsProbe probe = {0};
    FsNames names = {0};
    CHECK_OK(fs_probe(t->arena, t->dir_fd, &probe, &t->err));
    CHECK(probe.kind[0] != '\0');
    CHECK(probe.free_bytes > 0);
    CHECK(probe.locks);
    CHECK(probe.ahead_ms > -60000 && probe.ahead_ms < 60000);
    CHECK_OK(fs_list(t->arena, t->dir_fd, &names, &t->err));
    CHECK_INT(names.count, 0);
}

TEST(a_folder_that_takes_no_file_is_an_error)
{
    FsProbe probe = {0};
    int proc = -1;
    CHECK_OK(fs_open_root("/proc", &proc, &t->err));
    CHECK(!fs_probe(t->arena, proc, &probe, &t->err));
    fd_close(&proc);
}
