#include "model/context.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "model/context_priv.h"

/* ---- opening ---- */

ask_language_sizes context_language_sizes(const ask_model *m)
{
    return ask_language_sizes_of(m->network->language->of(m->net));
}

static bool writes(const network *n)
{
    return n->language;
}

bool ask_language_info_of(ask_language_info *out, const ask_model *m, ask_error *err)
{
    if (!m->network->language) {
        char names[256];
        network_list(names, sizeof names, writes);
        return ask_fail(err, ASK_ERR_MODEL,
                        "%s: %s writes no texts; networks that do are %s", m->dir,
                        m->network->name, names);
    }
    ask_language_sizes s = context_language_sizes(m);
    *out = (ask_language_info){.width = s.width,
                               .n_context = s.n_most,
                               .n_vocab = s.n_vocab,
                               .n_start = s.n_encoder_layers > 0,
                               .place_flops = s.token_flops,
                               .seen_flops = s.seen_flops,
                               .encode_flops = s.encode_flops,
                               .encode_seen_flops = s.encode_seen_flops};
    return true;
}

/* A place sees half of the text that it stands in, in the mean, but all of a prompt that
 * was encoded. */
double ask_language_flops(const ask_language_info *l, int n_prompt, int n_answer)
{
    const bool encodes = l->n_start > 0;
    double n_read = encodes ? l->n_start + n_answer : (double)n_prompt + n_answer;
    double seen = n_read / 2 + (encodes ? n_prompt : 0);
    return n_read * (l->place_flops + seen * l->seen_flops) +
           n_prompt * (l->encode_flops + n_prompt * l->encode_seen_flops);
}

static int64_t rounded(int n_rows)
{
    enum { STEP = CONTEXT_ROUND_ROWS };
    return ((int64_t)n_rows + STEP - 1) / STEP * STEP;
}

size_t ask_context_bytes(const ask_model *m, int n_rows)
{
    if (!m->network->language) return 0;
    ask_decoder_sizes sizes = context_language_sizes(m).decoder;
    return ask_decoder_cache_bytes(&sizes, rounded(n_rows));
}

bool context_encodes(const ask_context *c)
{
    return c->info.n_start > 0;
}

static bool make_arrays(ask_context *c, ask_error *err)
{
    size_t n = CONTEXT_LONGEST, width = (size_t)c->info.width;
    c->ids = calloc(n, sizeof *c->ids);
    c->positions = calloc(n, sizeof *c->positions);
    c->targets = calloc(n, sizeof *c->targets);
    c->features = calloc(n * width, sizeof *c->features);
    c->is_row = calloc(n, sizeof *c->is_row);
    c->rows = calloc((size_t)c->cache.n_rows, sizeof *c->rows);
    if (context_encodes(c)) c->depths = calloc((size_t)c->cache.n_rows, sizeof *c->depths);
    return (c->ids && c->positions && c->targets && c->features && c->is_row && c->rows &&
            (c->depths || !context_encodes(c))) ||
           ask_fail_memory(err);
}

/* With the model's lock held. */
static bool make_cache(ask_context *c, int n_rows, ask_error *err)
{
    ask_model *m = c->session->model;
    ask_decoder_sizes sizes = context_language_sizes(m).decoder;
    c->room = ask_arena_new(0);
    if (!c->room) return ask_fail_memory(err);
    return (c->store = ask_store_new(m->backend, err)) &&
           ask_decoder_cache_make(&c->cache, c->store, c->room, &sizes, rounded(n_rows),
                                  err);
}

static bool check_start(const ask_model *m, int64_t n_vocab, ask_error *err)
{
    int64_t id = m->generation.start_id;
    if (id >= 0 && id < n_vocab) return true;
    return ask_fail(
        err, ASK_ERR_MODEL,
        "%s: decoder_start_token_id is %lld, no token of %lld; config.json must "
        "say from which token the model decodes",
        m->dir, (long long)id, (long long)n_vocab);
}

