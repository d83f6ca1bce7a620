#include "events/hub.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/thread.h"

enum {
    LOOK_US = 250000,  /* another process may have written */
    OPEN_US = 1000000, /* between tries to open the table */
    EVENTS_AT_ONCE = 256,
    HEARTBEAT_MS = 5000,
    LISTENERS_MOST = 20000,
};

/* Who listens. Its filter's texts lie behind it, in the same block. */
typedef struct Listener {
    ListenerSpec spec;
    int64_t seen; /* the last number that was looked at for it */
    bool late;    /* what is in the table comes first */
    bool gone;
    struct Listener *next;
} Listener;

/* An event that was told, not written. */
typedef struct Told {
    Arena *arena;
    Event event;
    struct Told *next;
} Told;

struct Hub {
    HubOptions options;
    Arena *arena;
    Thread thread;
    Monitor monitor;
    Listener *joining; /* newest first */
    Told *told, **told_end;
    bool woken, resync, closing;
    _Atomic size_t count;
    /* the thread's own */
    Arena *db_arena;
    Db *db;
    int64_t open_us, heartbeat_us, version;
    bool known;   /* `last` has been read */
    int64_t last; /* the last number that those in time were told */
    Listener *listeners;
};

/* ---- listeners ---- */

static size_t texts_bytes(const StrArray *texts)
{
    size_t bytes = texts->count * sizeof(Str);
    for (size_t i = 0; i < texts->count; i++)
        bytes += texts->items[i].len;
    return bytes;
}

/* Lays `texts` out at `*room`: the spans first, so that they are aligned, their bytes at `*bytes`. */
static StrArray lay_out(const StrArray *texts, Str **room, char **bytes)
{
    StrArray copy = {*room, texts->count, texts->count};
    for (size_t i = 0; i < texts->count; i++) {
        Str text = texts->items[i];
        if (text.len)
            memcpy(*bytes, text.data, text.len);
        copy.items[i] = (Str){*bytes, text.len};
        *bytes += text.len;
    }
    *room += texts->count;
    return copy;
}

static Listener *listener_new(const ListenerSpec *spec)
{
    const EventFilter *filter = &spec->filter;
    size_t size = sizeof(Listener) + texts_bytes(&filter->kinds) + texts_bytes(&filter->artifacts) +
                  texts_bytes(&filter->subjects);
    Listener *listener = malloc(size);
    if (!listener)
        out_of_memory(size);
    *listener = (Listener){.spec = *spec, .seen = filter->after, .late = true};
    listener->spec.filter.after = 0; /* `seen` is what counts from here on */
    Str *room = (Str *)(void *)(listener + 1);
    char *bytes =
        (char *)(room + filter->kinds.count + filter->artifacts.count + filter->subjects.count);
    listener->spec.filter.kinds = lay_out(&filter->kinds, &room, &bytes);
    listener->spec.filter.artifacts = lay_out(&filter->artifacts, &room, &bytes);
    listener->spec.filter.subjects = lay_out(&filter->subjects, &room, &bytes);
    return listener;
}

static void listener_end(Hub *hub, Listener *listener)
{
    if (listener->spec.left)
        listener->spec.left(listener->spec.context);
    free(listener);
    atomic_fetch_sub(&hub->count, 1);
}

static void sweep(Hub *hub, bool all)
{
    for (Listener **at = &hub->listeners; *at;) {
        Listener *listener = *at;
        if (!listener->gone && !all) {
            at = &listener->next;
            continue;
        }
        *at = listener->next;
        listener_end(hub, listener);
    }
}

static void tell_gap(Hub *hub, Listener *listener)
{
    const ListenerSpec *spec = &listener->spec;
    listener->seen = hub->last;
    listener->late = false;
    if (!listener->gone && spec->gap && !spec->gap(spec->context, hub->last))
        listener->gone = true;
}

static void forget(Hub *hub, void *shared)
{
    if (shared && hub->options.forget)
        hub->options.forget(shared);
}

static void tell(Listener *listener, const Event *event, void **shared)
{
    const ListenerSpec *spec = &listener->spec;
    if (!listener->gone && !spec->hear(spec->context, event, shared))
        listener->gone = true;
}

/* To those in time; a heartbeat and what was only told, to all. */
static void tell_all(Hub *hub, const Event *event)
{
    void *shared = NULL;
    bool all = !event || event->seq == 0;
    for (Listener *at = hub->listeners; at; at = at->next)
        if ((all || !at->late) && (!event || event_passes(&at->spec.filter, event)))
            tell(at, event, &shared);
    forget(hub, shared);
}

/* ---- the table ---- */

static void close_table(Hub *hub)
{
    db_close(&hub->db);
    arena_close(&hub->db_arena);
    hub->open_us = clock_monotonic_us() + OPEN_US;
}

