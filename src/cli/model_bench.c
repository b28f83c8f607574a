/* askance model bench - how fast a model is, here. */
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/clock.h"
#include "base/json_write.h"
#include "base/rng.h"
#include "cli/command.h"
#include "cli/console.h"
#include "cli/spread.h"
#include "model/memory.h"
#include "model/model.h"
#include "model/video_vectors.h"
#include "tensor/cpu/cpu.h"
#include "tensor/cpu/peak.h"

enum { MOST_IMAGES = 8, TEXT_TOKENS = 16, MOST_ROUNDS = 99 };

typedef struct {
    int64_t n_threads, n_rounds;
    const char *arch;
} values;

/* What is measured: n of a kind. */
typedef enum { IMAGES, CLIPS, FRAMES, MEMORIES, QUESTIONS, TEXTS } item_kind;
typedef struct {
    const char *name; // in words
    const char *key;  // in JSON
    item_kind kind;
    int n;
} item;

static const item items[] = {
    {"one image", "image", IMAGES, 1},
    {"8 images", "images_8", IMAGES, MOST_IMAGES},
    {"one clip", "clip", CLIPS, 1},
    {"one frame", "frame", FRAMES, 1},
    {"one memory", "memory", MEMORIES, 1}, // of all frames, which are looked at before
    {"one question", "question", QUESTIONS, 1},
    {"one text", "text", TEXTS, 1},
};

enum { N_ITEMS = sizeof items / sizeof *items };

/* Of a model that remembers videos. */
typedef struct {
    ask_memory_info info;     // zeros where it remembers none
    ask_sights frame, frames; // what one shows; of a video
    ask_memory memory;
    ask_recalled answer;
} remembered;

typedef struct {
    ask_model *model;
    ask_session *session;
    ask_model_info info;
    ask_backend *cpu;     // for the peak, with as many threads as the model
    ask_video_sizes clip; // zeros without clips
    remembered video;
    float *pixels; // [MOST_IMAGES, channels, side, side], or a clip
    float *out;    // [MOST_IMAGES, n_vectors, n_embed], or more
    int64_t ids[TEXT_TOKENS];
    int n_tokens, n_rounds;
    double open_s;
    double first_s[N_ITEMS]; // of the first time, weights packed in it
    double median_s[N_ITEMS];
    double peak_gflops;
} bench;

/* Whether the model can do it. */
static bool is_able(const bench *b, const item *it)
{
    switch (it->kind) {
    case IMAGES:
        return b->info.has_pictures;
    case CLIPS:
        return b->clip.n_frames > 0;
    case FRAMES:
    case MEMORIES:
        return b->video.info.n_frames > 0;
    case QUESTIONS:
        return b->video.info.n_answers > 0 && b->info.has_tokenizer;
    default:
        return b->info.n_embed > 0;
    }
}

/* The first item that the model can do; N_ITEMS without one. */
static int first_item(const bench *b)
{
    int i = 0;
    while (i < N_ITEMS && !is_able(b, &items[i])) i++;
    return i;
}

/* ---- inputs ---- */

/* A text without its end in the middle: up to end_id, or all but padding. */
static void make_ids(bench *b, ask_rng *rng)
{
    const ask_model_info *i = &b->info;
    uint64_t n_words = (uint64_t)(i->n_vocab > 1 ? i->n_vocab - 1 : 1);
    b->n_tokens = i->n_context < TEXT_TOKENS ? i->n_context : TEXT_TOKENS;
    for (int k = 0; k < b->n_tokens; k++) {
        if (i->end_id < 0)
            b->ids[k] = (i->pad_id + 1 + (int64_t)ask_rng_below(rng, n_words)) % i->n_vocab;
        else if (k < b->n_tokens - 1)
            b->ids[k] = (int64_t)ask_rng_below(rng, (uint64_t)i->end_id + !i->end_id);
        else
            b->ids[k] = i->end_id;
    }
}

