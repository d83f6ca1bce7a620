/* Checks a JSON value against a JSON Schema, for tests of what weir prints and replies.
 *
 * Known: type, properties, required, additionalProperties, items, enum, const, oneOf, anyOf, allOf,
 * minimum, maximum, minItems, maxItems, minLength, maxLength, pattern, $ref to #/$defs/NAME or #; annotations
 * are passed over. Any other keyword is an error, so that a schema never promises what is not checked. The
 * message holds the path of the value.
 */
#pragma once

#include "base/error.h"
#include "format/json_read.h"

MUST_CHECK bool json_schema_check(const JsonNode *schema, const JsonNode *value, Error *err);
