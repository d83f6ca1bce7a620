/* The waiting merges of a session: all found, and the database asked once. */
#include "sync/fixture_test.h"
#include "sync/pending_index.h"

TEST(waiting_merges_are_found_by_edge_and_asked_for_once_in_a_session)
{
    World *world = world_new(t);
    SCOPED(session_close) Session *session = NULL;
    SessionSpec spec = {0};
    const PendingMerge *found = NULL;
    (void)world_add(world, "skills/*", "latest");
    test_write(t, "home/collections/default/skills/pdf/SKILL.md", "mine\n");
    upstream_commit(world, "skills/pdf/SKILL.md", "theirs\n", "v1.1.0");
    (void)world_sync(world, NULL, SYNC_UPSTREAM, NULL, true);
    CHECK_OK(session_open(&world->ws, &spec, &session, &t->err));
    CHECK_OK(pending_of_edge(session, STR("skill:doc"), EDGE_UPSTREAM, NULL, &found, &t->err));
    CHECK(!found);
    (void)test_shell(t, "sqlite3 home/weir.db \"UPDATE pending_merges SET state = 'dropped'\"");
    CHECK_OK(pending_of_edge(session, STR("skill:pdf"), EDGE_UPSTREAM, NULL, &found, &t->err));
    CHECK(found && str_is(found->artifact, "skill:pdf") && found->created_ms > 0);
    CHECK_OK(pending_of_edge(session, STR("skill:pdf"), EDGE_PROJECT, "/p", &found, &t->err));
    CHECK(!found);
    session_close(&session);
    CHECK_OK(session_open(&world->ws, &spec, &session, &t->err));
    CHECK_OK(pending_of_edge(session, STR("skill:pdf"), EDGE_UPSTREAM, NULL, &found, &t->err));
    CHECK(!found);
    world_close(world);
}
