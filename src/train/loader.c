#include "train/loader.h"

#include <stdlib.h>

#include "base/queue.h"
#include "base/thread.h"

typedef struct {
    void *item;
    int64_t step;
    bool ok;
    ask_error error; // unless ok
} loaded;

struct ask_loader {
    ask_loader_source source;
    loaded items[ASK_LOADER_ITEMS];
    ask_queue *empty, *full;
    ask_thread *thread;
    int64_t next_step; // that the thread fills; the thread's own
    loaded *current;   // the one in use, or NULL
};

/* Ends with the queues, or with the first failure, which is the last item. */
static void fill_all(void *user)
{
    ask_loader *l = user;
    for (void *place; ask_queue_pop(l->empty, &place);) {
        loaded *item = place;
        item->step = l->next_step++;
        item->ok = l->source.fill(l->source.user, item->item, item->step, &item->error);
        if (!ask_queue_push(l->full, item) || !item->ok) return;
    }
}

static bool start(ask_loader *l, ask_error *err)
{
    l->empty = ask_queue_new(ASK_LOADER_ITEMS, NULL, err);
    l->full = l->empty ? ask_queue_new(ASK_LOADER_ITEMS, NULL, err) : NULL;
    if (!l->full) return false;
    for (int i = 0; i < ASK_LOADER_ITEMS; i++) ask_queue_push(l->empty, &l->items[i]);
    l->thread = ask_thread_start(fill_all, l, err);
    return l->thread;
}

ask_loader *ask_loader_open(const ask_loader_source *source,
                            void *const items[ASK_LOADER_ITEMS], int64_t first_step,
                            ask_error *err)
{
    ask_loader *l = calloc(1, sizeof *l);
    if (!l) {
        ask_fail_memory(err);
        return NULL;
    }
    l->source = *source;
    l->next_step = first_step;
    for (int i = 0; i < ASK_LOADER_ITEMS; i++) l->items[i].item = items[i];
    if (start(l, err)) return l;
    ask_loader_close(l);
    return NULL;
}

void *ask_loader_take(ask_loader *l, int64_t step, ask_error *err)
{
    if (l->current && l->current->step != step && l->current->ok) {
        ask_queue_push(l->empty, l->current);
        l->current = NULL;
    }
    void *place;
    if (!l->current && ask_queue_pop(l->full, &place)) l->current = place;
    if (l->current && !l->current->ok) {
        if (err) *err = l->current->error;
        return NULL;
    }
    if (l->current && l->current->step == step) return l->current->item;
    ask_fail(err, ASK_ERR_BUG, "step %lld is not the next one to be loaded",
             (long long)step);
    return NULL;
}

void ask_loader_close(ask_loader *l)
{
    if (!l) return;
    if (l->empty) ask_queue_abort(l->empty);
    if (l->full) ask_queue_abort(l->full);
    ask_thread_join(l->thread);
    ask_queue_free(l->empty);
    ask_queue_free(l->full);
    free(l);
}
