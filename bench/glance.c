/* bench/glance.c - a training step of Glance-Focus at the sizes of its paper: 64 questions
 * of 4 options, 80 frames of 1024 features, RoBERTa-base for the texts, dropout, losses
 * without event labels; against PyTorch on the same batch.
 *
 * Two rows. Padded: every question and option is a row with a video of its own, and texts
 * are as long as the longest, as the authors' code has it and the peer computes it. Lean:
 * the glance at a video is taken once for its four texts, and padding is not computed. Both
 * are given the same data, and their losses without dropout are compared.
 *
 * Random features and ids: what is measured is arithmetic and memory. Runs take a minute
 * each; ASKANCE_GLANCE_QUESTIONS makes the batch smaller. The peer is found through
 * ASKANCE_PEERS; see tools/bench/glance_focus_torch.py. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/rng.h"
#include "net/joint/glance_focus_loss.h"
#include "support/model.h"
#include "support/peer.h"
#include "support/table.h"
#include "support/timing.h"
#include "tensor/cpu/cpu.h"
#include "train/trainer.h"

enum { N_QUESTIONS = 64, N_OPTIONS = 4, N_FRAMES = 80, N_FEATURES = 1024 };
enum { LEAST_TOKENS = 12, MOST_TOKENS = 24, N_ROUNDS = 3 };

static const char config_text[] =
    "{\"model_type\": \"glance_focus\", \"head\": \"options\", \"num_options\": 4,\n"
    " \"d_model\": 512, \"nhead\": 8, \"num_layers\": 2, \"dim_feedforward\": 2048,\n"
    " \"num_queries\": 10, \"feature_dim\": 1024, \"event_pred_dim\": 111,\n"
    " \"max_feats\": 80, \"dropout\": 0.1,\n"
    " \"text_encoder\": {\"model_type\": \"roberta\", \"vocab_size\": 50265,\n"
    "  \"max_position_embeddings\": 514, \"type_vocab_size\": 1,\n"
    "  \"layer_norm_eps\": 1e-5}}\n";

static void give_up(const ask_error *err)
{
    fprintf(stderr, "bench/glance: %s\n", err->message);
    exit(1);
}

static void *allocate(size_t count, size_t bytes)
{
    void *p = calloc(count, bytes);
    if (!p) give_up(&(ask_error){ASK_ERR_NOMEM, "out of memory"});
    return p;
}

/* ---- the batch ---- */

/* R rows: a question with one of its options. */
typedef struct {
    int n_questions, n_rows, n_tokens; // tokens of the longest
    float *features;                   // [n_questions, T, F]
    int64_t *ids, *is_text;            // [R, L]
    int64_t *labels;                   // [n_questions]
    int n_real;                        // tokens that are no padding
} batch;

static void fill_row(batch *b, int row, ask_rng *rng)
{
    int64_t *ids = b->ids + (size_t)row * (size_t)b->n_tokens,
            *is_text = b->is_text + (size_t)row * (size_t)b->n_tokens;
    int n = LEAST_TOKENS + (int)ask_rng_below(rng, MOST_TOKENS - LEAST_TOKENS + 1);
    for (int i = 0; i < b->n_tokens; i++) {
        ids[i] = i < n ? 3 + (int64_t)ask_rng_below(rng, 50000) : 1;
        is_text[i] = i < n;
    }
    b->n_real += n;
}

static batch batch_make(int n_questions)
{
    ask_rng rng = ask_rng_new(1);
    batch b = {.n_questions = n_questions,
               .n_rows = n_questions * N_OPTIONS,
               .n_tokens = MOST_TOKENS};
    size_t n_features = (size_t)n_questions * N_FRAMES * N_FEATURES,
           n_ids = (size_t)b.n_rows * (size_t)b.n_tokens;
    b.features = allocate(n_features, sizeof *b.features);
    b.ids = allocate(n_ids, sizeof *b.ids);
    b.is_text = allocate(n_ids, sizeof *b.is_text);
    b.labels = allocate((size_t)n_questions, sizeof *b.labels);
    for (size_t i = 0; i < n_features; i++) b.features[i] = 2 * ask_rng_float(&rng);
    for (int i = 0; i < b.n_rows; i++) fill_row(&b, i, &rng);
    for (int i = 0; i < n_questions; i++)
        b.labels[i] = (int64_t)ask_rng_below(&rng, N_OPTIONS);
    return b;
}

static void batch_drop(batch *b)
{
    free(b->features);
    free(b->ids);
    free(b->is_text);
    free(b->labels);
}