static bool open_context(ask_context *c, int n_rows, ask_error *err)
{
    ask_model *m = c->session->model;
    if (!ask_language_info_of(&c->info, m, err)) return false;
    c->window = context_language_sizes(m).window;
    if (n_rows < 1 || n_rows > c->info.n_context)
        return ask_fail(err, ASK_ERR_LIMIT,
                        "%s: a context of %d tokens; the model reads 1 to %d", m->dir,
                        n_rows, c->info.n_context);
    if (context_encodes(c) && !check_start(m, c->info.n_vocab, err)) return false;
    ask_mutex_lock(&m->lock);
    bool ok = make_cache(c, n_rows, err);
    ask_mutex_unlock(&m->lock);
    return ok && make_arrays(c, err);
}

ask_context *ask_context_open(ask_session *s, int n_rows, ask_error *err)
{
    ask_context *c = calloc(1, sizeof *c);
    if (!c) {
        ask_fail_memory(err);
        return NULL;
    }
    c->session = s;
    if (open_context(c, n_rows, err)) return c;
    ask_context_close(c);
    return NULL;
}

void ask_context_close(ask_context *c)
{
    if (!c) return;
    ask_mutex_lock(&c->session->model->lock);
    for (int i = 0; i < CONTEXT_N_AIMS; i++)
        for (int k = 0; k < CONTEXT_N_LENGTHS; k++) ask_graph_free(c->plans[i][k].graph);
    ask_store_free(c->store);
    ask_mutex_unlock(&c->session->model->lock);
    ask_arena_free(c->room);
    free(c->ids);
    free(c->positions);
    free(c->targets);
    free(c->features);
    free(c->is_row);
    free(c->mask);
    free(c->narrow);
    free(c->depths);
    free(c->rows);
    free(c);
}

/* Rows of one tensor of a cache into that of a larger one. room: bytes of the larger. */
static bool move_rows(ask_tensor *to, const ask_tensor *from, char *room, size_t to_bytes,
                      ask_error *err)
{
    size_t n_heads = (size_t)ask_tensor_dim(to, 1),
           from_bytes = ask_tensor_bytes(from) / n_heads, head_bytes = to_bytes / n_heads;
    if (!ask_tensor_read(from, room, ask_tensor_bytes(from), err)) return false;
    for (size_t h = n_heads; h-- > 0;) { // the last first: none is overwritten
        memmove(room + h * head_bytes, room + h * from_bytes, from_bytes);
        memset(room + h * head_bytes + from_bytes, 0, head_bytes - from_bytes);
    }
    return ask_tensor_write(to, room, to_bytes, err);
}

/* With the model's lock held. */
static bool move_cache(ask_decoder_cache *to, const ask_decoder_cache *from, int n_layers,
                       ask_error *err)
{
    size_t bytes = ask_tensor_bytes(to->k[0]);
    char *room = malloc(bytes + 1);
    bool ok = room || ask_fail_memory(err);
    for (int i = 0; i < n_layers && ok; i++)
        ok = move_rows(to->k[i], from->k[i], room, bytes, err) &&
             move_rows(to->v[i], from->v[i], room, bytes, err);
    free(room);
    return ok;
}

/* Zeros in rows n_kept .. of a tensor of a cache. */
static bool clear_rows(ask_tensor *x, size_t n_kept, char *room)
{
    size_t bytes = ask_tensor_bytes(x), n_heads = (size_t)ask_tensor_dim(x, 1),
           n_rows = (size_t)ask_tensor_dim(x, 2), head = bytes / n_heads;
    if (!ask_tensor_read(x, room, bytes, NULL)) return false;
    for (size_t h = 0; h < n_heads; h++)
        memset(room + h * head + head / n_rows * n_kept, 0,
               head / n_rows * (n_rows - n_kept));
    return ask_tensor_write(x, room, bytes, NULL);
}

void context_clear(ask_context *c)
{
    ask_model *m = c->session->model;
    size_t n_kept = (size_t)c->n_read;
    char *room = malloc(ask_tensor_bytes(c->cache.k[0]) + 1);
    if (!room) return; // the next reading fails as this one did
    ask_mutex_lock(&m->lock);
    bool ok = true;
    for (int i = 0; i < context_language_sizes(m).decoder.n_layers && ok; i++)
        ok = clear_rows(c->cache.k[i], n_kept, room) &&
             clear_rows(c->cache.v[i], n_kept, room);
    ask_mutex_unlock(&m->lock);
    free(room);
}

