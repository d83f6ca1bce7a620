/* What the files of the observer share. */
#pragma once

#include <pthread.h>

#include "base/secret.h"
#include "daemon/observe.h"
#include "http/client.h"
#include "obs/otlp.h"

struct Observer {
    Arena *arena;
    ObserverOptions options;
    Metrics *metrics;
    pthread_mutex_t log_lock;
    Exporter *exporter; /* NULL: no traces are asked for */
    const char *url;    /* of the collector, without a path of its own */
    Secret *headers;    /* as OTEL_EXPORTER_OTLP_HEADERS has them; NULL: none */
    HttpClient *client; /* of the exporter's thread */
};

/* export.c */
MUST_CHECK bool observer_open_export(Observer *observer, Error *err);