/* [R, T, F]: each question's features once for every option. */
static float *repeat_features(const batch *b)
{
    size_t each = (size_t)N_FRAMES * N_FEATURES;
    float *out = allocate((size_t)b->n_rows * each, sizeof *out);
    for (int i = 0; i < b->n_rows; i++)
        memcpy(out + (size_t)i * each, b->features + (size_t)(i / N_OPTIONS) * each,
               each * sizeof *out);
    return out;
}

/* ---- ours ---- */

typedef enum { PADDED, LEAN } manner_kind;

typedef struct {
    const batch *batch;
    manner_kind manner;
    ask_backend *backend;
    ask_store *store;
    ask_arena *room;
    ask_weights *weights;
    ask_glance_focus net;
    ask_trainer *trainer;
    float *repeated;                      // features of the padded manner
    int64_t *ids, *rows, *places, *ranks; // of the lean one
    int64_t step;
} ours;

/* One text behind the other: what ask_packing is made of. */
static void pack_texts(ours *o)
{
    const batch *b = o->batch;
    size_t n_all = (size_t)b->n_rows * (size_t)b->n_tokens, n_real = (size_t)b->n_real,
           n = 0;
    o->ids = allocate(n_real, sizeof *o->ids);
    o->places = allocate(n_real, sizeof *o->places);
    o->ranks = allocate(n_real, sizeof *o->ranks);
    o->rows = allocate(n_all, sizeof *o->rows);
    for (size_t i = 0; i < n_all; i++) {
        if (!b->is_text[i]) continue;
        o->ids[n] = b->ids[i];
        o->places[n] = (int64_t)i;
        o->ranks[n] = (int64_t)(i % (size_t)b->n_tokens);
        o->rows[i] = (int64_t)n++;
    }
}

static ask_tensor *constant(ask_graph *g, int64_t n, const int64_t *values)
{
    return ask_constant(g, ASK_I64, 1, &n, values);
}

static ask_tensor *constant_rows(ask_graph *g, const batch *b, const int64_t *values)
{
    return ask_constant(g, ASK_I64, 2, (int64_t[]){b->n_rows, b->n_tokens}, values);
}

static ask_tensor *build_texts(const ours *o, ask_graph *g, ask_tensor *mask,
                               ask_dropping *dropping)
{
    const batch *b = o->batch;
    ask_bert_input in = {.mask = mask, .dropping = dropping};
    if (o->manner == PADDED) {
        in.ids = constant_rows(g, b, b->ids);
        return ask_focus_text(g, &o->net, &in);
    }
    const ask_packing packing = {.rows = constant_rows(g, b, o->rows),
                                 .places = constant(g, b->n_real, o->places),
                                 .ranks = constant(g, b->n_real, o->ranks)};
    in.ids = ask_reshape(g, constant(g, b->n_real, o->ids), 2, (int64_t[]){1, b->n_real});
    in.packing = &packing;
    return ask_focus_text(g, &o->net, &in);
}

static void add_loss(ask_graph *g, ask_train_loss *out, const char *name, double weight,
                     const ask_loss_part *part)
{
    ask_train_loss_add(out, name, weight, ask_loss_mean(g, part));
}

static void build_losses(const ours *o, ask_graph *g, ask_train_loss *out,
                         ask_dropping *dropping)
{
    const batch *b = o->batch;
    int64_t n_videos = o->manner == PADDED ? b->n_rows : b->n_questions;
    const float *values = o->manner == PADDED ? o->repeated : b->features;
    ask_tensor *features =
        ask_constant(g, ASK_F32, 3, (int64_t[]){n_videos, N_FRAMES, N_FEATURES}, values);
    ask_tensor *mask = ask_cast(g, constant_rows(g, b, b->is_text), ASK_BOOL);
    ask_glance glance;
    ask_focus focus;
    ask_loss_part qa, cls, giou, cert;
    ask_glance_build(&glance, g, &o->net, features, NULL, dropping);
    ask_tensor *text = build_texts(o, g, mask, dropping);
    ask_focus_build(&focus, g, &o->net, &glance, text, mask, dropping);
    ask_qa_loss(&qa, g, ASK_ANSWER_OPTIONS, focus.answer,
                constant(g, b->n_questions, b->labels));
    ask_diversity_loss(&cls, g, &glance);
    ask_overlap_loss(&giou, g, &glance);
    ask_certainty_loss(&cert, g, &glance);
    add_loss(g, out, "qa", 1, &qa);
    add_loss(g, out, "cls", 0.5, &cls);
    add_loss(g, out, "giou", 0.5, &giou);
    add_loss(g, out, "cert", 1, &cert);
}

static void build(void *user, ask_graph *g, ask_train_loss *out)
{
    ask_dropping dropping = {.seed = 1, .step = out->batch};
    build_losses(user, g, out, &dropping);
}

