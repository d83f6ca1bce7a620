#include "events/hub.h"

#include <stdatomic.h>

#include "base/clock.h"
#include "testing/test.h"

static Db *open_db(Test *t)
{
    Db *db = NULL;
    CHECK_OK(db_open(t->arena, t->dir, DB_RECORDS, &db, &t->err));
    return db;
}

static int64_t add(Test *t, Db *db, const char *kind, const char *subject, const char *artifact)
{
    SCOPED(db_rollback) DbTransaction change = {0};
    int64_t seq = 0;
    Event event = {.kind = str_of(kind), .subject = str_of(subject), .artifact = str_of(artifact)};
    CHECK_OK(db_begin(db, &change, &t->err));
    CHECK_OK(event_add(db, &event, &seq, &t->err));
    CHECK_OK(db_commit(&change, &t->err));
    return seq;
}

TEST(numbers_events_from_one_without_gaps_also_after_a_rollback)
{
    SCOPED(db_close) Db *db = open_db(t);
    CHECK_INT(add(t, db, "job.queued", "a", ""), 1);
    {
        SCOPED(db_rollback) DbTransaction change = {0};
        int64_t seq;
        CHECK_OK(db_begin(db, &change, &t->err));
        CHECK_OK(event_add(db, &(Event){.kind = STR("job.error")}, &seq, &t->err));
        CHECK_INT(seq, 2);
    }
    CHECK_INT(add(t, db, "job.running", "a", ""), 2);
    int64_t last;
    CHECK_OK(event_last(db, &last, &t->err));
    CHECK_INT(last, 2);
}

TEST(refuses_a_kind_that_is_not_in_the_list)
{
    SCOPED(db_close) Db *db = open_db(t);
    SCOPED(db_rollback) DbTransaction change = {0};
    int64_t seq;
    CHECK_OK(db_begin(db, &change, &t->err));
    CHECK_FAILS(ERR_INVALID, event_add(db, &(Event){.kind = STR("job.born")}, &seq, &t->err));
    CHECK(event_pattern_is_known(STR("job.*")) && !event_pattern_is_known(STR("cat.*")));
}

TEST(lists_what_a_filter_lets_through_and_tells_of_a_gap)
{
    SCOPED(db_close) Db *db = open_db(t);
    for (int i = 0; i < 10; i++)
        (void)add(t, db, i % 2 ? "job.success" : "job.queued", "j", i < 5 ? "skill:a" : "");
    EventFilter filter = {.after = 2};
    Events events;
    bool gap;
    ARRAY_PUSH(t->arena, &filter.kinds, STR("job.success"));
    ARRAY_PUSH(t->arena, &filter.artifacts, STR("skill:b"));
    CHECK_OK(event_list(t->arena, db, &filter, 9, &events, &gap, &t->err));
    CHECK(!gap && events.count == 3);
    CHECK_INT(events.items[0].seq, 6);

    size_t removed;
    CHECK_OK(event_prune(db, INT64_MAX, 4, &removed, &t->err));
    CHECK_INT(removed, 4);
    CHECK_OK(event_list(t->arena, db, &filter, 9, &events, &gap, &t->err));
    CHECK(gap);
    filter.after = 4;
    CHECK_OK(event_list(t->arena, db, &filter, 9, &events, &gap, &t->err));
    CHECK(!gap);
    filter.after = 11;
    CHECK_OK(event_list(t->arena, db, &filter, 9, &events, &gap, &t->err));
    CHECK(gap && events.count == 0);
}

TEST(keeps_numbers_rising_when_all_events_are_removed)
{
    SCOPED(db_close) Db *db = open_db(t);
    (void)add(t, db, "job.queued", "a", "");
    size_t removed;
    CHECK_OK(event_prune(db, INT64_MAX, 10, &removed, &t->err));
    CHECK_INT(removed, 1);
    CHECK_INT(add(t, db, "job.queued", "a", ""), 2);
}

/* ---- the hub ---- */

typedef struct {
    _Atomic int64_t last;
    _Atomic int heard, wrong, gaps, beats, left;
    int leave_after;
} Ear;

