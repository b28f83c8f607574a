/* askance train clip - train a model that sees and reads, on the playroom. */
#include <inttypes.h>
#include <string.h>

#include "base/json_write.h"
#include "cli/command.h"
#include "cli/console.h"
#include "train/clip.h"

typedef struct {
    const char *data, *out, *config, *tokenizer, *init, *log, *stage;
    int64_t n_steps, until, n_warmup, save_every, log_every;
    int64_t n_clips, n_frames, n_texts, n_tokens;
    double rate, weight_decay;
    int64_t seed, n_threads;
    bool resume, allow_drift, neighbours;
} values;

/* What came of it. */
typedef struct {
    const char *out, *stage;
    ask_train_clip_result result;
} findings;

static bool train(const cli_call *call, const values *v, const ask_progress *progress,
                  ask_train_clip_result *result, ask_error *err)
{
    ask_train_clip_options o = ask_train_clip_defaults();
    o.data = strcmp(v->data, "playroom") == 0 ? NULL : v->data;
    o.config = v->config;
    o.tokenizer = v->tokenizer;
    o.init = v->init;
    o.neighbours = v->neighbours;
    o.log = v->log;
    o.stage = v->stage;
    o.n_steps = v->n_steps;
    o.until = v->until;
    o.n_warmup = v->n_warmup;
    o.save_every = v->save_every;
    o.log_every = v->log_every;
    o.n_clips = (int)v->n_clips;
    o.n_frames = (int)v->n_frames;
    o.n_texts = (int)v->n_texts;
    o.n_tokens = (int)v->n_tokens;
    o.rate = v->rate;
    o.weight_decay = v->weight_decay;
    o.seed = (uint64_t)v->seed;
    o.n_threads = (int)v->n_threads;
    o.resume = v->resume;
    o.allow_drift = v->allow_drift;
    o.progress = progress;
    o.cancel = call->cancel;
    return ask_train_clip(v->out, &o, result, err);
}

static double examples_per_s(const ask_train_clip_result *r)
{
    double n = (double)(r->n_examples * (r->run.last_step - r->run.first_step + 1));
    return r->run.seconds > 0 ? n / r->run.seconds : 0;
}

static bool has_steps(const ask_train_clip_result *r)
{
    return r->run.last_step >= r->run.first_step;
}

static void as_text(ask_str *out, const void *what)
{
    const findings *f = what;
    const ask_train_clip_result *r = &f->result;
    if (!has_steps(r)) {
        ask_str_printf(out, "%s: all steps are made\n", f->out);
        return;
    }
    ask_str_printf(out,
                   "%s: steps %" PRId64 " to %" PRId64 ", loss %.5f -> %.5f, %.0f s, %.1f "
                   "frames/s\n",
                   f->out, r->run.first_step, r->run.last_step, r->run.first_loss,
                   r->run.last_loss, r->run.seconds, examples_per_s(r));
    ask_str_printf(out, "%" PRId64 " parameters, %.0f MiB planned for a step\n",
                   r->n_params, (double)r->arena_bytes / (1 << 20));
}

static void as_json(ask_str *out, const void *what)
{
    const findings *f = what;
    const ask_train_clip_result *r = &f->result;
    ask_json_writer w = {.out = out, .pretty = true};
    ask_json_open_object(&w, NULL);
    ask_json_put_string(&w, "schema", "askance.train.clip/1");
    ask_json_put_string(&w, "out", f->out);
    ask_json_put_string(&w, "stage", f->stage);
    ask_json_put_int(&w, "n_params", r->n_params);
    ask_json_put_int(&w, "first_step", r->run.first_step);
    ask_json_put_int(&w, "last_step", r->run.last_step);
    if (has_steps(r)) {
        ask_json_put_double(&w, "first_loss", r->run.first_loss);
        ask_json_put_double(&w, "last_loss", r->run.last_loss);
        ask_json_put_double(&w, "frames_per_s", examples_per_s(r));
    }
    ask_json_put_double(&w, "seconds", r->run.seconds);
    ask_json_put_int(&w, "planned_bytes", (int64_t)r->arena_bytes);
    ask_json_close(&w);
    ask_str_append_char(out, '\n');
}

static cli_outcome run(const cli_call *call, const void *given, ask_error *err)
{
    const values *v = given;
    findings f = {.out = v->out, .stage = v->stage};
    if (!v->out) {
        ask_fail(err, ASK_ERR_USAGE, "--out says where the model goes; it is needed");
        return CLI_FAILED;
    }
    cli_console console;
    cli_console_open(&console, call->output);
    bool ok = train(call, v, &console.progress, &f.result, err);
    cli_console_close(&console);
    ok = ok && cli_output_result(call->output, as_text, as_json, &f, err);
    return ok ? CLI_DONE : CLI_FAILED;
}

static const values defaults = {
    .data = "playroom",
    .stage = "frames",
    .n_steps = 1000,
    .n_warmup = -1,
    .save_every = 500,
    .log_every = 10,
    .n_clips = 8,
    .n_frames = 6,
    .n_texts = 128,
    .weight_decay = 0.01,
    .seed = 1,
};

