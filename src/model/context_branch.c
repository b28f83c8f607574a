/* Texts that go on differently from what a context has read. */
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "model/context_priv.h"

static bool make_mask(uint8_t **mask, const ask_context *c, ask_error *err)
{
    if (!*mask) *mask = calloc((size_t)c->cache.n_rows, CONTEXT_LONGEST);
    return *mask || ask_fail_memory(err);
}

static bool make_masks(ask_context *c, ask_error *err)
{
    return make_mask(&c->mask, c, err) && (!c->window || make_mask(&c->narrow, c, err));
}

/* A row sees itself and those before it, or the last `most` of these; 0: all. What an
 * encoder read is not seen this way. */
static void fill_mask(uint8_t *mask, const ask_context *c, int n, int length, int most)
{
    size_t n_rows = (size_t)c->cache.n_rows;
    memset(mask, 0, (size_t)length * n_rows);
    for (int i = 0; i < n; i++) {
        int row = c->n_read + i;
        for (int seen = 0; row >= c->n_prompt && (!most || seen < most); seen++) {
            mask[(size_t)i * n_rows + (size_t)row] = 1;
            row = c->rows[row].parent;
        }
    }
}

/* At most CONTEXT_LONGEST of them; they stay unread if it fails. */
static bool branch_piece(ask_context *c, const ask_place *places, const int *parents, int n,
                         int length, float *logits, const ask_cancel *cancel,
                         ask_error *err)
{
    int begin = c->n_read;
    void *out[SESSION_MAX_TENSORS] = {0};
    const context_piece piece = {CONTEXT_BRANCH, length, begin, n, 0};
    context_fill(c, places, n, context_lengths[length]);
    for (int i = 0; i < n; i++) {
        context_remember(c, &places[i], parents[i]);
        c->positions[i] = c->rows[begin + i].depth;
    }
    c->n_read = begin;
    fill_mask(c->mask, c, n, context_lengths[length], 0);
    if (c->window) fill_mask(c->narrow, c, n, context_lengths[length], c->window);
    bool ok = context_run(out, c, &piece, cancel, err);
    if (ok) {
        memcpy(logits, out[0], (size_t)n * (size_t)c->info.n_vocab * sizeof *logits);
        c->n_read = begin + n;
    }
    session_outputs_free(out);
    return ok;
}

bool ask_context_branch(ask_context *c, const int64_t *ids, const int *parents, int n,
                        float *logits, const ask_cancel *cancel, ask_error *err)
{
    ask_place places[CONTEXT_LONGEST];
    if (n < 1 || n > CONTEXT_LONGEST)
        return ask_fail(err, ASK_ERR_USAGE, "%d texts at once: 1 to %d can be read", n,
                        CONTEXT_LONGEST);
    if (!context_check_room(c, c->n_read + n, err) || !make_masks(c, err)) return false;
    for (int i = 0; i < n; i++) {
        places[i] = (ask_place){.id = ids[i]};
        if (parents[i] < c->n_prompt || parents[i] >= c->n_read + i)
            return ask_fail(err, ASK_ERR_USAGE, "place %d cannot follow place %d",
                            c->n_read + i, parents[i]);
        if (!context_check_place(c, &places[i], c->n_read + i, err)) return false;
    }
    int begin = c->n_read;
    bool ok = true;
    for (int done = 0; done < n && ok;) {
        int length = context_length_for(c, c->n_read, n - done);
        int taken = context_least(n - done, context_lengths[length]);
        ok = branch_piece(c, places + done, parents + done, taken, length,
                          logits + (size_t)done * (size_t)c->info.n_vocab, cancel, err);
        done += taken;
    }
    if (!ok) {
        ask_context_rewind(c, begin);
        context_clear(c);
    }
    return ok;
}
