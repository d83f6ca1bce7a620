/* Metrics: counters, gauges and histograms of durations, by the table metrics.def; Prometheus' text form.
 *
 * From any thread. A metric keeps at most METRIC_SERIES_MOST sets of label values; further ones are counted
 * under "other", so that nothing from outside can make it grow. Label values are copied, cut at 63 bytes.
 * Every call is fine with NULL for the metrics: nothing is counted then.
 */
#pragma once

#include "base/arena.h"

typedef struct Metrics Metrics;

typedef enum {
#define METRIC(name, wire, kind, labels, help) METRIC_##name,
#include "obs/metrics.def"
#undef METRIC
    METRICS,
} Metric;

enum { METRIC_SERIES_MOST = 200 };

Metrics *metrics_new(void);
void metrics_free(Metrics **metrics);

/* `first` and `second`: values of the metric's labels in the table's order; NULL where it has none. */
void metric_add(Metrics *metrics, Metric metric, const char *first, const char *second,
                uint64_t by);
void metric_set(Metrics *metrics, Metric metric, const char *first, double value);
void metric_observe(Metrics *metrics, Metric metric, const char *first, int64_t duration_us);

/* All of them, with HELP and TYPE; a metric without a label is there from the start. */
Str metrics_text(Arena *arena, Metrics *metrics);
