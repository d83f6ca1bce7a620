/* The facts in an apply's payload: what is accepted is encoded again byte for byte. */
#include "base/arena.h"
#include "sync/facts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Facts facts;
    Error err = {0};
    if (!facts_decode(arena, (Str){(const char *)data, size}, &facts, &err)) {
        ASSERT(err.code == ERR_CORRUPT);
        return 0;
    }
    Str text = facts_encode(arena, &facts);
    Facts again;
    ASSERT(facts_decode(arena, text, &again, &err) && again.count == facts.count);
    Str twice = facts_encode(arena, &again);
    ASSERT(str_equal(text, twice));
    return 0;
}
