#include "base/queue.h"

#include <stdlib.h>

#include "base/checked.h"
#include "base/thread.h"

struct ask_queue {
    ask_mutex mutex;
    ask_cond not_full;  // or closed
    ask_cond not_empty; // or closed
    void (*drop)(void *item);
    bool closed;
    int capacity;
    int first; // place of the oldest item
    int n;
    void *items[]; // a ring
};

ask_queue *ask_queue_new(int capacity, void (*drop)(void *item), ask_error *err)
{
    ask_queue *q = NULL;
    size_t n_bytes;
    if (ask_bytes_of(&n_bytes, capacity, sizeof q->items[0]) &&
        ask_add_size(&n_bytes, n_bytes, sizeof *q))
        q = calloc(1, n_bytes);
    if (!q) {
        ask_fail_memory(err);
        return NULL;
    }
    q->capacity = capacity;
    q->drop = drop;
    if (!ask_mutex_open(&q->mutex, err)) goto fail_mutex;
    if (!ask_cond_open(&q->not_full, err)) goto fail_not_full;
    if (!ask_cond_open(&q->not_empty, err)) goto fail_not_empty;
    return q;

fail_not_empty:
    ask_cond_close(&q->not_full);
fail_not_full:
    ask_mutex_close(&q->mutex);
fail_mutex:
    free(q);
    return NULL;
}

static void *take_first(ask_queue *q)
{
    void *item = q->items[q->first];
    q->first = (q->first + 1) % q->capacity;
    q->n--;
    return item;
}

static void drop_all(ask_queue *q)
{
    while (q->n > 0) {
        void *item = take_first(q);
        if (q->drop) q->drop(item);
    }
}

void ask_queue_free(ask_queue *q)
{
    if (!q) return;
    drop_all(q);
    ask_cond_close(&q->not_empty);
    ask_cond_close(&q->not_full);
    ask_mutex_close(&q->mutex);
    free(q);
}

bool ask_queue_push(ask_queue *q, void *item)
{
    ask_mutex_lock(&q->mutex);
    while (q->n == q->capacity && !q->closed) ask_cond_wait(&q->not_full, &q->mutex);
    bool ok = !q->closed;
    if (ok) {
        q->items[(q->first + q->n) % q->capacity] = item;
        q->n++;
        ask_cond_signal(&q->not_empty);
    }
    ask_mutex_unlock(&q->mutex);
    return ok;
}

bool ask_queue_pop(ask_queue *q, void **item)
{
    ask_mutex_lock(&q->mutex);
    while (q->n == 0 && !q->closed) ask_cond_wait(&q->not_empty, &q->mutex);
    bool ok = q->n > 0;
    if (ok) {
        *item = take_first(q);
        ask_cond_signal(&q->not_full);
    }
    ask_mutex_unlock(&q->mutex);
    return ok;
}

/* Wakes everybody; with the mutex held. */
static void close_locked(ask_queue *q)
{
    q->closed = true;
    ask_cond_broadcast(&q->not_full);
    ask_cond_broadcast(&q->not_empty);
}

void ask_queue_close(ask_queue *q)
{
    ask_mutex_lock(&q->mutex);
    close_locked(q);
    ask_mutex_unlock(&q->mutex);
}

void ask_queue_abort(ask_queue *q)
{
    ask_mutex_lock(&q->mutex);
    close_locked(q);
    drop_all(q);
    ask_mutex_unlock(&q->mutex);
}