static _Atomic int forgotten;
static _Atomic int made;

static void forget(void *shared)
{
    (void)shared;
    atomic_fetch_add(&forgotten, 1);
}

static bool hear(void *context, const Event *event, void **shared)
{
    Ear *ear = context;
    if (!event) {
        atomic_fetch_add(&ear->beats, 1);
        return true;
    }
    if (!*shared) {
        *shared = ear;
        atomic_fetch_add(&made, 1);
    }
    if (event->seq && event->seq <= ear->last)
        atomic_fetch_add(&ear->wrong, 1);
    if (event->seq)
        ear->last = event->seq;
    return atomic_fetch_add(&ear->heard, 1) + 1 != ear->leave_after;
}

static bool hear_gap(void *context, int64_t last_seq)
{
    Ear *ear = context;
    ear->last = last_seq;
    atomic_fetch_add(&ear->gaps, 1);
    return true;
}

static void ear_left(void *context)
{
    atomic_fetch_add(&((Ear *)context)->left, 1);
}

static void join(Test *t, Hub *hub, Ear *ear, int64_t after)
{
    ListenerSpec spec = {{.after = after}, hear, hear_gap, ear_left, ear};
    CHECK_OK(hub_join(hub, &spec, &t->err));
}

static void await(const _Atomic int *value, int wanted)
{
    int64_t end = clock_monotonic_us() + 20000000;
    while (*value < wanted && clock_monotonic_us() < end)
        clock_sleep_ms(1);
    CHECK_INT(*value, wanted);
}

static Hub *open_hub(Test *t)
{
    Hub *hub = NULL;
    HubOptions options = {.folder = t->dir, .heartbeat_ms = 50, .forget = forget};
    CHECK_OK(hub_open(&options, &hub, &t->err));
    return hub;
}

TEST(tells_each_listener_everything_once_from_where_it_joined)
{
    SCOPED(db_close) Db *db = open_db(t);
    for (int i = 0; i < 600; i++)
        (void)add(t, db, "job.progress", "j", "");
    SCOPED(hub_close) Hub *hub = open_hub(t);
    Ear all = {0}, some = {.last = 550}, fresh = {0};
    join(t, hub, &all, 0);
    join(t, hub, &some, 550);
    join(t, hub, &fresh, HUB_FROM_NOW);
    await(&all.heard, 600);
    await(&some.heard, 50);
    for (int i = 0; i < 100; i++) {
        (void)add(t, db, "job.progress", "j", "");
        if (i % 10 == 0)
            hub_wake(hub);
    }
    hub_wake(hub);
    await(&all.heard, 700);
    await(&some.heard, 150);
    await(&fresh.heard, 100);
    CHECK(all.wrong + some.wrong + fresh.wrong + all.gaps + some.gaps == 0);
    hub_close(&hub);
    CHECK(all.left == 1 && some.left == 1 && fresh.left == 1);
    CHECK(forgotten == made);
}

TEST(sees_what_another_handle_writes_without_being_woken)
{
    SCOPED(db_close) Db *db = open_db(t);
    SCOPED(hub_close) Hub *hub = open_hub(t);
    Ear ear = {0};
    join(t, hub, &ear, HUB_FROM_NOW);
    await(&ear.beats, 1);
    (void)add(t, db, "job.queued", "j", "");
    await(&ear.heard, 1);
}

/* The hub's own handle is the last on the old file: until it lets go nobody here may open the new one. */
TEST(hears_on_when_its_table_is_another_one)
{
    Db *db = open_db(t);
    for (int i = 0; i < 5; i++)
        (void)add(t, db, "job.queued", "j", "");
    SCOPED(hub_close) Hub *hub = open_hub(t);
    Ear ear = {0};
    join(t, hub, &ear, 0);
    await(&ear.heard, 5);
    db_close(&db);
    (void)test_shell(t, "mkdir old; mv weir.db* old");
    int64_t end = clock_monotonic_us() + 30000000;
    while (!db_open(t->arena, t->dir, DB_RECORDS, &db, &t->err) && clock_monotonic_us() < end)
        clock_sleep_ms(10);
    CHECK(db);
    (void)add(t, db, "job.queued", "other", "");
    await(&ear.gaps, 1);
    (void)add(t, db, "job.queued", "other", "");
    while (ear.last != 2 && clock_monotonic_us() < end)
        clock_sleep_ms(1);
    CHECK(ear.last == 2 && ear.wrong == 0);
    db_close(&db);
}