static bool open_table(Hub *hub)
{
    Error ignored;
    int64_t last;
    if (hub->db && !db_in_place(hub->db)) {
        close_table(hub);
        hub->open_us = 0;
    }
    if (hub->db)
        return true;
    if (clock_monotonic_us() < hub->open_us)
        return false;
    hub->db_arena = arena_open();
    if (!db_open(hub->db_arena, hub->options.folder, DB_RECORDS, &hub->db, &ignored) ||
        (!hub->known && !event_last(hub->db, &last, &ignored))) {
        close_table(hub);
        return false;
    }
    if (!hub->known)
        hub->last = last;
    hub->known = true;
    hub->version = -1;
    return true;
}

/* Whether reading may bring something. */
static bool table_has_changed(Hub *hub)
{
    int64_t version = hub->version;
    Error ignored;
    if (!db_data_version(hub->db, &version, &ignored)) {
        close_table(hub);
        return false;
    }
    bool changed = version != hub->version;
    hub->version = version;
    return changed;
}

static bool read_events(Hub *hub, Arena *arena, int64_t after, Events *out, bool *gap)
{
    EventFilter filter = {.after = after};
    Error ignored;
    if (event_list(arena, hub->db, &filter, EVENTS_AT_ONCE, out, gap, &ignored))
        return true;
    close_table(hub);
    return false;
}

/* True: there may be more. */
static bool tell_new(Hub *hub)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Events events;
    bool gap;
    if (!read_events(hub, arena, hub->last, &events, &gap))
        return false;
    if (gap) {
        if (events.count == 0)
            (void)!event_last(hub->db, &hub->last, &(Error){0});
        else
            hub->last = events.items[0].seq - 1;
        for (Listener *at = hub->listeners; at; at = at->next)
            if (!at->late)
                tell_gap(hub, at);
    }
    for (size_t i = 0; i < events.count; i++) {
        tell_all(hub, &events.items[i]);
        hub->last = events.items[i].seq;
    }
    return events.count == EVENTS_AT_ONCE;
}

/* ---- those who are behind ---- */

static bool earliest(const Hub *hub, int64_t *out)
{
    bool any = false;
    for (const Listener *at = hub->listeners; at; at = at->next) {
        if (at->gone || !at->late || (any && at->seen >= *out))
            continue;
        *out = at->seen;
        any = true;
    }
    return any;
}

static void tell_late(Hub *hub, const Event *event)
{
    void *shared = NULL;
    for (Listener *at = hub->listeners; at; at = at->next) {
        if (!at->late || at->seen >= event->seq)
            continue;
        at->seen = event->seq;
        if (event_passes(&at->spec.filter, event))
            tell(at, event, &shared);
    }
    forget(hub, shared);
}

static void settle_late(Hub *hub, bool gap, int64_t oldest, bool at_end)
{
    for (Listener *at = hub->listeners; at; at = at->next) {
        if (!at->late)
            continue;
        if (at->seen > hub->last || (gap && at->seen + 1 < oldest))
            tell_gap(hub, at);
        else if (at_end || at->seen == hub->last)
            at->late = false;
    }
}

/* One step for all who are behind, from where the last of them is. True: there is more to do. */
static bool catch_up(Hub *hub)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    int64_t from = 0;
    Events events;
    bool gap;
    if (!earliest(hub, &from) || !read_events(hub, arena, from, &events, &gap))
        return false;
    int64_t oldest = events.count ? events.items[0].seq : hub->last + 1;
    settle_late(hub, gap, oldest, false);
    size_t i = 0;
    for (; i < events.count && events.items[i].seq <= hub->last; i++)
        tell_late(hub, &events.items[i]);
    settle_late(hub, false, 0, i < EVENTS_AT_ONCE);
    return earliest(hub, &from);
}

/* ---- the thread ---- */

/* What other threads have left here since. */
typedef struct {
    Listener *joining;
    Told *told;
    bool woken, resync, closing;
} Mail;

static int64_t next_deadline(const Hub *hub)
{
    int64_t look = clock_monotonic_us() + LOOK_US;
    return look < hub->heartbeat_us ? look : hub->heartbeat_us;
}

static Mail take_mail(Hub *hub, bool wait)
{
    int64_t until = next_deadline(hub);
    monitor_enter(&hub->monitor);
    while (wait && !hub->joining && !hub->told && !hub->woken && !hub->resync && !hub->closing &&
           monitor_wait_until(&hub->monitor, until))
        continue;
    Mail mail = {hub->joining, hub->told, hub->woken, hub->resync, hub->closing};
    hub->joining = NULL;
    hub->told = NULL;
    hub->told_end = &hub->told;
    hub->woken = hub->resync = false;
    monitor_leave(&hub->monitor);
    return mail;
}

static void admit(Hub *hub, Listener *joining)
{
    for (Listener *next; joining; joining = next) {
        next = joining->next;
        joining->next = hub->listeners;
        hub->listeners = joining;
        if (joining->seen == HUB_FROM_NOW) {
            joining->seen = hub->last;
            joining->late = false;
        }
    }
}

