#include "model/init.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/checked.h"
#include "base/dir.h"
#include "base/file.h"
#include "base/options.h"
#include "base/path.h"
#include "model/init_priv.h"
#include "model/model_priv.h"
#include "tensor/quant.h"
#include "weights/safetensors.h"

/* All that making a checkpoint holds. */
typedef struct {
    ask_model_init_options opt;
    const char *dir;
    bool made_dir;
    const network *network;
    void *net; // with its configuration; never bound
    ask_arena *room;
    char *config; // the bytes of config.json
    size_t config_bytes;

    /* The parameters, in the order in which the network asks for them. */
    ask_weights_entry *rows;
    ask_init *inits;
    size_t n_rows, capacity;
    int64_t bytes, bytes_done; // of all parameters
} making;

/* ---- what to draw ---- */

static bool read_config(making *m, const char *path, ask_error *err)
{
    m->room = ask_arena_new(0);
    if (!m->room) return ask_fail_memory(err);
    ask_json *config = model_config_read(path, &m->config, &m->config_bytes, err);
    if (!config) return false;
    ask_json_value root = ask_json_root(config);
    m->network = network_find(m->opt.network, root, NULL, err);
    if (m->network) m->net = ask_arena_alloc64(m->room, m->network->net_bytes);
    if (m->network && !m->net) ask_fail_memory(err);
    bool ok = m->net && m->network->read_config(m->net, root, err);
    ask_json_free(config);
    return ok;
}

static bool reserve(making *m, ask_error *err)
{
    if (m->n_rows < m->capacity) return true;
    size_t capacity = m->capacity ? 2 * m->capacity : 256;
    void *rows = realloc(m->rows, capacity * sizeof *m->rows);
    if (rows) m->rows = rows;
    void *inits = realloc(m->inits, capacity * sizeof *m->inits);
    if (inits) m->inits = inits;
    if (!rows || !inits) return ask_fail_memory(err);
    m->capacity = capacity;
    return true;
}

static bool add_row(void *user, const ask_param_row *row, ask_error *err)
{
    making *m = user;
    char *name = ask_arena_strdup(m->room, row->name);
    if (!reserve(m, err)) return false;
    if (!name) return ask_fail_memory(err);
    ask_weights_entry *e = &m->rows[m->n_rows];
    bool coded = row->matrix && ask_dtype_is_coded(m->opt.matrices);
    *e = (ask_weights_entry){.name = name,
                             .type = coded ? m->opt.matrices : ASK_F32,
                             .n_dims = row->n_dims,
                             .n_elements = 1};
    for (int i = 0; i < row->n_dims; i++) {
        e->shape[i] = row->shape[i];
        if (!ask_mul_i64(&e->n_elements, e->n_elements, row->shape[i]))
            return ask_fail(err, ASK_ERR_MODEL, "%s: the shape overflows", row->name);
    }
    if (!ask_dtype_bytes_of(&e->bytes, e->type, e->n_dims, e->shape) ||
        !ask_add_i64(&m->bytes, m->bytes, (int64_t)e->bytes))
        return ask_fail(err, ASK_ERR_MODEL, "%s: the shape overflows", row->name);
    m->inits[m->n_rows++] = row->init;
    return true;
}

static bool list_rows(making *m, ask_error *err)
{
    ask_params *p = ask_params_list(add_row, m, m->room, err);
    if (!p) return false;
    m->network->bind(m->net, p);
    return ask_params_finish(p, NULL, err);
}

/* ---- model.safetensors ---- */

/* Tensors are drawn and written in pieces: memory stays small, and a wish to stop is heard.
 */
enum { PIECE = 1 << 20 }; // numbers

static bool put_piece(making *m, ask_safetensors_writer *w, size_t row, const void *piece,
                      size_t bytes, ask_error *err)
{
    if (!ask_safetensors_writer_put_part(w, row, piece, bytes, err)) return false;
    m->bytes_done += (int64_t)bytes;
    ask_progress_send(m->opt.progress, m->bytes_done, m->bytes, "bytes", "drawing weights");
    return ask_cancel_check(m->opt.cancel, err);
}

static bool put_numbers(making *m, ask_safetensors_writer *w, size_t row, ask_error *err)
{
    ask_rng stream = ask_param_stream(m->opt.seed, m->rows[row].name);
    size_t n = (size_t)m->rows[row].n_elements, most = n < PIECE ? n : PIECE;
    float *room = malloc((most + 1) * sizeof *room);
    bool ok = room ? true : ask_fail_memory(err);
    for (size_t i = 0; i < n && ok; i += PIECE) {
        size_t piece = n - i < PIECE ? n - i : PIECE;
        ask_param_draw(room, piece, &stream, m->inits[row]);
        ok = put_piece(m, w, row, room, piece * sizeof *room, err);
    }
    free(room);
    return ok;
}

