/* Edits of a TOML text that keep every other byte: comments, order, blank lines, indentation, line ends.
 *
 * Edits are collected against the spans of one parsed document and written once by toml_edit_finish,
 * which gives the source itself when there were none. The document is not changed; to edit the result,
 * parse it. Values are given as TOML text, by the toml_add_ words. A key may be set once per edit.
 */
#pragma once

#include "format/toml.h"

typedef struct TomlEdit TomlEdit;

TomlEdit *toml_edit_begin(Arena *arena, const TomlDoc *doc); /* borrows `doc` */

/* Gives `key` of `table` a value: replaces the bytes of the value it has, or adds a line behind the
 * table's last own one (inside the braces of an inline table). Not for a TOML_IMPLIED table. */
void toml_edit_set(TomlEdit *edit, const TomlNode *table, Str key, Str value);

/* Removes an entry of a table that is not inline. Of `key = value`: its lines with the comment behind the
 * value; comments above stay. Of a [header] or a [[block]]: all its tables, comment lines that touch it
 * from above, and the blank lines behind it; comments that stand apart stay. */
void toml_edit_remove(TomlEdit *edit, const TomlNode *entry);

/* Inserts whole lines ("[[name]]\nkey = 1\n", LF) before `block` and the comments that touch it, or at the
 * end of the file when NULL; blank lines are put between. */
void toml_edit_insert_block(TomlEdit *edit, const TomlNode *block, Str text);

/* Replaces a block's bytes by others; the comments that touch it go with it. */
void toml_edit_replace_block(TomlEdit *edit, const TomlNode *block, Str text);

Str toml_edit_finish(TomlEdit *edit);

/* The bytes of a block with the comments that touch it, its sub-tables, no blank lines behind. */
Str toml_block_text(Arena *arena, const TomlDoc *doc, const TomlNode *block);
