#include "weights/quantize.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "base/thread.h"
#include "tensor/quant.h"
#include "weights/safetensors.h"

enum {
    PIECE_BYTES = 16 << 20, // of panels that are written together
    ROWS_BYTES = 64 << 20,  // of rows that are in work
    MOST_THREADS = 64,
};

/* ---- which tensors ---- */

/* The tensor as it will be. */
static ask_weights_entry entry_after(const ask_weights_entry *e,
                                     const ask_weights_quantize_options *opt)
{
    ask_weights_entry after = *e;
    size_t bytes;
    if (e->n_dims != 2 || !ask_dtype_is_real(e->type) || !opt->takes(opt->user, e) ||
        !ask_quant_bytes(&bytes, opt->type, e->shape[0], e->shape[1]) || bytes >= e->bytes)
        return after;
    after.type = opt->type;
    after.bytes = bytes;
    return after;
}

ask_weights_quantized ask_weights_quantized_of(const ask_weights *source,
                                               const ask_weights_quantize_options *opt)
{
    ask_weights_quantized sizes = {0};
    for (size_t i = 0; i < ask_weights_count(source); i++) {
        const ask_weights_entry *e = ask_weights_at(source, i);
        ask_weights_entry after = entry_after(e, opt);
        sizes.bytes_before += (int64_t)e->bytes;
        sizes.bytes_after += (int64_t)after.bytes;
        if (after.type == e->type) continue;
        sizes.n_matrices++;
        sizes.n_weights += e->n_elements;
        sizes.coded_bytes += (int64_t)after.bytes;
    }
    return sizes;
}

/* ---- one piece of a matrix, by several threads ---- */

typedef struct {
    const ask_weights_entry *from;
    ask_dtype type;
    int64_t first, n; // panels
    uint8_t *panels;  // made here
    atomic_llong next;
    atomic_llong bad; // the first number that has no code; INT64_MAX: there is none
} piece;

typedef struct {
    piece *piece;
    float *rows; // of one panel; owned
} worker;

static void keep_first(atomic_llong *first, int64_t place)
{
    long long old = atomic_load(first);
    while (place < old && !atomic_compare_exchange_weak(first, &old, place)) {
    }
}

static void encode_panel(piece *p, int64_t i, float *rows)
{
    int64_t n = p->from->shape[0], k = p->from->shape[1], bad;
    int64_t row = (p->first + i) * ASK_QUANT_ROWS;
    int64_t n_rows = n - row < ASK_QUANT_ROWS ? n - row : ASK_QUANT_ROWS;
    const char *from = p->from->data;
    from += (size_t)(row * k) * ask_dtype_bytes(p->from->type);
    ask_dtype_to_f32(p->from->type, rows, from, (size_t)(n_rows * k));
    uint8_t *panel = p->panels + (size_t)i * ask_quant_panel_bytes(p->type, k);
    if (!ask_quant_encode(p->type, panel, rows, n_rows, k, &bad))
        keep_first(&p->bad, row * k + bad);
}

static void work(void *user)
{
    const worker *w = user;
    for (;;) {
        int64_t i = atomic_fetch_add(&w->piece->next, 1);
        if (i >= w->piece->n) return;
        encode_panel(w->piece, i, w->rows);
    }
}

/* The calling thread works, too. */
static bool run_workers(worker *workers, int n, ask_error *err)
{
    ask_thread *threads[MOST_THREADS] = {0};
    bool ok = true;
    for (int i = 1; i < n && ok; i++) {
        threads[i] = ask_thread_start(work, &workers[i], err);
        ok = threads[i];
    }
    work(&workers[0]);
    for (int i = 1; i < n; i++) ask_thread_join(threads[i]);
    return ok;
}

/* ---- the file ---- */

typedef struct {
    const ask_weights *source;
    ask_weights_quantize_options opt;
    ask_weights_entry *after; // of each tensor
    ask_weights_note *notes;
    size_t n_notes;
    ask_safetensors_writer *writer;
    worker workers[MOST_THREADS];
    int n_workers;       // of the matrix in work
    int64_t done, total; // bytes of the source
} quantizing;

static bool tell(quantizing *q, int64_t bytes, ask_error *err)
{
    q->done += bytes;
    ask_progress_send(q->opt.progress, q->done, q->total, "bytes", "quantising");
    return ask_cancel_check(q->opt.cancel, err);
}

/* A tensor that stays, in pieces, so that a wish to stop is heard. */
static bool copy(quantizing *q, size_t i, ask_error *err)
{
    const ask_weights_entry *e = ask_weights_at(q->source, i);
    for (size_t at = 0; at < e->bytes; at += PIECE_BYTES) {
        size_t bytes = e->bytes - at < PIECE_BYTES ? e->bytes - at : PIECE_BYTES;
        if (!ask_safetensors_writer_put_part(q->writer, i, (const char *)e->data + at,
                                             bytes, err) ||
            !tell(q, (int64_t)bytes, err))
            return false;
    }
    return true;
}

static bool check_numbers(const quantizing *q, const piece *p, ask_error *err)
{
    int64_t bad = atomic_load(&p->bad), k = p->from->shape[1];
    if (bad == INT64_MAX) return true;
    return ask_fail(err, ASK_ERR_MODEL,
                    "%s: tensor \"%s\": the number in row %lld, column %lld is not finite, "
                    "or too large for few bits",
                    ask_weights_file(q->source, p->from->file), p->from->name,
                    (long long)(bad / k), (long long)(bad % k));
}

