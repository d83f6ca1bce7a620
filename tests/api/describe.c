/* describe openapi | page: what the tables of src/api say, as OpenAPI or as the middle of docs/api.md. */
#include <stdio.h>
#include <string.h>

#include "api/api_internal.h"

extern const Record event_record;
extern const Record api_failure_record;

static const char *const kinds[] = {
    [FIELD_TEXT] = "text",
    [FIELD_TEXTS] = "list of texts",
    [FIELD_INTEGER] = "number",
    [FIELD_BOOL] = "true or false",
    [FIELD_TIME] = "time",
    [FIELD_WORD] = "word",
    [FIELD_HASH] = "64 hex digits",
    [FIELD_RECORD] = "object",
    [FIELD_POINTER] = "object",
    [FIELD_RECORDS] = "list of objects",
    [FIELD_MAP] = "object of any keys",
    [FIELD_JSON] = "any JSON",
    [FIELD_ANY] = "any JSON",
};

/* "word: `a`, `b`", "number, 1 to 200", "list of objects: [Check](#check)" */
static void print_kind(const Field *field)
{
    fputs(kinds[field->kind], stdout);
    if (field->kind == FIELD_INTEGER && (field->least || field->most))
        printf(", %lld to %lld", (long long)field->least, (long long)field->most);
    for (size_t i = 0; field->words && field->words[i]; i++)
        printf("%s`%s`", i ? ", " : ": ", field->words[i]);
    if (field->of)
        printf(": %s", field->of->name);
    if (field->nullable)
        fputs(", or null", stdout);
}

static void print_fields(const Record *record)
{
    puts("\n| field | holds | meaning |\n|---|---|---|");
    for (const Field *field = record->fields; field->name; field++) {
        printf("| `%s`%s | ", field->name, field->required ? "" : " (may be absent)");
        print_kind(field);
        printf(" | %s |\n", field->about ? field->about : "");
    }
}

static void print_parameters(const Endpoint *endpoint)
{
    if (!endpoint->parameters)
        return;
    puts("\n| parameter | holds | meaning |\n|---|---|---|");
    for (const ApiParameter *one = endpoint->parameters; one->name; one++) {
        Field field = parameter_field(one);
        printf("| `%s` | ", one->name);
        print_kind(&field);
        printf(" | %s", one->about);
        if (one->standard)
            printf("; %s when absent", one->standard);
        puts(" |");
    }
}

static void print_endpoint(const Endpoint *endpoint)
{
    size_t end = strlen(endpoint->summary) - 1;
    printf("\n### %s %s\n\n%s%s", endpoint->method, endpoint->path, endpoint->summary,
           endpoint->summary[end] == '?' ? "" : ".");
    if (endpoint->about)
        printf(" %s", endpoint->about);
    puts("");
    print_parameters(endpoint);
    if (endpoint->body) {
        printf("\nBody: %s, %s.\n", endpoint->body->name, endpoint->body->about);
        print_fields(endpoint->body);
    }
    printf("\nReply: %d", endpoint->status ? endpoint->status : 200);
    if (endpoint->also)
        printf(" or %d", endpoint->also);
    if (endpoint->reply)
        printf(", %s: %s", endpoint->reply->name, endpoint->reply->about);
    else
        printf(", `%s`", endpoint->reply_type);
    for (size_t i = 0; i < ENDPOINT_FAILS_MOST && endpoint->fails[i]; i++)
        printf("%s`%s`", i ? ", " : ". Fails with ", error_name(endpoint->fails[i]));
    puts(".");
    if (endpoint->idempotent_key)
        puts("Takes `Idempotency-Key`.");
    if (endpoint->etag)
        puts("Has an `ETag`; with `If-None-Match` 304 when nothing has changed.");
    if (endpoint->open)
        puts("Needs no token.");
}

typedef ARRAY(const Record *) Records;

static void collect(Arena *arena, Records *records, const Record *record)
{
    for (size_t i = 0; i < records->count; i++)
        if (records->items[i] == record)
            return;
    ARRAY_PUSH(arena, records, record);
    for (const Field *field = record->fields; field->name; field++)
        if (field->of)
            collect(arena, records, field->of);
}

static void print_page(Arena *arena)
{
    Records records = {0};
    const char *tag = "";
    for (size_t i = 0; i < api_endpoint_count(); i++) {
        const Endpoint *endpoint = api_endpoint(i);
        if (strcmp(tag, endpoint->tag) != 0)
            printf("\n## %c%s\n", endpoint->tag[0] & ~0x20, endpoint->tag + 1);
        tag = endpoint->tag;
        print_endpoint(endpoint);
        if (endpoint->reply)
            collect(arena, &records, endpoint->reply);
    }
    collect(arena, &records, &event_record);
    collect(arena, &records, &api_failure_record);
    puts("\n## Records");
    for (size_t i = 0; i < records.count; i++) {
        printf("\n### %s\n\n%s.\n", records.items[i]->name, records.items[i]->about);
        print_fields(records.items[i]);
    }
}

int main(int argc, char **argv)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    if (argc == 2 && strcmp(argv[1], "page") == 0) {
        print_page(arena);
        return 0;
    }
    if (argc == 2 && strcmp(argv[1], "openapi") == 0) {
        Str text = api_openapi(arena);
        return fwrite(text.data, 1, text.len, stdout) == text.len ? 0 : 1;
    }
    fputs("usage: describe openapi | page\n", stderr);
    return 2;
}