/* Numbers of what is seen at once. */
static bool count_pixels(const bench *b, size_t *n)
{
    size_t side = (size_t)(b->clip.n_frames ? b->clip.side_px : b->info.image_px);
    size_t n_planes = b->clip.n_frames ? 3 * (size_t)b->clip.n_frames
                                       : MOST_IMAGES * (size_t)b->info.n_channels;
    return ask_mul_size(n, side * side, n_planes);
}

static bool make_inputs(bench *b, ask_error *err)
{
    const ask_model_info *i = &b->info;
    size_t n, bytes;
    size_t n_vectors = i->has_pictures ? MOST_IMAGES * (size_t)i->n_vectors : 1;
    size_t n_embed = (size_t)(b->clip.n_frames ? b->clip.n_embed : i->n_embed);
    if (!count_pixels(b, &n) || !ask_mul_size(&bytes, n, sizeof(float)))
        return ask_fail_memory(err);
    b->pixels = malloc(bytes + 1);
    b->out = calloc(n_vectors, (n_embed + 1) * sizeof(float));
    if (!b->pixels || !b->out) return ask_fail_memory(err);
    ask_rng rng = ask_rng_new(1);
    for (size_t k = 0; k < n; k++) b->pixels[k] = ask_rng_float(&rng);
    if (i->n_embed > 0) make_ids(b, &rng);
    return true;
}

/* A video whose frames are all the one that was looked at. */
static bool make_video(bench *b, ask_error *err)
{
    for (int i = 0; i < b->video.info.n_frames; i++)
        if (!ask_sights_copy(&b->video.frames, b->model, &b->video.frame, (int[]){0}, 1,
                             err))
            return false;
    return true;
}

/* ---- measuring ---- */

static bool remember(remembered *v, ask_session *s, const ask_cancel *cancel,
                     ask_error *err)
{
    ask_memory_free(&v->memory);
    return ask_memory_make(&v->memory, s, &v->frames, NULL, cancel, err);
}

static bool answer(remembered *v, ask_session *s, const ask_cancel *cancel, ask_error *err)
{
    ask_recalled_free(&v->answer);
    return ask_memory_recall(&v->answer, s, &v->memory, "what is there?", NULL, 0, cancel,
                             err);
}

static bool run_item(bench *b, const item *it, double *seconds, const ask_cancel *cancel,
                     ask_error *err)
{
    double begin = ask_clock_s();
    bool ok = false;
    switch (it->kind) {
    case IMAGES:
        ok = ask_embed_pixels(b->session, b->out, b->pixels, it->n, cancel, err);
        break;
    case CLIPS:
        ok = ask_embed_clips(b->session, b->out, b->pixels, it->n, cancel, err);
        break;
    case FRAMES:
        ask_sights_free(&b->video.frame);
        ok = ask_sights_add(&b->video.frame, b->session, b->pixels, it->n, cancel, err);
        break;
    case MEMORIES:
        ok = remember(&b->video, b->session, cancel, err);
        break;
    case QUESTIONS:
        ok = answer(&b->video, b->session, cancel, err);
        break;
    case TEXTS:
        ok = ask_embed_ids(b->session, b->out, b->ids, it->n, b->n_tokens, cancel, err);
    }
    *seconds = ask_clock_s() - begin;
    return ok;
}

/* Every item for the first time, from what those before it have made. */
static bool measure_first(bench *b, const ask_cancel *cancel, ask_error *err)
{
    for (int i = 0; i < N_ITEMS; i++) {
        if (!is_able(b, &items[i])) continue;
        if (items[i].kind == MEMORIES && !make_video(b, err)) return false;
        if (!run_item(b, &items[i], &b->first_s[i], cancel, err)) return false;
    }
    return true;
}

/* Rounds of one turn each, the peak among them, so that a busy moment of the machine meets
 * all of them. */
