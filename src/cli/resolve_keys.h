/* Keys of the walk through a waiting merge: which are offered at a place, what an answer means. */
#pragma once

#include "cli/place_text.h"

typedef enum {
    KEY_SIDE,
    KEY_EDIT,
    KEY_EDIT_FILE,
    KEY_TOOL,
    KEY_VIEW,
    KEY_LATER,
    KEY_UNDO,
    KEY_REVIEW,
    KEY_GO, /* to the place with this number */
    KEY_DROP,
    KEY_HELP,
    KEY_QUIT,
} KeyAct;

typedef enum { SCOPE_PLACE, SCOPE_FILE, SCOPE_ALL } KeyScope;

typedef struct {
    KeyAct act;
    Side side;      /* of KEY_SIDE */
    KeyScope scope; /* likewise */
    size_t number;  /* of KEY_GO, from 1 */
} ResolveKey;

typedef struct {
    const ResolveResult *result;
    const WaitingPlace *place;
    bool has_tool;
} KeyOffer;

/* "c", "collection", "c*", "uf", "12"; false: it means nothing here. */
bool key_read(const KeyOffer *offer, const char *answer, ResolveKey *out);
void keys_print(Output *output, const KeyOffer *offer);
void keys_help(Output *output, const KeyOffer *offer);
