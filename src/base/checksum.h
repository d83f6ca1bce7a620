/* CRC-32C (Castagnoli): tells torn and rotten bytes of our own files. It secures nothing. */
#pragma once

#include "base/str.h"

uint32_t crc32c(Str bytes);
