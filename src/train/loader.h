/* train/loader.h - what the next step needs is prepared while this one is computed.
 *
 * A thread of its own fills one item after the other; which values an item gets depends on
 * its step alone, so a training is the same with and without it. */
#ifndef ASK_TRAIN_LOADER_H
#define ASK_TRAIN_LOADER_H

#include <stdint.h>

#include "base/error.h"

typedef struct ask_loader ask_loader;

/* Fills an item for a step. Called on the loader's thread, one call at a time. */
typedef struct {
    bool (*fill)(void *user, void *item, int64_t step, ask_error *err);
    void *user;
} ask_loader_source;

enum { ASK_LOADER_ITEMS = 2 }; // one is used while the other is filled

/* The items are borrowed until close; the first to be filled is that of first_step. */
ASK_API ask_loader *ask_loader_open(const ask_loader_source *source,
                                    void *const items[ASK_LOADER_ITEMS], int64_t first_step,
                                    ask_error *err);

/* The item of a step, valid until the next call: that of the last call again, or that of
 * the step behind it. Fails as its filling failed. */
ASK_API void *ask_loader_take(ask_loader *l, int64_t step, ask_error *err);

ASK_API void ask_loader_close(ask_loader *l); // NULL is fine

#endif
