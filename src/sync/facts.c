#include "sync/facts.h"

static void encode_one(Buf *out, const Fact *fact)
{
    buf_format(out, "%d %lld\n", (int)fact->kind, (long long)fact->group);
    for (size_t i = 0; i < FACT_FIELDS; i++) {
        buf_format(out, "%zu:", fact->field[i].len);
        buf_add(out, fact->field[i]);
    }
    buf_add_char(out, '\n');
}

Str facts_encode(Arena *arena, const Facts *facts)
{
    Buf out = buf_new(arena);
    for (size_t i = 0; i < facts->count; i++)
        encode_one(&out, &facts->items[i]);
    return buf_str(&out);
}

static bool decode_head(Str *rest, Fact *fact)
{
    Str kind;
    Str group;
    uint64_t number;
    if (!str_next(rest, ' ', &kind) || !str_next(rest, '\n', &group) ||
        !str_to_u64(kind, &number) || number >= FACT_KINDS)
        return false;
    fact->kind = (FactKind)number;
    if (str_is(group, "-1")) {
        fact->group = FACT_NO_GROUP;
        return true;
    }
    if (!str_to_u64(group, &number) || number > INT64_MAX)
        return false;
    fact->group = (int64_t)number;
    return true;
}

static bool decode_field(Str *rest, Str *out)
{
    Str length;
    uint64_t len;
    if (!str_next(rest, ':', &length) || !str_to_u64(length, &len) || len > rest->len)
        return false;
    *out = str_slice(*rest, 0, len);
    *rest = str_slice(*rest, len, rest->len);
    return true;
}

bool facts_decode(Arena *arena, Str bytes, Facts *out, Error *err)
{
    Facts facts = {0};
    Str rest = bytes;
    while (rest.len) {
        Fact fact = {0};
        bool good = decode_head(&rest, &fact);
        for (size_t i = 0; good && i < FACT_FIELDS; i++)
            good = decode_field(&rest, &fact.field[i]);
        if (!good || !rest.len || rest.data[0] != '\n')
            return fail(err, ERR_CORRUPT, "the facts of a transaction are torn after %zu",
                        facts.count);
        rest = str_slice(rest, 1, rest.len);
        ARRAY_PUSH(arena, &facts, fact);
    }
    *out = facts;
    return true;
}