static bool measure(bench *b, const cli_call *call, const ask_progress *progress,
                    ask_error *err)
{
    double seconds[N_ITEMS + 1][MOST_ROUNDS];
    ask_peak peak = ask_peak_of(b->cpu);
    if (!measure_first(b, call->cancel, err)) return false;
    ask_peak_run(&peak);
    for (int r = 0; r < b->n_rounds; r++) {
        ask_progress_send(progress, r, b->n_rounds, "rounds", "measuring");
        for (int i = 0; i < N_ITEMS; i++)
            if (is_able(b, &items[i]) &&
                !run_item(b, &items[i], &seconds[i][r], call->cancel, err))
                return false;
        double begin = ask_clock_s();
        ask_peak_run(&peak);
        seconds[N_ITEMS][r] = ask_clock_s() - begin;
    }
    for (int i = 0; i < N_ITEMS; i++)
        if (is_able(b, &items[i]))
            b->median_s[i] = cli_spread_of(seconds[i], b->n_rounds).median;
    double peak_s = cli_spread_of(seconds[N_ITEMS], b->n_rounds).median;
    b->peak_gflops = ask_peak_flops(&peak) / peak_s / 1e9;
    return true;
}

static bool open_bench(bench *b, const char *dir, const values *v, ask_error *err)
{
    const ask_model_options options = {.n_threads = (int)v->n_threads, .network = v->arch};
    double begin = ask_clock_s();
    b->model = ask_model_open(dir, &options, err);
    b->open_s = ask_clock_s() - begin;
    if (!b->model) return false;
    b->info = ask_model_info_of(b->model);
    ask_error none = {0};
    if (!ask_video_sizes_of(&b->clip, b->model, &none)) b->clip = (ask_video_sizes){0};
    if (!ask_memory_info_of(&b->video.info, b->model, &none))
        b->video.info = (ask_memory_info){0};
    if (first_item(b) == N_ITEMS)
        return ask_fail(err, ASK_ERR_UNSUPPORTED,
                        "%s: %s embeds neither pictures nor clips nor texts, and "
                        "remembers no videos",
                        dir, b->info.network);
    b->session = ask_session_open(b->model, err);
    if (!b->session) return false;
    const ask_cpu_options cpu = {.struct_size = sizeof cpu, .n_threads = b->info.n_threads};
    b->cpu = ask_cpu_open(&cpu, err);
    return b->cpu && make_inputs(b, err);
}

static void close_bench(bench *b)
{
    ask_recalled_free(&b->video.answer);
    ask_memory_free(&b->video.memory);
    ask_sights_free(&b->video.frames);
    ask_sights_free(&b->video.frame);
    ask_backend_close(b->cpu);
    ask_session_close(b->session);
    ask_model_close(b->model);
    free(b->pixels);
    free(b->out);
}

/* ---- telling ---- */

/* Work of one of an item's kind. */
static double gflop_of(const bench *b, const item *it)
{
    switch (it->kind) {
    case IMAGES:
        return b->info.image_gflop;
    case CLIPS:
        return b->clip.clip_gflop;
    case FRAMES:
        return b->video.info.frame_gflop;
    case MEMORIES:
        return b->video.info.memory_gflop;
    case QUESTIONS:
        return b->video.info.answer_gflop;
    default:
        return b->info.text_token_gflop * b->n_tokens;
    }
}

static void as_text(ask_str *out, const void *what)
{
    const bench *b = what;
    ask_str_printf(out, "opening        %8.1f ms\n", b->open_s * 1e3);
    for (int i = 0; i < N_ITEMS; i++) {
        if (!is_able(b, &items[i])) continue;
        int n = items[i].n;
        double each = b->median_s[i] / n, gflops = gflop_of(b, &items[i]) / each;
        ask_str_printf(out, "%-14s %8.1f ms %s %8.1f GFLOP/s  %3.0f %% of the peak\n",
                       items[i].name, each * 1e3, n > 1 ? "each" : "    ", gflops,
                       100 * gflops / b->peak_gflops);
    }
    int first = first_item(b);
    ask_str_printf(out, "first %-8s %8.1f ms\n", items[first].key, b->first_s[first] * 1e3);
    ask_str_printf(out, "peak           %8.1f GFLOP/s f32, %s, %d thread%s\n",
                   b->peak_gflops, b->info.isa, b->info.n_threads,
                   b->info.n_threads == 1 ? "" : "s");
}