/* Makes p->n panels from p->first on, and writes them. */
static bool encode_piece(quantizing *q, size_t i, piece *p, ask_error *err)
{
    int64_t k = p->from->shape[1], n_rows = p->n * ASK_QUANT_ROWS;
    int64_t left = p->from->shape[0] - p->first * ASK_QUANT_ROWS;
    size_t bytes = (size_t)p->n * ask_quant_panel_bytes(p->type, k);
    atomic_init(&p->next, 0);
    atomic_init(&p->bad, INT64_MAX);
    for (int t = 0; t < q->n_workers; t++) q->workers[t].piece = p;
    if (left < n_rows) n_rows = left;
    return run_workers(q->workers, q->n_workers, err) && check_numbers(q, p, err) &&
           ask_safetensors_writer_put_part(q->writer, i, p->panels, bytes, err) &&
           tell(q, n_rows * k * (int64_t)ask_dtype_bytes(p->from->type), err);
}

static void free_rooms(quantizing *q)
{
    for (int t = 0; t < q->n_workers; t++) free(q->workers[t].rows);
    q->n_workers = 0;
}

/* As many workers for a matrix [n, k] as there are threads and room for their rows. */
static bool make_rooms(quantizing *q, int64_t n, int64_t k)
{
    size_t n_rows = n < ASK_QUANT_ROWS ? (size_t)n : ASK_QUANT_ROWS;
    size_t row_bytes = n_rows * sizeof(float); // of all rows in one column
    int64_t most = (int64_t)(ROWS_BYTES / row_bytes) / k;
    do {
        float *rows = calloc((size_t)k, row_bytes);
        if (!rows) return false;
        q->workers[q->n_workers++].rows = rows;
    } while (q->n_workers < q->opt.n_threads && q->n_workers < most);
    return true;
}

static bool encode(quantizing *q, size_t i, ask_error *err)
{
    const ask_weights_entry *e = ask_weights_at(q->source, i);
    int64_t n_panels = ask_quant_n_panels(e->shape[0]), k = e->shape[1];
    size_t panel_bytes = ask_quant_panel_bytes(q->opt.type, k);
    int64_t most = PIECE_BYTES / (int64_t)panel_bytes + 1;
    piece p = {.from = e, .type = q->opt.type};
    p.panels = malloc((size_t)(most < n_panels ? most : n_panels) * panel_bytes);
    bool ok = (p.panels && make_rooms(q, e->shape[0], k)) || ask_fail_memory(err);
    for (p.first = 0; p.first < n_panels && ok; p.first += p.n) {
        p.n = n_panels - p.first < most ? n_panels - p.first : most;
        ok = encode_piece(q, i, &p, err);
    }
    free_rooms(q);
    free(p.panels);
    return ok;
}

static bool is_known(const quantizing *q, const char *key)
{
    for (size_t i = 0; i < q->n_notes; i++)
        if (strcmp(q->notes[i].key, key) == 0) return true;
    return ask_weights_find(q->source, key);
}

/* Each note once, of those that several files repeat; none can be called as a tensor. */
static bool take_notes(quantizing *q, ask_error *err)
{
    size_t n = ask_weights_n_notes(q->source);
    q->notes = calloc(n + 1, sizeof *q->notes);
    if (!q->notes) return ask_fail_memory(err);
    for (size_t i = 0; i < n; i++) {
        ask_weights_note note = ask_weights_note_at(q->source, i);
        if (!is_known(q, note.key)) q->notes[q->n_notes++] = note;
    }
    return true;
}

static bool take_tensors(quantizing *q, ask_error *err)
{
    size_t n = ask_weights_count(q->source);
    q->after = calloc(n + 1, sizeof *q->after);
    if (!q->after) return ask_fail_memory(err);
    for (size_t i = 0; i < n; i++) {
        q->after[i] = entry_after(ask_weights_at(q->source, i), &q->opt);
        q->total += (int64_t)ask_weights_at(q->source, i)->bytes;
    }
    return true;
}

static bool put_tensors(quantizing *q, ask_error *err)
{
    for (size_t i = 0; i < ask_weights_count(q->source); i++) {
        const ask_weights_entry *e = ask_weights_at(q->source, i);
        bool stays = q->after[i].type == e->type;
        if (!(stays ? copy(q, i, err) : encode(q, i, err))) return false;
        ask_weights_release(q->source, e);
    }
    return true;
}

static bool write_file(quantizing *q, const char *path, ask_error *err)
{
    q->writer = ask_safetensors_writer_open(path, q->after, ask_weights_count(q->source),
                                            q->notes, q->n_notes, err);
    if (!q->writer) return false;
    if (put_tensors(q, err)) return ask_safetensors_writer_commit(q->writer, err);
    ask_safetensors_writer_abort(q->writer);
    return false;
}

bool ask_weights_quantize(const char *path, const ask_weights *source,
                          const ask_weights_quantize_options *opt, ask_error *err)
{
    quantizing q = {.source = source};
    ask_options_take(&q.opt, sizeof q.opt, opt);
    if (q.opt.n_threads < 1) q.opt.n_threads = 1;
    if (q.opt.n_threads > MOST_THREADS) q.opt.n_threads = MOST_THREADS;
    bool ok = take_tensors(&q, err) && take_notes(&q, err) && write_file(&q, path, err);
    free(q.notes);
    free(q.after);
    return ok;
}