static const cli_option options[] = {
    {.name = "data",
     .kind = CLI_TEXT,
     .at = offsetof(values, data),
     .argument = "DIR",
     .help = "a world made by askance world, or playroom: painted in memory (playroom)"},
    {.name = "out",
     .kind = CLI_TEXT,
     .at = offsetof(values, out),
     .argument = "DIR",
     .help = "make the model, its checkpoint and its log here"},
    {.name = "config",
     .kind = CLI_TEXT,
     .at = offsetof(values, config),
     .argument = "FILE",
     .help = "begin at random, with the sizes of this config.json"},
    {.name = "tokenizer",
     .kind = CLI_TEXT,
     .at = offsetof(values, tokenizer),
     .argument = "DIR",
     .help = "the tokenizer to go with --config"},
    {.name = "neighbours",
     .kind = CLI_FLAG,
     .at = offsetof(values, neighbours),
     .help = "with --config: heads begin by looking at neighbouring patches"},
    {.name = "init",
     .kind = CLI_MODEL,
     .at = offsetof(values, init),
     .argument = "DIR",
     .help = "begin with this model"},
    {.name = "resume",
     .kind = CLI_FLAG,
     .at = offsetof(values, resume),
     .help = "go on from the checkpoint in --out"},
    {.name = "allow-drift",
     .kind = CLI_FLAG,
     .at = offsetof(values, allow_drift),
     .help = "resume on another machine too, to other bits"},
    {.name = "stage",
     .kind = CLI_TEXT,
     .at = offsetof(values, stage),
     .argument = "NAME",
     .help = "patches, or frames: what is taught (frames)"},
    {.name = "steps",
     .kind = CLI_INT,
     .at = offsetof(values, n_steps),
     .min = 1,
     .max = 1e9,
     .argument = "N",
     .help = "make N steps in all (1000)"},
    {.name = "until",
     .kind = CLI_INT,
     .at = offsetof(values, until),
     .min = 1,
     .max = 1e9,
     .argument = "N",
     .help = "stop after step N, as if the rest were to come (the last)"},
    {.name = "warmup",
     .kind = CLI_INT,
     .at = offsetof(values, n_warmup),
     .min = 0,
     .max = 1e9,
     .argument = "N",
     .help = "of these with a growing rate (a twentieth, at most 200)"},
    {.name = "lr",
     .kind = CLI_REAL,
     .at = offsetof(values, rate),
     .min = 1e-9,
     .max = 10,
     .argument = "X",
     .help = "the highest rate (1e-3 for patches, 6e-4 for frames)"},
    {.name = "decay",
     .kind = CLI_REAL,
     .at = offsetof(values, weight_decay),
     .min = 0,
     .max = 1,
     .argument = "X",
     .help = "of weights (0.01)"},
    {.name = "batch",
     .kind = CLI_INT,
     .at = offsetof(values, n_clips),
     .min = 1,
     .max = 4096,
     .argument = "N",
     .help = "clips in a step (8)"},
    {.name = "frames",
     .kind = CLI_INT,
     .at = offsetof(values, n_frames),
     .min = 2,
     .max = 96,
     .argument = "N",
     .help = "frames of each clip (6)"},
    {.name = "texts",
     .kind = CLI_INT,
     .at = offsetof(values, n_texts),
     .min = 1,
     .max = 65536,
     .argument = "N",
     .help = "texts in a step (128)"},
    {.name = "tokens",
     .kind = CLI_INT,
     .at = offsetof(values, n_tokens),
     .min = 3,
     .max = 65536,
     .argument = "N",
     .help = "room for a text (what the network takes)"},
    {.name = "seed",
     .kind = CLI_INT,
     .at = offsetof(values, seed),
     .min = 0,
     .max = 9007199254740992, // what every reader of the result can hold
     .argument = "N",
     .help = "weights and batches are functions of N (1)"},
    {.name = "save-every",
     .kind = CLI_INT,
     .at = offsetof(values, save_every),
     .min = 0,
     .max = 1e9,
     .argument = "N",
     .help = "write a checkpoint every N steps; 0: at the end (500)"},
    {.name = "log",
     .kind = CLI_TEXT,
     .at = offsetof(values, log),
     .argument = "FILE",
     .help = "write the log here (log.jsonl in --out)"},
    {.name = "log-every",
     .kind = CLI_INT,
     .at = offsetof(values, log_every),
     .min = 1,
     .max = 1e9,
     .argument = "N",
     .help = "a line every N steps (10)"},
    {.name = "threads",
     .kind = CLI_INT,
     .at = offsetof(values, n_threads),
     .min = 1,
     .max = 1024,
     .argument = "N",
     .help = "threads to compute with (the processor's cores)"},
    {0},
};

const cli_command cli_train_clip_command = {
    .name = "train clip",
    .summary = "Train a model that sees and reads",
    .description =
        "Trains a dual encoder of frames and texts, a CLIP, on the playroom: a world of\n"
        "moving toys of which every truth is known. --out becomes a model folder. A\n"
        "training that was interrupted, even by a power cut, goes on with --resume and\n"
        "ends with the same bits as if nothing had happened; its other options must then\n"
        "be those it began with.\n\n"
        "Exit status 4 when a model, configuration or checkpoint cannot be used, 5 when a\n"
        "number ran out of range (the tensor is named), 130 when interrupted.",
    .options = options,
    .defaults = &defaults,
    .values_bytes = sizeof defaults,
    .run = run,
};