static void tell_told(Hub *hub, Told *told)
{
    for (Told *next; told; told = next) {
        next = told->next;
        if (hub)
            tell_all(hub, &told->event);
        Arena *arena = told->arena;
        arena_close(&arena);
    }
}

static void beat(Hub *hub)
{
    int64_t now = clock_monotonic_us();
    if (now < hub->heartbeat_us)
        return;
    hub->heartbeat_us = now + (int64_t)hub->options.heartbeat_ms * 1000;
    tell_all(hub, NULL);
}

/* True: not all was done, go on without waiting. Those who join are let in before anything is read: what was
 * committed after they asked is told to them, with perhaps a moment from before. */
static bool attend(Hub *hub, const Mail *mail)
{
    bool more = false;
    admit(hub, mail->joining);
    if (open_table(hub) && (table_has_changed(hub) || mail->woken || mail->joining) && hub->db)
        more = tell_new(hub);
    if (mail->resync)
        for (Listener *at = hub->listeners; at; at = at->next)
            tell_gap(hub, at);
    tell_told(hub, mail->told);
    if (hub->db)
        more |= catch_up(hub);
    beat(hub);
    sweep(hub, false);
    return more;
}

static void *hear_on(void *opaque)
{
    Hub *hub = opaque;
    bool more = true;
    for (;;) {
        Mail mail = take_mail(hub, !more);
        mail.woken |= more;
        if (mail.closing) {
            admit(hub, mail.joining);
            tell_told(NULL, mail.told);
            break;
        }
        more = attend(hub, &mail);
    }
    sweep(hub, true);
    close_table(hub);
    return NULL;
}

/* ---- for other threads ---- */

bool hub_open(const HubOptions *options, Hub **out, Error *err)
{
    Arena *arena = arena_open();
    Hub *hub = ARENA_NEW(arena, Hub);
    *hub = (Hub){.options = *options, .arena = arena};
    hub->options.folder = arena_text(arena, str_of(options->folder));
    if (!options->heartbeat_ms)
        hub->options.heartbeat_ms = HEARTBEAT_MS;
    if (!options->listeners_most)
        hub->options.listeners_most = LISTENERS_MOST;
    hub->heartbeat_us = clock_monotonic_us() + (int64_t)hub->options.heartbeat_ms * 1000;
    hub->told_end = &hub->told;
    monitor_init(&hub->monitor);
    /* From where it listens is settled before anybody can write behind its back. */
    (void)open_table(hub);
    if (!thread_start(&hub->thread, "weir-hub", hear_on, hub, err)) {
        close_table(hub);
        monitor_destroy(&hub->monitor);
        arena_close(&arena);
        return false;
    }
    *out = hub;
    return true;
}

void hub_wake(Hub *hub)
{
    monitor_raise(&hub->monitor, &hub->woken);
}

void hub_resync(Hub *hub)
{
    monitor_raise(&hub->monitor, &hub->resync);
}

bool hub_join(Hub *hub, const ListenerSpec *spec, Error *err)
{
    if (atomic_fetch_add(&hub->count, 1) >= hub->options.listeners_most) {
        atomic_fetch_sub(&hub->count, 1);
        return fail(err, ERR_RATE_LIMITED, "too many listeners");
    }
    Listener *listener = listener_new(spec);
    monitor_enter(&hub->monitor);
    listener->next = hub->joining;
    hub->joining = listener;
    monitor_tell(&hub->monitor);
    monitor_leave(&hub->monitor);
    return true;
}

static Event event_copy(Arena *arena, const Event *event)
{
    Event copy = *event;
    copy.kind = arena_copy(arena, event->kind);
    copy.subject = arena_copy(arena, event->subject);
    copy.artifact = arena_copy(arena, event->artifact);
    copy.trace_id = arena_copy(arena, event->trace_id);
    copy.data = arena_copy(arena, event->data);
    return copy;
}

void hub_tell(Hub *hub, const Event *event)
{
    Arena *arena = arena_open();
    Told *told = ARENA_NEW(arena, Told);
    *told = (Told){.arena = arena, .event = event_copy(arena, event)};
    monitor_enter(&hub->monitor);
    *hub->told_end = told;
    hub->told_end = &told->next;
    monitor_tell(&hub->monitor);
    monitor_leave(&hub->monitor);
}

size_t hub_listeners(Hub *hub)
{
    return atomic_load(&hub->count);
}

void hub_close(Hub **hub)
{
    Hub *closing = *hub;
    if (!closing)
        return;
    monitor_raise(&closing->monitor, &closing->closing);
    thread_join(&closing->thread);
    monitor_destroy(&closing->monitor);
    Arena *arena = closing->arena;
    *hub = NULL;
    arena_close(&arena);
}
