#include "obs/metrics.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

/* Upper ends of the buckets in microseconds, as they are written. */
static const struct {
    int64_t us;
    const char *text;
} buckets[] = {
    {1000, "0.001"},  {2500, "0.0025"}, {5000, "0.005"},  {10000, "0.01"},
    {25000, "0.025"}, {50000, "0.05"},  {100000, "0.1"},  {250000, "0.25"},
    {500000, "0.5"},  {1000000, "1"},   {2500000, "2.5"}, {5000000, "5"},
    {10000000, "10"}, {30000000, "30"}, {60000000, "60"}, {300000000, "300"},
};

typedef enum { KIND_COUNTER, KIND_GAUGE, KIND_SECONDS } Kind;

static const struct {
    const char *name;
    Kind kind;
    const char *labels, *help;
} table[METRICS] = {
#define METRIC(name, wire, kind, labels, help) [METRIC_##name] = {wire, KIND_##kind, labels, help},
#include "obs/metrics.def"
#undef METRIC
};

enum { LABEL_BYTES = 64 };
typedef struct Series Series;
struct Series {
    char label[2][LABEL_BYTES];
    double gauge;
    uint64_t count; /* of a counter: its value */
    int64_t sum_us;
    uint64_t *bucket; /* of a histogram: not cumulated */
    Series *next;
};

struct Metrics {
    pthread_mutex_t mutex;
    Series *series[METRICS]; /* in order of their first use */
    size_t count[METRICS];
};

static void *get_memory(size_t bytes)
{
    void *memory = calloc(1, bytes);
    ASSERT(memory);
    return memory;
}

static void set_label(char out[LABEL_BYTES], const char *value)
{
    size_t len = value ? strnlen(value, LABEL_BYTES - 1) : 0;
    memcpy(out, value ? value : "", len);
    out[len] = 0;
}

static Series *series_new(Metric metric, const char *first, const char *second)
{
    Series *series = get_memory(sizeof *series);
    set_label(series->label[0], first);
    set_label(series->label[1], second);
    if (table[metric].kind == KIND_SECONDS)
        series->bucket = get_memory(sizeof *series->bucket * COUNT_OF(buckets));
    return series;
}

static bool same_label(const char *kept, const char *value)
{
    return strncmp(kept, value ? value : "", LABEL_BYTES - 1) == 0;
}

static Series *find(Metrics *metrics, Metric metric, const char *first, const char *second)
{
    Series **at = &metrics->series[metric];
    for (; *at; at = &(*at)->next)
        if (same_label((*at)->label[0], first) && same_label((*at)->label[1], second))
            return *at;
    bool full = metrics->count[metric] >= METRIC_SERIES_MOST;
    bool other = first && strcmp(first, "other") == 0 && (!second || strcmp(second, "other") == 0);
    if (full && !other)
        return find(metrics, metric, "other", second ? "other" : NULL);
    metrics->count[metric]++;
    return *at = series_new(metric, first, second);
}

Metrics *metrics_new(void)
{
    Metrics *metrics = get_memory(sizeof *metrics);
    ASSERT(pthread_mutex_init(&metrics->mutex, NULL) == 0);
    for (Metric metric = 0; metric < METRICS; metric++)
        if (!table[metric].labels[0])
            (void)find(metrics, metric, NULL, NULL);
    return metrics;
}

void metrics_free(Metrics **metrics)
{
    if (!*metrics)
        return;
    for (Metric metric = 0; metric < METRICS; metric++) {
        for (Series *one = (*metrics)->series[metric], *next; one; one = next) {
            next = one->next;
            free(one->bucket);
            free(one);
        }
    }
    (void)pthread_mutex_destroy(&(*metrics)->mutex);
    free(*metrics);
    *metrics = NULL;
}

void metric_add(Metrics *metrics, Metric metric, const char *first, const char *second, uint64_t by)
{
    ASSERT(table[metric].kind == KIND_COUNTER);
    if (!metrics)
        return;
    (void)pthread_mutex_lock(&metrics->mutex);
    find(metrics, metric, first, second)->count += by;
    (void)pthread_mutex_unlock(&metrics->mutex);
}

