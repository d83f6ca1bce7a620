/* Outline of a TOML document: its tables and blocks without their values, for a fraction of the memory.
 *
 * Enough to insert, replace and remove blocks (toml_edit.h). The values of one are read again when it is
 * edited; their places are those of the whole text, so that edits of the outline take them.
 */
#pragma once

#include "format/toml.h"

/* Borrows the source, and nothing else of `doc`. */
TomlDoc *toml_outline(Arena *arena, const TomlDoc *doc);

/* A [[block]] of the outline with its values and tables. */
const TomlNode *toml_outline_block(Arena *arena, const TomlDoc *outline, const TomlNode *block);
