/* world/query.h - what to look for in a clip: phrases with the moment where they hold, and
 * phrases of what is not there. */
#ifndef ASK_WORLD_QUERY_H
#define ASK_WORLD_QUERY_H

#include "base/arena.h"
#include "world/moment.h"

typedef enum {
    ASK_QUERY_OBJECT,    // colour and shape: "a red ball"
    ASK_QUERY_ATTRIBUTE, // no shape: "something small and red"
    ASK_QUERY_EVENT,     // "the red ball jumps"
    ASK_QUERY_FOREIGN,   // not there: no toy of the clip has this colour or this shape
    ASK_QUERY_NEAR_MISS, // not there: the colour of one toy and the shape of another
    ASK_N_QUERY_KINDS,
} ask_query_kind;

enum { ASK_QUERIES_MOST = 8 };

typedef struct {
    ask_query_kind kind;
    const char *text; // owned by the clip
    ask_phrase phrase;
    ask_world_moment moment; // FOREIGN, NEAR_MISS: none
    bool judged;             // ask_world_is_judged
} ask_world_query;

/* "object", "attribute", "event", "foreign", "near_miss". */
ASK_API const char *ask_query_kind_name(ask_query_kind kind);

/* Up to two of OBJECT, ATTRIBUTE and EVENT each, those with a judged moment first, and one
 * of the others each. Every moment is one run of frames. Texts go to the arena. Fails:
 * ASK_ERR_NOMEM; the array is then of no use. */
ASK_API bool ask_world_query_make(ask_world_query out[ASK_QUERIES_MOST], int *n,
                                  ask_world_seen seen, ask_arena *texts, ask_error *err);

#endif