static void as_json(ask_str *out, const void *what)
{
    const bench *b = what;
    ask_json_writer w = {.out = out, .pretty = true};
    ask_json_open_object(&w, NULL);
    ask_json_put_string(&w, "schema", "askance.model.bench/1");
    ask_json_put_string(&w, "dir", b->info.dir);
    ask_json_put_string(&w, "network", b->info.network);
    ask_json_put_string(&w, "id", b->info.id);
    ask_json_put_string(&w, "isa", b->info.isa);
    ask_json_put_int(&w, "n_threads", b->info.n_threads);
    ask_json_put_int(&w, "n_rounds", b->n_rounds);
    ask_json_put_double(&w, "peak_gflops", b->peak_gflops);
    ask_json_put_double(&w, "open_s", b->open_s);
    ask_json_put_int(&w, "text_tokens", b->n_tokens);
    for (int i = 0; i < N_ITEMS; i++) {
        if (!is_able(b, &items[i])) continue;
        double each = b->median_s[i] / items[i].n;
        ask_json_open_object(&w, items[i].key);
        ask_json_put_double(&w, "each_s", each);
        ask_json_put_double(&w, "first_s", b->first_s[i]);
        ask_json_put_double(&w, "gflops", gflop_of(b, &items[i]) / each);
        ask_json_close(&w);
    }
    ask_json_close(&w);
    ask_str_append_char(out, '\n');
}

/* ---- the command ---- */

static cli_outcome run(const cli_call *call, const void *given, ask_error *err)
{
    const values *v = given;
    bench b = {.n_rounds = (int)v->n_rounds};
    cli_console console;
    cli_console_open(&console, call->output);
    bool ok = open_bench(&b, call->arguments->items[0], v, err) &&
              measure(&b, call, &console.progress, err);
    cli_console_close(&console);
    ok = ok && cli_output_result(call->output, as_text, as_json, &b, err);
    close_bench(&b);
    return ok ? CLI_DONE : CLI_FAILED;
}

static const values defaults = {.n_rounds = 9};

static const cli_option options[] = {
    {.name = "threads",
     .kind = CLI_INT,
     .at = offsetof(values, n_threads),
     .min = 1,
     .max = 1024,
     .argument = "N",
     .help = "compute with N threads (one for each core)"},
    {.name = "rounds",
     .kind = CLI_INT,
     .at = offsetof(values, n_rounds),
     .min = 1,
     .max = MOST_ROUNDS,
     .argument = "N",
     .help = "take the median of N rounds (9)"},
    {.name = "arch",
     .kind = CLI_TEXT,
     .at = offsetof(values, arch),
     .argument = "NAME",
     .help = "the network, if config.json tells none (clip, s3d, glance_focus, ...)"},
    {0},
};

const cli_command cli_model_bench_command = {
    .name = "model bench",
    .summary = "Measure how fast a model is on this machine",
    .arguments = "DIR",
    .min_arguments = 1,
    .max_arguments = 1,
    .n_models = 1,
    .description =
        "Times what the model can do: the embedding of one image, of 8 images together,\n"
        "of a clip and of a text of 16 tokens; of a model that remembers videos, one\n"
        "frame, the memory of all frames, and a question that it answers in its own\n"
        "words. They take turns with nothing but multiply-adds, which is the peak that\n"
        "the speeds are held against. The median of the rounds is told. Pictures are\n"
        "made up, and preparing them is not timed.",
    .options = options,
    .defaults = &defaults,
    .values_bytes = sizeof defaults,
    .run = run,
};
