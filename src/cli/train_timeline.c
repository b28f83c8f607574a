/* askance train timeline - train the network that remembers who does what when, on the
 * playroom. */
#include <string.h>

#include "base/json_write.h"
#include "cli/clutter.h"
#include "cli/command.h"
#include "cli/console.h"
#include "cli/rows.h"
#include "cli/training.h"
#include "train/timeline.h"
#include "world/clip.h"

typedef struct {
    const char *stage, *out, *also_out;
    const char *config, *tokenizer, *init, *cells, *glance, *focus, *find, *clutter;

    int64_t n_clips, n_frames, n_questions, n_near; // 0: as the stage has it
    int64_t n_steps, n_warmup, until;
    double noise, rate, last_rate, weight_decay;
    bool no_memory, answers_only;
    int64_t seed;

    int64_t log_every, eval_every, save_every, n_eval, most_checkpoints;
    const char *eval_split, *report, *resume_from;
    bool allow_drift;
    int64_t n_threads;
    cli_args args;
} values;

/* What came of it. */
typedef struct {
    const char *out;
    ask_timeline_stage stage;
    ask_train_timeline_result result;
} findings;

/* ---- options ---- */

static bool check(const values *v, ask_error *err)
{
    if (!v->stage)
        return ask_fail(err, ASK_ERR_USAGE, "say what is trained: --stage=cells, ...");
    return !v->out || !v->also_out ||
           ask_fail(err, ASK_ERR_USAGE, "--output_dir and --out are the same: give one");
}

static void set_start(ask_train_timeline_options *o, const values *v)
{
    o->config = v->config;
    o->tokenizer = v->tokenizer;
    o->init = v->init;
    o->cells = v->cells;
    o->glance = v->glance;
    o->focus = v->focus;
    o->find = v->find;
}

static void set_steps(ask_train_timeline_options *o, const values *v)
{
    o->n_clips = (int)v->n_clips;
    o->n_frames = (int)v->n_frames;
    o->n_questions = (int)v->n_questions;
    o->n_near = (int)v->n_near;
    o->noise = v->noise;
    o->no_memory = v->no_memory;
    o->answers_only = v->answers_only;
    o->n_steps = v->n_steps;
    o->n_warmup = v->n_warmup;
    o->until = v->until;
    o->rate = v->rate;
    o->last_rate = v->last_rate;
    o->weight_decay = v->weight_decay;
    o->seed = (uint64_t)v->seed;
    o->log_every = v->log_every;
    o->eval_every = v->eval_every;
    o->save_every = v->save_every;
    o->n_eval = (int)v->n_eval;
    o->most_checkpoints = (int)v->most_checkpoints;
    o->report = v->report;
    o->resume_from = v->resume_from;
    o->allow_drift = v->allow_drift;
    o->n_threads = (int)v->n_threads;
}

static bool train(const cli_call *call, const values *v, const cli_console *console,
                  findings *f, ask_error *err)
{
    ask_train_timeline_options o = ask_train_timeline_defaults();
    if (!check(v, err) || !ask_timeline_stage_find(&o.stage, v->stage, err) ||
        !ask_split_parse(&o.eval_split, v->eval_split, err) ||
        (v->clutter && !cli_clutter_parse(&o.style, v->clutter, err)))
        return false;
    set_start(&o, v);
    set_steps(&o, v);
    o.log = &console->log;
    o.progress = &console->progress;
    o.cancel = call->cancel;
    f->out = v->out ? v->out : v->also_out;
    f->stage = o.stage;
    return ask_train_timeline(f->out, &o, &f->result, err);
}

/* ---- what is told ---- */

static void as_text(ask_str *out, const void *what)
{
    const findings *f = what;
    const ask_train_timeline_result *r = &f->result;
    const cli_training t = {f->out, &r->run, r->n_params, r->arena_bytes, &r->run.metrics};
    cli_training_text(out, &t);
}

static void as_json(ask_str *out, const void *what)
{
    const findings *f = what;
    const ask_train_timeline_result *r = &f->result;
    ask_json_writer w = {.out = out, .pretty = true};
    ask_json_open_object(&w, NULL);
    ask_json_put_string(&w, "schema", "askance.train.timeline/1");
    ask_json_put_string(&w, "out", f->out);
    ask_json_put_string(&w, "stage", ask_timeline_stage_name(f->stage));
    ask_json_put_int(&w, "n_params", r->n_params);
    ask_json_put_int(&w, "planned_bytes", (int64_t)r->arena_bytes);
    cli_training_put_run(&w, &r->run);
    cli_training_put_metrics(&w, &r->run.metrics);
    ask_json_close(&w);
    ask_str_append_char(out, '\n');
}

static cli_outcome run(const cli_call *call, const void *given, ask_error *err)
{
    findings f = {0};
    cli_console console;
    cli_console_open(&console, call->output);
    bool ok = train(call, given, &console, &f, err);
    cli_console_close(&console);
    ok = ok && cli_output_result(call->output, as_text, as_json, &f, err);
    return ok ? CLI_DONE : CLI_FAILED;
}

/* ---- the table ---- */

