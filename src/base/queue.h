/* base/queue.h - a bounded queue of pointers between threads, first in, first out.
 *
 * The bound makes a fast producer wait for a slow consumer, so a pipeline holds a fixed
 * number of items. Any number of threads may push and pop. */
#ifndef ASK_BASE_QUEUE_H
#define ASK_BASE_QUEUE_H

#include <stdbool.h>

#include "base/api.h"
#include "base/error.h"

typedef struct ask_queue ask_queue;

/* capacity  most items inside, at least 1
 * drop      called for each item left inside at abort or free; NULL when items need no
 * freeing */
ASK_API ask_queue *ask_queue_new(int capacity, void (*drop)(void *item), ask_error *err);

/* No thread may be using the queue any more. NULL is allowed. */
ASK_API void ask_queue_free(ask_queue *q);

/* Waits for room and puts the item in; the queue then holds it. False, with the item still
 * the caller's, after close or abort. */
ASK_API bool ask_queue_push(ask_queue *q, void *item);

/* Waits for an item and takes it out; it is then the caller's. False, with *item untouched,
 * when the queue is closed and empty, or aborted. */
ASK_API bool ask_queue_pop(ask_queue *q, void **item);

/* No more is coming: pushes fail, pops take what is left. */
ASK_API void ask_queue_close(ask_queue *q);

/* Stop now: drops what is inside and makes every waiting push and pop return false. */
ASK_API void ask_queue_abort(ask_queue *q);

#endif
