/* Wish: a job that a client asks for, of any kind, at random: where and with what body. */
#pragma once

#include "base/arena.h"

enum { ARTIFACTS = 8, PROJECTS = 3 };

typedef struct {
    const char *target;
    Str body;
    bool goes_back; /* the body lacks its end: the version, 64 hex digits, and `"}` */
} Wish;

Wish wish_random(Arena *arena, const char *folder, unsigned artifact);