TEST(tells_a_gap_to_who_comes_too_late_and_to_who_knows_too_much)
{
    SCOPED(db_close) Db *db = open_db(t);
    for (int i = 0; i < 20; i++)
        (void)add(t, db, "job.progress", "j", "");
    size_t removed;
    CHECK_OK(event_prune(db, INT64_MAX, 10, &removed, &t->err));
    SCOPED(hub_close) Hub *hub = open_hub(t);
    Ear late = {0}, wild = {0}, good = {.last = 10};
    join(t, hub, &late, 3);
    join(t, hub, &wild, 999);
    join(t, hub, &good, 10);
    await(&late.gaps, 1);
    await(&wild.gaps, 1);
    await(&good.heard, 10);
    CHECK(late.heard == 0 && wild.heard == 0 && good.gaps == 0);
    (void)add(t, db, "job.queued", "j", "");
    hub_wake(hub);
    await(&late.heard, 1);
    await(&wild.heard, 1);
    await(&good.heard, 11);
}

TEST(lets_a_listener_go_that_will_not_hear_more)
{
    SCOPED(db_close) Db *db = open_db(t);
    SCOPED(hub_close) Hub *hub = open_hub(t);
    Ear ear = {.leave_after = 3}, other = {0};
    join(t, hub, &ear, HUB_FROM_NOW);
    join(t, hub, &other, HUB_FROM_NOW);
    await(&other.beats, 1);
    for (int i = 0; i < 6; i++)
        (void)add(t, db, "job.progress", "j", "");
    hub_wake(hub);
    await(&other.heard, 6);
    await(&ear.left, 1);
    CHECK_INT(ear.heard, 3);
    CHECK_INT(hub_listeners(hub), 1);
}

TEST(passes_on_what_no_table_holds)
{
    SCOPED(hub_close) Hub *hub = open_hub(t);
    Ear ear = {0};
    join(t, hub, &ear, HUB_FROM_NOW);
    hub_tell(hub, &(Event){.kind = STR("job.queued"), .subject = STR("j")});
    await(&ear.heard, 1);
    hub_resync(hub);
    await(&ear.gaps, 1);
}

TEST(refuses_one_listener_too_many)
{
    SCOPED(hub_close) Hub *hub = NULL;
    HubOptions options = {.folder = t->dir, .listeners_most = 1};
    CHECK_OK(hub_open(&options, &hub, &t->err));
    Ear ear = {0};
    join(t, hub, &ear, HUB_FROM_NOW);
    ListenerSpec spec = {{0}, hear, hear_gap, ear_left, &ear};
    CHECK_FAILS(ERR_RATE_LIMITED, hub_join(hub, &spec, &t->err));
    hub_close(&hub);
    CHECK_INT(ear.left, 1);
}

TEST(tells_ten_thousand_listeners_each_event_once)
{
    enum { EARS = 10000 };
    SCOPED(db_close) Db *db = open_db(t);
    SCOPED(hub_close) Hub *hub = open_hub(t);
    Ear *ears = ARENA_ARRAY(t->arena, Ear, EARS);
    for (int i = 0; i < EARS; i++)
        join(t, hub, &ears[i], i % 2 ? 0 : HUB_FROM_NOW);
    await(&ears[0].beats, 1);
    for (int i = 0; i < 10; i++)
        (void)add(t, db, "job.progress", "j", "");
    hub_wake(hub);
    for (int i = 0; i < EARS; i++)
        await(&ears[i].heard, 10);
    for (int i = 0; i < EARS; i++)
        CHECK(ears[i].wrong == 0 && ears[i].gaps == 0);
}