static bool feed(void *user, int64_t number, ask_error *err)
{
    (void)user;
    (void)number;
    (void)err;
    return true; // all inputs are constants
}

/* The loss as evaluation has it. */
static double first_loss(const ours *o)
{
    ask_error err = {0};
    ask_train_loss loss = {0};
    ask_graph *g = ask_graph_new(&err);
    if (!g) give_up(&err);
    build_losses(o, g, &loss, NULL);
    for (int i = 0; i < loss.n_parts; i++) ask_keep(g, loss.parts[i].value);
    const ask_plan_options opt = {.backends = &o->backend, .n_backends = 1};
    if (!ask_graph_plan(g, &opt, &err) || !ask_graph_run(g, NULL, &err)) give_up(&err);
    double sum = 0;
    for (int i = 0; i < loss.n_parts; i++) {
        float value;
        if (!ask_tensor_read(loss.parts[i].value, &value, sizeof value, &err))
            give_up(&err);
        sum += loss.parts[i].weight * (double)value;
    }
    ask_graph_free(g);
    return sum;
}

static void read_network(ours *o, const char *dir, ask_error *err)
{
    char *path = ask_path_join(dir, "config.json", err);
    ask_json *doc = path ? ask_json_read(path, NULL, err) : NULL;
    ask_glance_focus_config config;
    if (!doc || !ask_glance_focus_config_read(&config, ask_json_root(doc), err))
        give_up(err);
    ask_json_free(doc);
    free(path);
    o->weights = ask_weights_open(dir, err);
    ask_params *p =
        o->weights ? ask_params_trainable(o->store, o->weights, o->room, err) : NULL;
    if (!p) give_up(err);
    ask_glance_focus_bind(&o->net, p, &config);
    if (!ask_params_finish(p, ask_glance_focus_ignored, err)) give_up(err);
}

static ours ours_open(const char *dir, const batch *b, manner_kind manner, int n_threads)
{
    ask_error err = {0};
    ours o = {.batch = b, .manner = manner, .room = ask_arena_new(0)};
    const ask_cpu_options cpu = {.n_threads = n_threads};
    o.backend = ask_cpu_open(&cpu, &err);
    o.store = o.backend ? ask_store_new(o.backend, &err) : NULL;
    if (!o.store) give_up(&err);
    read_network(&o, dir, &err);
    if (manner == PADDED)
        o.repeated = repeat_features(b);
    else
        pack_texts(&o);
    return o;
}

/* Behind first_loss, whose memory is given back by then. */
static void ours_train(ours *o)
{
    ask_error err = {0};
    const ask_train_task task = {.user = o, .build = build, .feed = feed};
    ask_trainer_options opt = ask_trainer_defaults();
    opt.schedule = (ask_schedule){.n_steps = 1000, .rate = 1e-9};
    o->trainer = ask_trainer_open(o->backend, o->store, &task, &opt, &err);
    if (!o->trainer) give_up(&err);
}

static void ours_close(ours *o)
{
    ask_trainer_close(o->trainer);
    ask_store_free(o->store);
    ask_backend_close(o->backend);
    ask_weights_close(o->weights);
    ask_arena_free(o->room);
    free(o->repeated);
    free(o->ids);
    free(o->rows);
    free(o->places);
    free(o->ranks);
}

static void run_ours(void *user)
{
    ours *o = user;
    ask_error err = {0};
    ask_train_step step;
    if (!ask_trainer_step(o->trainer, ++o->step, &step, &err)) give_up(&err);
}

/* Forward, and twice as much for the gradients: of all that the padded manner computes. */
static double padded_flops(const ours *o)
{
    const ask_glance_focus_config *c = &o->net.config;
    const batch *b = o->batch;
    return 3 * b->n_rows *
           (ask_glance_flops(c, N_FRAMES) + ask_focus_flops(c, N_FRAMES, b->n_tokens));
}

/* ---- the peer ---- */

/* What the peer is given: the padded batch as one block. */
static char *peer_input(const batch *b, size_t *n_bytes)
{
    float *features = repeat_features(b);
    size_t n_features = (size_t)b->n_rows * N_FRAMES * N_FEATURES * sizeof *features,
           n_ids = (size_t)b->n_rows * (size_t)b->n_tokens * sizeof *b->ids,
           n_labels = (size_t)b->n_questions * sizeof *b->labels;
    *n_bytes = n_features + 2 * n_ids + n_labels;
    char *out = allocate(*n_bytes, 1), *at = out;
    memcpy(at, features, n_features);
    memcpy(at += n_features, b->ids, n_ids);
    memcpy(at += n_ids, b->is_text, n_ids);
    memcpy(at + n_ids, b->labels, n_labels);
    free(features);
    return out;
}

