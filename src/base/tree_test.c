#include "base/tree.h"

#include <string.h>

#include "testing/test.h"

/* The vectors of docs/content-hash.md. A failure here means that every hash ever written is void. */
static const char EMPTY[] = "afa8c87c6f8f9c64530953800ba9764e2eb2aa2300a175cf4c78f6e41d6c905f";
static const char HELLO[] = "ba12ad5957e9ddb28d996816798459d1c95355b50f73913b0e4a771678fa817a";
static const char HELLO_EXEC[] = "3f6638b4ea0ea1ded267d134eccc85df441b2709e16a463618563ae78cd3fe6f";
static const char FOLDER[] = "81890ba7cb192da42d1c40d8cce95fe6062a3c1fd7a5d4a4b56c16dd6dfd9775";

typedef struct {
    const char *path;
    Mode mode;
    const char *blob;
} Vector;

static Tree tree_of(Test *t, const Vector *vectors, size_t count)
{
    Tree tree = {0};
    for (size_t i = 0; i < count; i++) {
        Str blob = str_of(vectors[i].blob);
        TreeEntry entry = {str_of(vectors[i].path), vectors[i].mode, hash_of(blob), blob.len};
        ARRAY_PUSH(t->arena, &tree, entry);
    }
    tree_sort(&tree);
    return tree;
}

static const char *hash_text(Test *t, const Tree *tree)
{
    Hash hash = tree_hash(tree);
    return arena_text(t->arena, str_of(hash_hex(&hash).text));
}

static const Vector folder[] = {
    {"run", MODE_EXEC, "#!/bin/sh\n"}, {"\xff", MODE_FILE, "1"},
    {"a/b", MODE_FILE, "b\n"},         {"link", MODE_LINK, "a/b"},
    {"a.txt", MODE_FILE, ""},          {"caf\xc3\xa9", MODE_FILE, "x\r\ny"},
};

TEST(hashes_the_fixed_vectors_as_ever)
{
    const Vector hello = {"", MODE_FILE, "hello\n"};
    const Vector hello_exec = {"", MODE_EXEC, "hello\n"};
    Tree tree = {0};
    CHECK_TEXT(hash_text(t, &tree), EMPTY);
    tree = tree_of(t, &hello, 1);
    CHECK_TEXT(hash_text(t, &tree), HELLO);
    tree = tree_of(t, &hello_exec, 1);
    CHECK_TEXT(hash_text(t, &tree), HELLO_EXEC);
    tree = tree_of(t, folder, COUNT_OF(folder));
    CHECK_TEXT(hash_text(t, &tree), FOLDER);
}

/* The canonical text, made by the shell for the same folder; as in docs/content-hash.md. */
TEST(agrees_with_the_shell_and_sha256sum)
{
    const char *by_hand = test_shell(
        t,
        "mkdir -p f/a f/e && cd f && printf 'b\\n' >a/b && : >a.txt && printf '#!/bin/sh\\n' >run "
        "&& "
        "chmod 755 run && ln -s a/b link && printf 1 >\"$(printf '\\377')\" && "
        "printf 'x\\r\\ny' >\"$(printf 'caf\\303\\251')\" && export LC_ALL=C && { "
        "printf 'weir tree 1\\n'; find . ! -type d | sed 's,^\\./,,' | sort | "
        "while IFS= read -r path; do mode=f; [ ! -x \"$path\" ] || mode=x; "
        "[ ! -L \"$path\" ] || mode=l; len=$(printf %%s \"$path\" | wc -c); "
        "printf \"$mode\\\\0\\\\0\\\\0\\\\$(printf %%o $len)%%s\" \"$path\"; "
        "if [ $mode = l ]; then readlink -n \"$path\"; else cat \"$path\"; fi | sha256sum | "
        "cut -c 1-64 | tr -d '\\n' | sed 's/../\\\\x&/g' | xargs -0 printf; done; } | sha256sum | "
        "cut -c 1-64");
    CHECK_STR(str_trim(str_of(by_hand)), str_of(FOLDER));
}