static bool put_panels(making *m, ask_safetensors_writer *w, size_t row, ask_error *err)
{
    const ask_weights_entry *e = &m->rows[row];
    ask_rng stream = ask_param_stream(m->opt.seed, e->name);
    int64_t n = e->shape[0], k = e->shape[1], bad;
    size_t bytes = ask_quant_panel_bytes(e->type, k);
    float *rows = calloc((size_t)k + 1, ASK_QUANT_ROWS * sizeof *rows);
    void *panel = malloc(bytes + 1);
    bool ok = rows && panel ? true : ask_fail_memory(err);
    for (int64_t i = 0; i < n && ok; i += ASK_QUANT_ROWS) {
        int64_t there = n - i < ASK_QUANT_ROWS ? n - i : ASK_QUANT_ROWS;
        ask_param_draw(rows, (size_t)(there * k), &stream, m->inits[row]);
        ok = ask_quant_encode(e->type, panel, rows, there, k, &bad)
                 ? put_piece(m, w, row, panel, bytes, err)
                 : ask_fail(err, ASK_ERR_BUG, "%s: drawn too large", e->name);
    }
    free(rows);
    free(panel);
    return ok;
}

static bool put_row(making *m, ask_safetensors_writer *w, size_t row, ask_error *err)
{
    return ask_dtype_is_coded(m->rows[row].type) ? put_panels(m, w, row, err)
                                                 : put_numbers(m, w, row, err);
}

static bool draw_weights(making *m, const char *path, ask_error *err)
{
    const ask_weights_note note = {"format", "pt"};
    ask_safetensors_writer *w =
        ask_safetensors_writer_open(path, m->rows, m->n_rows, &note, 1, err);
    bool ok = w;
    for (size_t i = 0; i < m->n_rows && ok; i++) ok = put_row(m, w, i, err);
    if (ok) return ask_safetensors_writer_commit(w, err);
    ask_safetensors_writer_abort(w);
    return false;
}

static bool write_weights(making *m, const char *path, ask_error *err)
{
    return m->opt.write_weights ? m->opt.write_weights(m->opt.user, path, err)
                                : draw_weights(m, path, err);
}

/* ---- the folder ---- */

static char *path_in(const making *m, const char *name, ask_error *err)
{
    return ask_path_join(m->dir, name, err);
}

static bool write_file(const making *m, const char *name, const void *bytes, size_t n_bytes,
                       ask_error *err)
{
    char *path = path_in(m, name, err);
    bool ok = path && ask_file_write(path, bytes, n_bytes, err);
    free(path);
    return ok;
}

/* Copies a file, under that name. */
static bool copy_file(const making *m, const char *from, const char *name, ask_error *err)
{
    enum { MOST_BYTES = 1 << 28 };
    char *bytes = NULL;
    size_t n_bytes;
    bool ok = ask_file_read(&bytes, &n_bytes, from, MOST_BYTES, err) &&
              write_file(m, name, bytes, n_bytes, err);
    free(bytes);
    return ok;
}

static bool write_preprocess(const making *m, ask_error *err)
{
    if (m->opt.preprocess)
        return copy_file(m, m->opt.preprocess, MODEL_PREPROCESS_FILE, err);
    network_picture_sizes s;
    if (!network_picture_sizes_of(&s, m->network, m->net)) return true;
    if (s.n_channels != 3) return true; // no processor makes such pictures
    ask_preprocess p = ask_preprocess_defaults(m->network->processor, s.image_px);
    ask_str text = {0};
    init_preprocess_text(&text, m->network->processor, &p);
    bool ok = text.failed ? ask_fail_memory(err)
                          : write_file(m, MODEL_PREPROCESS_FILE, ask_str_text(&text),
                                       text.length, err);
    ask_str_free(&text);
    return ok;
}

/* Copies a file of the tokenizer's folder, if it is there. */
static bool copy_tokenizer_file(const making *m, const char *name, ask_error *err)
{
    char *from = ask_path_join(m->opt.tokenizer, name, err);
    bool ok = from && (!ask_file_exists(from) || copy_file(m, from, name, err));
    free(from);
    return ok;
}

static bool copy_tokenizer(const making *m, ask_error *err)
{
    for (int i = 0; m->opt.tokenizer && ask_tokenizer_files[i]; i++)
        if (!copy_tokenizer_file(m, ask_tokenizer_files[i], err)) return false;
    return true;
}

