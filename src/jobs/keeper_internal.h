/* Keeper: which store is in use, and the change from one to the other and back.
 *
 * A call takes the store for as long as it lasts; the change waits until none has one. Whoever
 * finds the store unusable says so and tries again with the one that is there then.
 */
#pragma once

#include "jobs/store_internal.h"

typedef struct Keeper Keeper;

/* `options` of stores as the queue wants them; `made` comes from whichever store is in use. */
MUST_CHECK bool keeper_open(const JobQueueOptions *queue,
                            void (*made)(void *context, JobEntry *, JobMade, const Job *,
                                         const Error *),
                            void *context, Keeper **out, Error *err);
void keeper_close(Keeper **keeper);

/* `*other`: the tables, to look into beside the lines; or NULL. Ends with keeper_give. */
JobStore *keeper_take(Keeper *keeper, JobStore **other);
void keeper_give(Keeper *keeper);
/* True: another store is in use now than when that error came; try again. Not while one is taken. */
bool keeper_turn(Keeper *keeper, const Error *err);
/* ... after a read, which only damage makes turn: what is full or locked is good to read. */
bool keeper_turn_unread(Keeper *keeper, const Error *err);
/* That error says that a store cannot be used. */
bool keeper_is_unusable(const Error *err);
/* Neither store can be used: what asks for a job is refused. */
bool keeper_is_stuck(Keeper *keeper);
/* Makes the entry in whichever store can; never waits. */
void keeper_create(Keeper *keeper, JobEntry *entry);