static const values defaults = {
    .n_questions = 8,
    .n_steps = 1000,
    .noise = 1,
    .n_warmup = -1,
    .last_rate = -1,
    .weight_decay = 0.01,
    .seed = 1,
    .log_every = 10,
    .eval_every = 500,
    .save_every = 500,
    .n_eval = 64,
    .eval_split = "val",
    .report = "jsonl,csv",
};

static const cli_option options[] = {
    TEXT("stage", stage, "NAME",
         "what is trained: cells, glance, glance-seen, focus, focus-seen, joint, find, "
         "glance-focus-seen"),
    {.name = "output_dir",
     .letter = 'o',
     .kind = CLI_TEXT,
     .at = offsetof(values, out),
     .argument = "DIR",
     .help = "make the model, its checkpoints and logs here"},
    TEXT("out", also_out, "DIR", "the same"),
    TEXT("config", config, "FILE", "begin at random, with the sizes of this config.json"),
    TEXT("tokenizer", tokenizer, "DIR", "its words, with --config"),
    MODEL("init", init, "or begin with this model"),
    MODEL("cells", cells, "but with the cells of this one"),
    MODEL("glance", glance, "with the glance of this one"),
    MODEL("focus", focus, "with focus and words of this one"),
    MODEL("find", find, "with what this one finds by"),
    TEXT("clutter", clutter, "N-M", "how much lies behind the toys (0-2)"),
    FLAG("no_memory", no_memory, "an ablation, with --config: sights as they are"),
    FLAG("answers_only", answers_only, "an ablation: what happens is not told"),
    REAL("noise", noise, 0, 4, "imagine X of the usual mistakes (1)"),

    INT("per_device_train_batch_size", n_clips, 1, 4096,
        "clips of a step (32 for cells, 16 for find, else 8)"),
    INT("frames", n_frames, 1, 256, "frames of each, for cells and find (5)"),
    INT("questions", n_questions, 1, 64, "questions of each, or for find texts (8)"),
    INT("near_misses", n_near, 0, 16,
        "wrong answers that are nearly right, for each open question (0)"),
    INT("max_steps", n_steps, 1, 1e15, "steps (1000)"),
    INT("until", until, 1, 1e15, "stop after this one, and go on later"),
    REAL("learning_rate", rate, 1e-12, 10,
         "the highest rate (cells 2e-3, glance and find 1e-3, focus 4e-4, joint 3e-4)"),
    REAL("last_rate", last_rate, 0, 10, "the last one (a twentieth)"),
    INT("warmup_steps", n_warmup, 0, 1e15, "steps with a growing rate (100)"),
    REAL("weight_decay", weight_decay, 0, 1, "of weights (0.01)"),
    INT("seed", seed, 0, 9007199254740992, "all that is drawn is a function of N (1)"),

    INT("logging_steps", log_every, 1, 1e15, "a line of the log every N steps (10)"),
    INT("eval_steps", eval_every, 0, 1e15, "measure every N; 0: at the end (500)"),
    INT("eval_clips", n_eval, 0, 1048576, "on so many clips (64)"),
    TEXT("eval_split", eval_split, "NAME", "of this split: train, val or test (val)"),
    INT("save_steps", save_every, 0, 1e15, "a checkpoint every N; 0: at the end (500)"),
    INT("save_total_limit", most_checkpoints, 0, 1e9, "keep N checkpoints, and the best"),
    TEXT("report_to", report, "LIST", "jsonl, csv, tensorboard; all or none (jsonl,csv)"),
    TEXT("resume_from_checkpoint", resume_from, "DIR",
         "go on from it, or from the last; other options as they were"),
    FLAG("allow_drift", allow_drift, "resume on another machine too, to other bits"),
    INT("threads", n_threads, 1, 1024, "compute with N threads (the processor's cores)"),
    {.name = "args",
     .kind = CLI_ARGS,
     .at = offsetof(values, args),
     .argument = "FILE",
     .help = "read options here: name=value, one on a line"},
    {0},
};

const cli_command cli_train_timeline_command = {
    .name = "train timeline",
    .summary = "Train a network that remembers who does what when, on the playroom",
    .description =
        "Trains Timeline on clips of the playroom, which are played in memory: no clip\n"
        "comes twice. Its parts are trained one after the other, and then together: cells\n"
        "on single frames; the glance on imagined sights, then on those that the cells\n"
        "see (glance-seen); the focus on imagined memories, then on those that the glance\n"
        "makes (focus-seen); joint trains these together, and glance-focus-seen all but\n"
        "the cells. Find trains what `askance find` looks for texts with, on cells as\n"
        "they are.\n\n"
        "--output_dir becomes a model folder with all parts, of which those that the\n"
        "stage does not train are as they were; with checkpoint-<step> folders and\n"
        "logs. A training that was interrupted goes on with\n"
        "--resume_from_checkpoint=last and ends with the same bits as if nothing had\n"
        "happened.\n\n"
        "Exit status 2 for options that do not fit, 4 when a model, configuration or\n"
        "checkpoint cannot be used, 5 when a number ran out of range (the tensor is\n"
        "named), 130 when interrupted.",
    .options = options,
    .defaults = &defaults,
    .values_bytes = sizeof defaults,
    .run = run,
};