bool ask_context_reserve(ask_context *c, int n_rows, ask_error *err)
{
    ask_model *m = c->session->model;
    if (n_rows <= c->cache.n_rows) return true;
    ask_context *larger = ask_context_open(c->session, n_rows, err);
    if (!larger) return false;
    ask_mutex_lock(&m->lock);
    bool ok = move_cache(&larger->cache, &c->cache,
                         context_language_sizes(m).decoder.n_layers, err);
    ask_mutex_unlock(&m->lock);
    if (ok) {
        memcpy(larger->rows, c->rows, (size_t)c->n_read * sizeof *c->rows);
        larger->n_read = c->n_read;
        larger->n_prompt = c->n_prompt;
        const ask_context smaller = *c; // plans of the larger one know it by its address:
        *c = *larger;                   // it has none yet
        *larger = smaller;
    }
    ask_context_close(larger);
    return ok;
}

int ask_context_n_read(const ask_context *c)
{
    return c->n_read;
}

int ask_context_n_rows(const ask_context *c)
{
    return (int)c->cache.n_rows;
}

/* ---- pieces ---- */

int context_length_for(const ask_context *c, int at, int n)
{
    int i = CONTEXT_N_LENGTHS - 1;
    while (i > 0 && context_lengths[i] < n) i--;
    while (context_lengths[i] > n && at + context_lengths[i] > c->cache.n_rows) i++;
    return i;
}

void context_fill(ask_context *c, const ask_place *places, int n, int length)
{
    size_t width = (size_t)c->info.width;
    memset(c->ids, 0, (size_t)length * sizeof *c->ids);
    memset(c->positions, 0, (size_t)length * sizeof *c->positions);
    memset(c->targets, 0, (size_t)length * sizeof *c->targets);
    memset(c->is_row, 0, (size_t)length);
    for (int i = 0; i < n; i++) {
        c->positions[i] = c->n_read + i;
        c->ids[i] = places[i].identity ? 0 : places[i].id;
        c->is_row[i] = places[i].identity != 0;
        if (places[i].row)
            memcpy(c->features + (size_t)i * width, places[i].row, width * sizeof(float));
    }
}

static bool is_finite(const float *x, int n)
{
    for (int i = 0; i < n; i++)
        if (!isfinite(x[i])) return false;
    return true;
}

bool context_check_place(const ask_context *c, const ask_place *p, int i, ask_error *err)
{
    if (p->identity && !p->row)
        return ask_fail(err, ASK_ERR_USAGE, "place %d of the prompt has no features", i);
    if (p->identity && !is_finite(p->row, c->info.width))
        return ask_fail(err, ASK_ERR_USAGE,
                        "place %d of the prompt has features that are no numbers", i);
    if (p->identity || (p->id >= 0 && p->id < c->info.n_vocab)) return true;
    return ask_fail(err, ASK_ERR_USAGE,
                    "place %d of the prompt: id %lld is not in a vocabulary of %lld", i,
                    (long long)p->id, (long long)c->info.n_vocab);
}

bool context_check_room(const ask_context *c, int n, ask_error *err)
{
    if (n <= c->cache.n_rows && n <= c->info.n_context) return true;
    return ask_fail(err, ASK_ERR_LIMIT,
                    "%d tokens do not fit: there is room for %lld, and the model reads %d",
                    n, (long long)c->cache.n_rows, c->info.n_context);
}

void context_remember(ask_context *c, const ask_place *p, int parent)
{
    c->rows[c->n_read] = (context_row){.id = p->id,
                                       .identity = p->identity,
                                       .parent = parent,
                                       .depth = parent < 0 ? 0 : c->rows[parent].depth + 1};
    c->n_read++;
}

/* Reads the next n places, as one piece. logits: of the last of them; NULL: not wanted. */
static bool read_piece(ask_context *c, const ask_place *places, int n, int length,
                       float *logits, const ask_cancel *cancel, ask_error *err)
{
    void *out[SESSION_MAX_TENSORS] = {0};
    const context_piece piece = {CONTEXT_NEXT, length, c->n_read, n, n - 1};
    context_fill(c, places, n, context_lengths[length]);
    bool ok = context_run(out, c, &piece, cancel, err);
    if (ok && logits) memcpy(logits, out[0], (size_t)c->info.n_vocab * sizeof *logits);
    session_outputs_free(out);
    for (int i = 0; i < n && ok; i++) context_remember(c, &places[i], c->n_read - 1);
    if (!ok) context_clear(c);
    return ok;
}