void metric_set(Metrics *metrics, Metric metric, const char *first, double value)
{
    ASSERT(table[metric].kind == KIND_GAUGE);
    if (!metrics)
        return;
    (void)pthread_mutex_lock(&metrics->mutex);
    find(metrics, metric, first, NULL)->gauge = value;
    (void)pthread_mutex_unlock(&metrics->mutex);
}

void metric_observe(Metrics *metrics, Metric metric, const char *first, int64_t duration_us)
{
    ASSERT(table[metric].kind == KIND_SECONDS);
    if (!metrics)
        return;
    int64_t us = duration_us < 0 ? 0 : duration_us;
    (void)pthread_mutex_lock(&metrics->mutex);
    Series *series = find(metrics, metric, first, NULL);
    series->count++;
    series->sum_us += us;
    for (size_t i = 0; i < COUNT_OF(buckets); i++) {
        if (us > buckets[i].us)
            continue;
        series->bucket[i]++;
        break;
    }
    (void)pthread_mutex_unlock(&metrics->mutex);
}

/* ── the text form ── */

static void add_value(Buf *buf, const char *value)
{
    for (const char *c = value; *c; c++) {
        if (*c == '\\' || *c == '"')
            buf_add_char(buf, '\\');
        if (*c == '\n')
            buf_add_text(buf, "\\n");
        else
            buf_add_char(buf, (unsigned char)*c < ' ' || *c == 127 ? '?' : *c);
    }
}

/* {endpoint="/healthz",status="200",le="0.1"} */
static void add_labels(Buf *buf, Metric metric, const Series *series, const char *le)
{
    Str names = str_of(table[metric].labels), name = {0};
    size_t filled = 0;
    for (; filled < 2 && str_next(&names, ',', &name); filled++) {
        buf_format(buf, "%s%.*s=\"", filled ? "," : "{", (int)name.len, name.data);
        add_value(buf, series->label[filled]);
        buf_add_char(buf, '"');
    }
    if (le)
        buf_format(buf, "%sle=\"%s\"", filled++ ? "," : "{", le);
    if (filled)
        buf_add_char(buf, '}');
}

static void add_line(Buf *buf, Metric metric, const Series *series, const char *suffix,
                     const char *le, uint64_t value)
{
    buf_format(buf, "%s%s", table[metric].name, suffix);
    add_labels(buf, metric, series, le);
    buf_format(buf, " %llu\n", (unsigned long long)value);
}

static void add_seconds(Buf *buf, Metric metric, const Series *series)
{
    uint64_t below = 0;
    for (size_t i = 0; i < COUNT_OF(buckets); i++)
        add_line(buf, metric, series, "_bucket", buckets[i].text, below += series->bucket[i]);
    add_line(buf, metric, series, "_bucket", "+Inf", series->count);
    buf_format(buf, "%s_sum", table[metric].name);
    add_labels(buf, metric, series, NULL);
    buf_format(buf, " %lld.%06lld\n", (long long)(series->sum_us / 1000000),
               (long long)(series->sum_us % 1000000));
    add_line(buf, metric, series, "_count", NULL, series->count);
}

static void add_series(Buf *buf, Metric metric, const Series *series)
{
    if (table[metric].kind == KIND_SECONDS) {
        add_seconds(buf, metric, series);
    } else if (table[metric].kind == KIND_COUNTER) {
        add_line(buf, metric, series, "", NULL, series->count);
    } else {
        buf_add_text(buf, table[metric].name);
        add_labels(buf, metric, series, NULL);
        buf_format(buf, " %.15g\n", series->gauge);
    }
}

Str metrics_text(Arena *arena, Metrics *metrics)
{
    static const char *const kinds[] = {"counter", "gauge", "histogram"};
    Buf buf = buf_new(arena);
    (void)pthread_mutex_lock(&metrics->mutex);
    for (Metric metric = 0; metric < METRICS; metric++) {
        buf_format(&buf, "# HELP %s %s\n# TYPE %s %s\n", table[metric].name, table[metric].help,
                   table[metric].name, kinds[table[metric].kind]);
        for (const Series *one = metrics->series[metric]; one; one = one->next)
            add_series(&buf, metric, one);
    }
    (void)pthread_mutex_unlock(&metrics->mutex);
    return buf_str(&buf);
}