/* What is written besides the tokenizer's files; config.json comes last and makes the
 * folder a model. */
static const char *const own_files[] = {MODEL_PREPROCESS_FILE, MODEL_WEIGHTS_FILE,
                                        MODEL_CONFIG_FILE, NULL};

static void remove_files(const making *m, const char *const *names)
{
    for (; *names; names++) {
        char *path = path_in(m, *names, NULL);
        if (path) unlink(path);
        free(path);
    }
}

static void remove_all(const making *m)
{
    remove_files(m, own_files);
    remove_files(m, ask_tokenizer_files);
    if (m->made_dir) rmdir(m->dir);
}

static bool write_all(making *m, ask_error *err)
{
    char *weights = path_in(m, MODEL_WEIGHTS_FILE, err);
    bool ok = weights && write_weights(m, weights, err) && copy_tokenizer(m, err) &&
              write_preprocess(m, err) &&
              write_file(m, MODEL_CONFIG_FILE, m->config, m->config_bytes, err);
    free(weights);
    return ok;
}

/* ---- before anything is written ---- */

/* Refuses a folder in which a file would be replaced. */
static bool check_free(const making *m, const char *const *names, ask_error *err)
{
    for (; *names; names++) {
        char *path = path_in(m, *names, err);
        if (!path) return false;
        bool taken = ask_file_exists(path);
        free(path);
        if (taken)
            return ask_fail(err, ASK_ERR_USAGE, "%s: holds %s already; give a new folder",
                            m->dir, *names);
    }
    return true;
}

static bool check_dir(const making *m, ask_error *err)
{
    if (ask_file_exists(m->dir) && !ask_file_is_dir(m->dir))
        return ask_fail(err, ASK_ERR_USAGE, "%s: a file; give a new folder", m->dir);
    return check_free(m, own_files, err) && check_free(m, ask_tokenizer_files, err);
}

static bool check_matrices(const making *m, ask_error *err)
{
    ask_dtype type = m->opt.matrices;
    return type == ASK_F32 || type == ASK_Q8 || type == ASK_Q4 ||
           ask_fail(err, ASK_ERR_USAGE, "matrices of type %s are not made; give q8 or q4",
                    ask_dtype_name(type));
}

/* A mistaken configuration can ask for more than any disk has. */
static bool check_room(const making *m, ask_error *err)
{
    int64_t room;
    if (!ask_dir_free_bytes(&room, m->dir, err)) return false;
    if (m->bytes <= room) return true;
    const double gib = (double)(1 << 30);
    return ask_fail(err, ASK_ERR_LIMIT,
                    MODEL_WEIGHTS_FILE " would be %.2f GiB, %s has %.2f GiB free",
                    (double)m->bytes / gib, m->dir, (double)room / gib);
}

/* The tokenizer must open, and have no more tokens than the network. */
static bool check_tokenizer(const making *m, ask_error *err)
{
    if (!m->opt.tokenizer) return true;
    network_text_sizes s;
    if (!network_text_sizes_of(&s, m->network, m->net))
        return ask_fail(err, ASK_ERR_USAGE, "%s takes no texts: no tokenizer is needed",
                        m->network->name);
    ask_tokenizer *t = ask_tokenizer_open(m->opt.tokenizer, err);
    if (!t) return false;
    int n = ask_tokenizer_n_tokens(t);
    ask_tokenizer_close(t);
    if (n <= s.n_vocab) return true;
    return ask_fail(err, ASK_ERR_MODEL,
                    "%s: has %d tokens, but %s of the configuration is %lld",
                    m->opt.tokenizer, n, s.vocab_key, (long long)s.n_vocab);
}

/* ---- all of it ---- */

static void making_close(making *m)
{
    ask_arena_free(m->room);
    free(m->config);
    free(m->rows);
    free(m->inits);
}

bool ask_model_init(const char *dir, const char *config_path,
                    const ask_model_init_options *opt, ask_error *err)
{
    making m = {.dir = dir};
    ask_options_take(&m.opt, sizeof m.opt, opt);
    bool ok = check_matrices(&m, err) && read_config(&m, config_path, err) &&
              list_rows(&m, err) && check_tokenizer(&m, err) && check_dir(&m, err) &&
              check_room(&m, err);
    if (ok) {
        m.made_dir = !ask_file_exists(dir);
        ok = ask_dir_make(dir, err) && write_all(&m, err);
        if (!ok) remove_all(&m);
    }
    making_close(&m);
    return ok;
}