/* ---- reading ---- */

static bool is_same(const context_row *row, int at, const ask_place *p)
{
    return row->parent == at - 1 && row->identity == p->identity &&
           (p->identity || row->id == p->id);
}

/* All places or none. */
static int common_encoded(const ask_context *c, const ask_place *places, int n)
{
    int same = 0;
    if (n != c->n_prompt) return 0;
    while (same < n && is_same(&c->rows[same], same, &places[same])) same++;
    return same == n ? n : 0;
}

int ask_context_common(const ask_context *c, const ask_place *places, int n)
{
    int same = 0;
    if (context_encodes(c)) return common_encoded(c, places, n);
    while (same < context_least(c->n_read, n - 1) &&
           is_same(&c->rows[same], same, &places[same]))
        same++;
    return same;
}

void ask_context_rewind(ask_context *c, int n)
{
    c->n_read = context_least(n <= c->n_prompt ? 0 : n, c->n_read);
    if (c->n_read == 0) c->n_prompt = 0;
}

bool context_go_on(ask_context *c, const ask_place *places, int n, float *logits,
                   const ask_reading_options *opt, ask_error *err)
{
    for (int done = 0; done < n;) {
        ask_progress_send(opt->progress, done, n, "tokens", "reading");
        int left = n - done, length = context_length_for(c, c->n_read, left);
        int taken = context_least(left, context_lengths[length]);
        if (!read_piece(c, places + done, taken, length, taken == left ? logits : NULL,
                        opt->cancel, err))
            return false;
        done += taken;
    }
    ask_progress_send(opt->progress, n, n, "tokens", "reading");
    return true;
}

int64_t context_start_id(const ask_context *c)
{
    return c->session->model->generation.start_id;
}

/* A prompt of which n_new places, all or none, are new; and the token behind it, without
 * which no prompt is. */
static bool read_encoded(ask_context *c, const ask_place *places, int n, int n_new,
                         float *logits, const ask_reading_options *opt, ask_error *err)
{
    const ask_place start = {.id = context_start_id(c)};
    const int n_all = n_new + 1;
    ask_progress_send(opt->progress, 0, n_all, "tokens", "reading");
    if (n_new > 0 && !context_encode(c, places, n, opt->cancel, err)) return false;
    ask_progress_send(opt->progress, n_new, n_all, "tokens", "reading");
    c->n_read = n;
    if (!read_piece(c, &start, 1, CONTEXT_N_LENGTHS - 1, logits, opt->cancel, err)) {
        ask_context_rewind(c, 0);
        return false;
    }
    ask_progress_send(opt->progress, n_all, n_all, "tokens", "reading");
    return true;
}

bool ask_context_read(ask_context *c, const ask_place *places, int n, float *logits,
                      const ask_reading_options *opt, ask_error *err)
{
    ask_reading_options o = {0};
    ask_options_take(&o, sizeof o, opt);
    if (n < 1) return ask_fail(err, ASK_ERR_USAGE, "a prompt without tokens");
    if (!context_check_room(c, n, err) || !context_check_room(c, n + c->info.n_start, err))
        return false;
    int common = ask_context_common(c, places, n);
    for (int i = common; i < n; i++)
        if (!context_check_place(c, &places[i], i, err)) return false;
    if (context_encodes(c)) return read_encoded(c, places, n, n - common, logits, &o, err);
    ask_context_rewind(c, common);
    return context_go_on(c, places + common, n - common, logits, &o, err);
}

/* What an answer follows must be there. */
static bool check_prompt(const ask_context *c, ask_error *err)
{
    return !context_encodes(c) || c->n_prompt > 0 ||
           ask_fail(err, ASK_ERR_USAGE,
                    "an encoder-decoder answers a prompt: read one first");
}

bool ask_context_add(ask_context *c, int64_t id, float *logits, const ask_cancel *cancel,
                     ask_error *err)
{
    const ask_place place = {.id = id};
    return check_prompt(c, err) && context_check_room(c, c->n_read + 1, err) &&
           context_check_place(c, &place, c->n_read, err) &&
           read_piece(c, &place, 1, CONTEXT_N_LENGTHS - 1, logits, cancel, err);
}