static bool peer_open(bench_peer *peer, const char *dir, const batch *b, int n_threads,
                      float *loss)
{
    const char *environment = getenv("ASKANCE_PEERS");
    if (!environment) return false;
    enum { N_NUMBERS = 4 };
    const int values[N_NUMBERS] = {b->n_questions, N_FRAMES, b->n_tokens, n_threads};
    char python[512], script[] = "tools/bench/glance_focus_torch.py",
                      numbers[N_NUMBERS][16];
    snprintf(python, sizeof python, "%s/bin/python", environment);
    for (int i = 0; i < N_NUMBERS; i++)
        snprintf(numbers[i], sizeof *numbers, "%d", values[i]);
    char *argv[] = {python,     script,     (char *)dir, numbers[0],
                    numbers[1], numbers[2], numbers[3],  NULL};
    size_t n_bytes;
    char *input = peer_input(b, &n_bytes);
    bool ok = bench_peer_open(peer, argv, input, n_bytes, loss, sizeof *loss);
    free(input);
    return ok;
}

/* ---- the rows ---- */

typedef enum { OURS, PEAK, PEER } candidate;

static void tell(const ours *o, const bench_candidate *c, double loss, const ask_peak *peak)
{
    static const char *const names[] = {[PADDED] = "padded batch", [LEAN] = "lean batch"};
    double seconds = c[OURS].median_s, limit = ask_peak_flops(peak) / c[PEAK].median_s,
           share = 100 * padded_flops(o) / seconds / limit;
    if (o->manner == PADDED)
        bench_table_row(names[PADDED], seconds, "s a step",
                        "%.1f GFLOP/s of %.1f: %.0f %% of the peak (target: 60); loss %.5f",
                        padded_flops(o) / seconds / 1e9, limit / 1e9, share, loss);
    else
        bench_table_row(names[LEAN], seconds, "s a step",
                        "the glance once a question, no padded text; loss %.5f", loss);
    ask_plan_info plan = ask_trainer_plan(o->trainer);
    bench_table_row("  planned memory", (double)plan.peak_bytes / (1 << 20), "MiB", NULL);
}

static void bench_manner(const char *dir, const batch *b, manner_kind manner, int n_threads)
{
    static const double targets[] = {[PADDED] = 1.1, [LEAN] = 1.5};
    ours o = ours_open(dir, b, manner, n_threads);
    double loss = first_loss(&o);
    ours_train(&o);
    bench_peer peer;
    float their_loss = NAN;
    bool has_peer = peer_open(&peer, dir, b, n_threads, &their_loss);
    ask_peak peak = ask_peak_of(o.backend);
    bench_candidate c[] = {[OURS] = {.run = run_ours, .user = &o},
                           [PEAK] = {.run = bench_peak_run, .user = &peak},
                           [PEER] = {.run = bench_peer_run, .user = &peer}};
    bench_time_rounds(c, has_peer ? 3 : 2, N_ROUNDS);
    tell(&o, c, loss, &peak);
    if (has_peer) {
        bench_table_row("  the peer, padded", c[PEER].median_s, "s a step",
                        "ours is %.2f times as fast (target: %.1f); loss %.5f",
                        c[PEER].median_s / c[OURS].median_s, targets[manner],
                        (double)their_loss);
        printf("    %s\n", peer.name);
        bench_peer_close(&peer);
    } else {
        printf("    peer %s\n", getenv("ASKANCE_PEERS")
                                    ? "could not be run; its own words are above"
                                    : "not installed: set ASKANCE_PEERS");
    }
    ours_close(&o);
}

int main(void)
{
    char dir[BENCH_MODEL_DIR_BYTES], title[160];
    const char *smaller = getenv("ASKANCE_GLANCE_QUESTIONS");
    int n_questions = smaller ? atoi(smaller) : N_QUESTIONS;
    if (n_questions < 1 || n_questions > N_QUESTIONS) n_questions = N_QUESTIONS;
    bench_machine m = bench_machine_measure();
    bench_model_dir(dir, "glance-focus-paper", config_text);
    batch b = batch_make(n_questions);
    snprintf(title, sizeof title,
             "glance: a training step of %d questions x %d options, %d frames, texts of %d "
             "to %d tokens, %d threads",
             n_questions, N_OPTIONS, N_FRAMES, LEAST_TOKENS, MOST_TOKENS, m.n_threads);
    bench_table_open(title, &m);
    bench_manner(dir, &b, PADDED, m.n_threads);
    bench_manner(dir, &b, LEAN, m.n_threads);
    batch_drop(&b);
    return 0;
}
