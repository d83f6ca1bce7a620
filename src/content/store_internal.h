/* The store's database, for the room's own files beside store.c. */
#pragma once

#include "content/object_store.h"
#include "content/store.h"

/* Opens it at first use. */
MUST_CHECK bool store_db(Store *store, Db **out, Error *err);
Packer *store_packer(Store *store); /* after store_db */
