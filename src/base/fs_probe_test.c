#include "base/fs_probe.h"

#include <fcntl.h>
#include <sys/mman.h>

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

TEST(tells_a_file_that_someone_has_open_for_writing)
{
    test_write(t, "f", "f");
    SCOPED(fd_close) int read = fs_open_at(t->dir_fd, STR("f"), O_RDONLY, 0);
    SCOPED(fd_close) int other = fs_open_at(t->dir_fd, STR("f"), O_RDONLY, 0);
    CHECK(!fs_open_for_writing(read));
    SCOPED(fd_close) int written = fs_open_at(t->dir_fd, STR("f"), O_RDWR, 0);
    CHECK(fs_open_for_writing(read));
    void *map = mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED, written, 0);
    fd_close(&written);
    CHECK(fs_open_for_writing(read));
    CHECK_INT(munmap(map, 1), 0);
    CHECK(!fs_open_for_writing(read));
    written =
        fs_open_at(t->dir_fd, STR("f"), O_RDWR | O_NONBLOCK, 0); /* the lease has been given back */
    CHECK(written >= 0);
}

TEST(a_folder_that_takes_no_file_is_an_error)
{
    FsProbe probe = {0};
    int proc = -1;
    CHECK_OK(fs_open_root("/proc", &proc, &t->err));
    CHECK(!fs_probe(t->arena, proc, &probe, &t->err));
    fd_close(&proc);
}
