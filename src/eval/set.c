#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/options.h"
#include "data/notices.h"
#include "eval/set_priv.h"

static const char PLAYROOM[] = "playroom";

const char *ask_eval_task_at(size_t i)
{
    ask_data_set_info info;
    if (i == 0) return PLAYROOM;
    return ask_data_set_at(&info, i - 1) ? info.name : NULL;
}

/* ---- items ---- */

bool set_is_full(const ask_eval_set *s)
{
    return s->opt.n_most > 0 && s->n >= (size_t)s->opt.n_most;
}

bool set_add(ask_eval_set *s, const ask_eval_item *item, ask_error *err)
{
    if (set_is_full(s)) return true;
    if (s->n == s->capacity) {
        size_t more = s->capacity ? 2 * s->capacity : 256, bytes;
        void *grown =
            ask_mul_size(&bytes, more, sizeof *s->items) ? realloc(s->items, bytes) : NULL;
        if (!grown) return ask_fail_memory(err);
        s->items = grown;
        s->capacity = more;
    }
    s->items[s->n++] = *item;
    return true;
}

/* ---- the order ---- */

typedef struct {
    const char *video;
    size_t first, place; // where the video comes first; where the item is
} placed;

static int by_video(const void *a, const void *b)
{
    const placed *x = a, *y = b;
    int order = strcmp(x->video, y->video);
    return order ? order : (x->place > y->place) - (x->place < y->place);
}

static int by_first(const void *a, const void *b)
{
    const placed *x = a, *y = b;
    if (x->first != y->first) return x->first < y->first ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

/* Questions of one video behind each other. */
static bool put_in_order(ask_eval_set *s, ask_error *err)
{
    if (s->n == 0) return true;
    placed *order = malloc(s->n * sizeof *order);
    ask_eval_item *items = malloc(s->n * sizeof *items);
    bool ok = order && items;
    if (ok) {
        for (size_t i = 0; i < s->n; i++)
            order[i] = (placed){.video = s->items[i].record.video, .place = i};
        qsort(order, s->n, sizeof *order, by_video);
        for (size_t i = 0; i < s->n; i++) {
            bool same = i > 0 && strcmp(order[i].video, order[i - 1].video) == 0;
            order[i].first = same ? order[i - 1].first : order[i].place;
        }
        qsort(order, s->n, sizeof *order, by_first);
        for (size_t i = 0; i < s->n; i++) items[i] = s->items[order[i].place];
        memcpy(s->items, items, s->n * sizeof *items);
    }
    free(order);
    free(items);
    return ok || ask_fail_memory(err);
}

/* ---- all of it ---- */

ask_eval_set *ask_eval_set_open(const char *task, const char *path, const char *split,
                                const ask_eval_set_options *opt, ask_error *err)
{
    ask_eval_set *s = calloc(1, sizeof *s);
    if (!s) {
        ask_fail_memory(err);
        return NULL;
    }
    s->opt.struct_size = sizeof s->opt;
    ask_options_take(&s->opt, sizeof s->opt, opt);
    s->room = ask_arena_new(0);
    bool ok = s->room || ask_fail_memory(err);
    if (ok)
        ok = strcmp(task, PLAYROOM) == 0 ? set_read_playroom(s, path, split, err)
                                         : set_read_data(s, task, path, split, err);
    if (ok && put_in_order(s, err)) return s;
    ask_eval_set_close(s);
    return NULL;
}

void ask_eval_set_close(ask_eval_set *s)
{
    if (!s) return;
    free(s->items);
    ask_arena_free(s->room);
    ask_dataset_close(s->data);
    free(s);
}

const ask_eval_item *ask_eval_set_items(const ask_eval_set *s, size_t *n)
{
    *n = s->n;
    return s->items;
}

const char *ask_eval_set_split(const ask_eval_set *s)
{
    return s->split;
}

const char *ask_eval_set_file(const ask_eval_set *s)
{
    return s->file;
}

void ask_eval_set_noticed(size_t out[ASK_DATA_N_NOTICES], const ask_eval_set *s)
{
    memset(out, 0, ASK_DATA_N_NOTICES * sizeof *out);
    if (s->data) ask_data_count_notices(out, s->data);
}