TEST(counts_every_part_of_an_entry_and_nothing_else)
{
    Tree tree = tree_of(t, folder, COUNT_OF(folder));
    tree.items[1].size_bytes = 77;
    CHECK_TEXT(hash_text(t, &tree), FOLDER);
    tree.items[1].path = STR("a/c");
    CHECK(strcmp(hash_text(t, &tree), FOLDER) != 0);
    tree = tree_of(t, folder, COUNT_OF(folder));
    tree.items[0].mode = MODE_EXEC;
    CHECK(strcmp(hash_text(t, &tree), FOLDER) != 0);
    tree = tree_of(t, folder, COUNT_OF(folder));
    tree.items[5].hash.bytes[31] ^= 1;
    CHECK(strcmp(hash_text(t, &tree), FOLDER) != 0);
}

TEST(sorts_by_bytes_not_by_folders)
{
    Tree tree = tree_of(t, folder, COUNT_OF(folder));
    CHECK_STR(tree.items[0].path, STR("a.txt"));
    CHECK_STR(tree.items[1].path, STR("a/b"));
    CHECK_STR(tree.items[5].path, STR("\xff"));
    CHECK(tree_find(&tree, STR("run")) == &tree.items[4]);
    CHECK(tree_find(&tree, STR("ru")) == NULL);
}

TEST(reads_back_what_it_wrote_to_the_byte)
{
    Tree tree = tree_of(t, folder, COUNT_OF(folder));
    Tree back;
    Str text = tree_write(t->arena, &tree);
    CHECK_OK(tree_read(t->arena, text, &back, &t->err));
    CHECK(tree_equal(&tree, &back));
    CHECK_STR(tree_write(t->arena, &back), text);
    CHECK(tree_bytes(&back) == tree_bytes(&tree));
}

/* Whatever one byte becomes: refused, or another tree that is written back just so. */
TEST(reads_no_second_form_of_a_tree)
{
    Tree tree = tree_of(t, folder, COUNT_OF(folder));
    Str text = tree_write(t->arena, &tree);
    int rounds = test_rounds(3000);
    for (int round = 0; round < rounds; round++) {
        SCOPED(arena_rewind) ArenaMark mark = arena_mark(t->arena);
        char *bytes = arena_text(t->arena, text);
        Str changed = {bytes, text.len - test_below(t, 2) * test_below(t, text.len)};
        Tree back;
        Error err;
        bytes[test_below(t, text.len)] = (char)test_below(t, 256);
        if (tree_read(t->arena, changed, &back, &err))
            CHECK_STR(tree_write(t->arena, &back), changed);
    }
}

TEST(refuses_stored_trees_that_are_not_canonical)
{
#define BLOB "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    static const char *const bad[] = {
        "",
        "weir tree 2\n",
        "weir tree 1",
        "weir tree 1\nf " BLOB " 3 1 a",
        "weir tree 1\nf " BLOB " 3 1 a\n\n",
        "weir tree 1\nf " BLOB " 03 1 a\n",
        "weir tree 1\nf " BLOB " 3 01 a\n",
        "weir tree 1\nf " BLOB " 3 2 a\n",
        "weir tree 1\n- " BLOB " 3 1 a\n",
        "weir tree 1\nf " BLOB " 3 99999999999999999999 a\n",
        "weir tree 1\nf " BLOB " 3 1 b\nf " BLOB " 3 1 a\n",
        "weir tree 1\nf " BLOB " 3 1 a\nf " BLOB " 3 1 a\n",
        "weir tree 1\nf " BLOB " 3 0 \nf " BLOB " 3 1 a\n",
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        Tree tree;
        CHECK_FAILS(ERR_CORRUPT, tree_read(t->arena, str_of(bad[i]), &tree, &t->err));
    }
    Tree tree;
    CHECK_FAILS(ERR_NAME_REFUSED,
                tree_read(t->arena, STR("weir tree 1\nf " BLOB " 3 4 ../a\n"), &tree, &t->err));
    CHECK_OK(tree_read(t->arena, STR("weir tree 1\nf " BLOB " 3 1 a\n"), &tree, &t->err));
}
