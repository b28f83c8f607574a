/* askance train glance-focus - train a network with a memory of events on a set of
 * questions about videos. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/json_write.h"
#include "cli/command.h"
#include "cli/console.h"
#include "cli/default_model.h"
#include "cli/rows.h"
#include "cli/training.h"
#include "train/glance_focus.h"

typedef struct {
    const char *data, *set, *train_split, *eval_split, *videos, *events;
    bool supervised, unsupervised;
    int64_t n_vocabulary;
    const char *features, *feature_dataset, *feature_list, *feature_ids, *vision;
    double vision_fps;
    int64_t cache_mib;

    const char *out, *also_out, *init, *config, *text, *tokenizer, *freeze, *option_joint;
    int64_t width, n_heads, n_layers, n_queries, inner, n_frames, n_tokens;
    int64_t text_width, text_layers, text_tokens;
    double dropout;
    bool bare_frames, no_memory;

    int64_t n_questions, n_batches;
    double n_epochs;
    int64_t n_steps, n_warmup;
    double rate, warmup_share;
    const char *schedule;
    double weight_decay, beta1, beta2, eps, max_norm;
    ask_glance_loss_weights weights;
    ask_matching matching;
    int64_t seed;

    int64_t log_every, eval_every, save_every, most_checkpoints;
    bool best_at_end;
    const char *report, *resume_from;
    bool allow_drift;
    int64_t n_threads;
    bool overfit, verify_resume, test_only;
    cli_args args;
} values;

/* What came of it. */
typedef struct {
    const char *out;
    ask_glance_mode mode;
    bool supervised;
    ask_train_glance_focus_result result;
} findings;

/* ---- options ---- */

static bool choose_mode(ask_glance_mode *out, const values *v, ask_error *err)
{
    *out = v->overfit         ? ASK_GLANCE_OVERFIT
           : v->verify_resume ? ASK_GLANCE_VERIFY_RESUME
           : v->test_only     ? ASK_GLANCE_TEST
                              : ASK_GLANCE_TRAIN;
    return v->overfit + v->verify_resume + v->test_only < 2 ||
           ask_fail(
               err, ASK_ERR_USAGE,
               "--overfit_one_batch, --verify_resume and --test_only are one at a time");
}

static bool check(const values *v, ask_error *err)
{
    if (v->supervised && v->unsupervised)
        return ask_fail(err, ASK_ERR_USAGE,
                        "--supervised and --unsupervised: it is one of both");
    if (v->out && v->also_out)
        return ask_fail(err, ASK_ERR_USAGE,
                        "--output_dir and --out are the same: give one");
    if (v->freeze && strcmp(v->freeze, "text") != 0)
        return ask_fail(err, ASK_ERR_USAGE, "--freeze takes text, not %.40s", v->freeze);
    return true;
}

static void set_data(ask_train_glance_focus_options *o, const values *v)
{
    o->data = v->data;
    o->set = v->set;
    o->train_split = v->train_split;
    o->eval_split = v->eval_split;
    o->videos = v->videos;
    o->events = v->events;
    o->supervised = v->supervised;
    o->n_vocabulary = (int)v->n_vocabulary;
    o->features = v->features;
    o->store.dataset = v->feature_dataset;
    o->store.list = v->feature_list;
    o->store.id_map = v->feature_ids;
    o->vision_fps = v->vision_fps;
    o->cache_bytes = v->cache_mib << 20;
}

static void set_network(ask_train_glance_focus_options *o, const values *v)
{
    o->init = v->init;
    o->config = v->config;
    o->text = v->text;
    o->tokenizer = v->tokenizer;
    o->freeze_text = v->freeze != NULL;
    o->option_joint = v->option_joint;
    o->width = (int)v->width;
    o->n_heads = (int)v->n_heads;
    o->n_layers = (int)v->n_layers;
    o->n_queries = (int)v->n_queries;
    o->inner = (int)v->inner;
    o->n_frames = (int)v->n_frames;
    o->n_tokens = (int)v->n_tokens;
    o->text_width = (int)v->text_width;
    o->text_layers = (int)v->text_layers;
    o->text_tokens = (int)v->text_tokens;
    o->dropout = v->dropout;
    o->bare_frames = v->bare_frames;
    o->no_memory = v->no_memory;
}

static void set_steps(ask_train_glance_focus_options *o, const values *v)
{
    o->n_questions = (int)v->n_questions;
    o->n_batches = (int)v->n_batches;
    o->n_epochs = v->n_epochs;
    o->n_steps = v->n_steps;
    o->n_warmup = v->n_warmup;
    o->warmup_share = v->warmup_share;
    o->rate = v->rate;
    o->weight_decay = v->weight_decay;
    o->beta1 = v->beta1;
    o->beta2 = v->beta2;
    o->eps = v->eps;
    o->max_norm = v->max_norm;
    o->weights = v->weights;
    o->matching = v->matching;
    o->seed = (uint64_t)v->seed;
    o->log_every = v->log_every;
    o->eval_every = v->eval_every;
    o->save_every = v->save_every;
    o->most_checkpoints = (int)v->most_checkpoints;
    o->best_at_end = v->best_at_end;
    o->report = v->report;
    o->resume_from = v->resume_from;
    o->allow_drift = v->allow_drift;
    o->n_threads = (int)v->n_threads;
}

static bool train_with(const cli_call *call, const values *v, const char *vision,
                       const cli_console *console, findings *f, ask_error *err)
{
    ask_train_glance_focus_options o = ask_train_glance_focus_defaults();
    if (!check(v, err) || !choose_mode(&o.mode, v, err) ||
        !ask_schedule_find(&o.schedule, v->schedule, err))
        return false;
    set_data(&o, v);
    set_network(&o, v);
    set_steps(&o, v);
    o.vision = vision;
    f->out = v->out ? v->out : v->also_out;
    f->mode = o.mode;
    f->supervised = o.supervised;
    if (o.mode == ASK_GLANCE_TEST && !o.init) o.init = f->out;
    o.log = &console->log;
    o.progress = &console->progress;
    o.cancel = call->cancel;
    return ask_train_glance_focus(f->out, &o, &f->result, err);
}

/* Without features they are made, by the model that find and ask take. */
static bool train(const cli_call *call, const values *v, const cli_console *console,
                  findings *f, ask_error *err)
{
    cli_default_model standard = {0};
    const char *vision = v->vision;
    bool ok = (v->features || cli_default_model_choose(&vision, &standard, vision, err)) &&
              train_with(call, v, vision, console, f, err);
    cli_default_model_free(&standard);
    return ok;
}

/* ---- what is told ---- */

static const char *head_word(ask_answer_head head)
{
    static const char *const words[] = {[ASK_ANSWER_OPTIONS] = "options",
                                        [ASK_ANSWER_VOCABULARY] = "vocabulary",
                                        [ASK_ANSWER_COUNT] = "count",
                                        [ASK_ANSWER_MOMENT] = "moment"};
    return words[head];
}

static void training_text(ask_str *out, const findings *f)
{
    const ask_train_glance_focus_result *r = &f->result;
    const cli_training t = {f->out, &r->run, r->n_params, r->arena_bytes, &r->metrics};
    cli_training_text(out, &t);
}

static void as_text(ask_str *out, const void *what)
{
    const findings *f = what;
    const ask_train_glance_focus_result *r = &f->result;
    switch (f->mode) {
    case ASK_GLANCE_TRAIN:
        training_text(out, f);
        break;
    case ASK_GLANCE_TEST:
        cli_training_metrics_text(out, &r->metrics);
        break;
    case ASK_GLANCE_OVERFIT:
        ask_str_printf(out,
                       "one batch: loss of answers %.5f -> %.5f in %" PRId64 " steps\n",
                       r->overfit.first, r->overfit.last, r->overfit.n_steps);
        break;
    case ASK_GLANCE_VERIFY_RESUME:
        ask_str_printf(out,
                       "%d tensors have the same bits after %" PRId64
                       " steps, in one go and resumed after %" PRId64 "\n",
                       r->verified.n_tensors, r->verified.n_steps,
                       r->verified.resumed_after);
        break;
    }
}

static void put_mode(ask_json_writer *w, const findings *f)
{
    const ask_train_glance_focus_result *r = &f->result;
    if (f->mode == ASK_GLANCE_TRAIN) cli_training_put_run(w, &r->run);
    if (f->mode == ASK_GLANCE_TRAIN || f->mode == ASK_GLANCE_TEST)
        cli_training_put_metrics(w, &r->metrics);
    if (f->mode == ASK_GLANCE_OVERFIT) {
        ask_json_put_int(w, "steps", r->overfit.n_steps);
        ask_json_put_double(w, "first_loss", r->overfit.first);
        ask_json_put_double(w, "last_loss", r->overfit.last);
    }
    if (f->mode == ASK_GLANCE_VERIFY_RESUME) {
        ask_json_put_int(w, "steps", r->verified.n_steps);
        ask_json_put_int(w, "resumed_after", r->verified.resumed_after);
        ask_json_put_int(w, "tensors", r->verified.n_tensors);
    }
}

static void as_json(ask_str *out, const void *what)
{
    static const char *const modes[] = {[ASK_GLANCE_TRAIN] = "train",
                                        [ASK_GLANCE_TEST] = "test",
                                        [ASK_GLANCE_OVERFIT] = "overfit_one_batch",
                                        [ASK_GLANCE_VERIFY_RESUME] = "verify_resume"};
    const findings *f = what;
    const ask_train_glance_focus_result *r = &f->result;
    ask_json_writer w = {.out = out, .pretty = true};
    ask_json_open_object(&w, NULL);
    ask_json_put_string(&w, "schema", "askance.train.glance_focus/1");
    ask_json_put_string(&w, "mode", modes[f->mode]);
    ask_json_put_string(&w, "out", f->out);
    ask_json_put_string(&w, "setting", f->supervised ? "supervised" : "unsupervised");
    ask_json_put_string(&w, "head", head_word(r->head));
    ask_json_put_int(&w, "n_train", (int64_t)r->n_train);
    ask_json_put_int(&w, "n_eval", (int64_t)r->n_eval);
    ask_json_put_int(&w, "n_answers", r->n_answers);
    ask_json_put_int(&w, "n_outside", (int64_t)r->n_outside);
    ask_json_put_int(&w, "n_tokens", r->n_tokens);
    ask_json_put_int(&w, "n_params", r->n_params);
    ask_json_put_int(&w, "planned_bytes", (int64_t)r->arena_bytes);
    put_mode(&w, f);
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
    .set = "star-lines",
    .train_split = "train",
    .n_vocabulary = 1000,
    .vision_fps = 2,
    .cache_mib = 1024,
    .width = 128,
    .n_heads = 4,
    .n_layers = 2,
    .n_queries = 10,
    .inner = 512,
    .text_width = 128,
    .text_layers = 2,
    .text_tokens = 2048,
    .dropout = 0.1,
    .n_questions = 64,
    .n_batches = 1,
    .n_epochs = 10,
    .n_warmup = -1,
    .warmup_share = -1,
    .schedule = "constant_with_warmup",
    .beta1 = 0.9,
    .beta2 = 0.999,
    .eps = 1e-8,
    .max_norm = 1,
    .weights = {.qa = 1, .cls = 0.5, .l1 = 0.5, .giou = 0.5, .cert = 1},
    .matching = {.cost_l1 = 1, .cost_class = 1, .background = 0.1},
    .seed = 42,
    .log_every = 10,
    .eval_every = 500,
    .save_every = 500,
    .report = "all",
};

static const cli_option options[] = {
    TEXT("data", data, "DIR", "the set: a folder or file as it is published"),
    TEXT("set", set, "NAME", "its name, as of askance data (star-lines)"),
    TEXT("train_split", train_split, "NAME", "learn from this split (train)"),
    TEXT("eval_split", eval_split, "NAME", "measure on this one, or none (val, else test)"),
    TEXT("videos", videos, "DIR", "the folder of the videos (beside the set)"),
    TEXT("events", events, "FILE", "events of a set that has none: an events.json"),
    FLAG("supervised", supervised, "events are taught: their classes and spans"),
    FLAG("unsupervised", unsupervised, "they are not: slots shall differ (the default)"),
    INT("vocabulary", n_vocabulary, 1, 1000000, "most answers to choose from (1000)"),
    TEXT("features", features, "PATH", "features of the videos: a store; or they are made"),
    TEXT("feature_dataset", feature_dataset, "NAME", "of HDF5: the data set in it"),
    TEXT("feature_list", feature_list, "FILE", "of HDF5: the key of each row"),
    TEXT("feature_ids", feature_ids, "FILE", "numbers of keys: strID2numID.json"),
    MODEL("vision", vision, "or the model that makes them, in OUT/features (as find)"),
    REAL("vision_fps", vision_fps, 0.001, 1000, "frames a second for it (2)"),
    INT("cache_mib", cache_mib, 0, 1048576, "keep so much of features in memory (1024)"),

    {.name = "output_dir",
     .letter = 'o',
     .kind = CLI_TEXT,
     .at = offsetof(values, out),
     .argument = "DIR",
     .help = "make the model, its checkpoints and logs here"},
    TEXT("out", also_out, "DIR", "the same"),
    MODEL("init", init, "begin with this model"),
    TEXT("config", config, "FILE", "begin at random, with the sizes of this config.json"),
    INT("d_model", width, 1, 65536, "or with these: width (128)"),
    INT("nhead", n_heads, 1, 1024, "heads (4)"),
    INT("num_layers", n_layers, 1, 1000, "layers of encoder and of decoder (2)"),
    INT("num_queries", n_queries, 1, 1024, "memory slots (10)"),
    INT("dim_feedforward", inner, 1, 1048576, "width inside of layers (512)"),
    REAL("dropout", dropout, 0, 0.99, "share that is left out (0.1)"),
    FLAG("bare_frames", bare_frames, "frames carry no place, as in the paper"),
    FLAG("no_memory", no_memory, "an ablation: prompts that do not see the video"),
    MODEL("text", text, "read with this BERT or RoBERTa"),
    TEXT("tokenizer", tokenizer, "DIR", "words of a text tower at random (learned)"),
    INT("text_width", text_width, 1, 65536, "width of that tower (128)"),
    INT("text_layers", text_layers, 1, 1000, "its layers (2)"),
    INT("text_tokens", text_tokens, 515, 1000000, "words that are learned (2048)"),
    TEXT("freeze", freeze, "text", "do not train the text tower"),
    INT("max_feats", n_frames, 1, 1048576, "most frames of a video (80)"),
    INT("max_tokens", n_tokens, 1, 1048576, "most tokens of a text (what the tower takes)"),
    TEXT("option_joint", option_joint, "TEXT", "between question and option (\" \")"),

    INT("per_device_train_batch_size", n_questions, 1, 65536, "questions of a batch (64)"),
    INT("gradient_accumulation_steps", n_batches, 1, 65536, "batches of a step (1)"),
    REAL("num_train_epochs", n_epochs, 1e-6, 1e9, "passes over the questions (10)"),
    INT("max_steps", n_steps, 0, 1e15, "or so many steps"),
    REAL("learning_rate", rate, 1e-12, 10,
         "the highest rate (5e-6 with --init or --text, else 5e-4)"),
    TEXT("lr_scheduler_type", schedule, "NAME",
         "constant, linear, cosine (constant_with_warmup)"),
    INT("warmup_steps", n_warmup, 0, 1e15, "steps with a growing rate"),
    REAL("warmup_ratio", warmup_share, 0, 1,
         "or their share (0 with --init or --text, else 0.05)"),
    REAL("weight_decay", weight_decay, 0, 1, "of weights (0)"),
    REAL("adam_beta1", beta1, 0, 0.999999, "(0.9)"),
    REAL("adam_beta2", beta2, 0, 0.999999, "(0.999)"),
    REAL("adam_epsilon", eps, 1e-30, 1, "(1e-8)"),
    REAL("max_grad_norm", max_norm, 1e-9, 1e9, "cut longer gradients (1)"),
    REAL("qa_loss_coef", weights.qa, 0, 1e6, "weight of answers (1)"),
    REAL("cls_loss_coef", weights.cls, 0, 1e6, "of classes of events (0.5)"),
    REAL("l1_loss_coef", weights.l1, 0, 1e6, "of their spans (0.5)"),
    REAL("giou_loss_coef", weights.giou, 0, 1e6, "of overlaps of slots (0.5)"),
    REAL("cert_loss_coef", weights.cert, 0, 1e6, "of their certainty (1)"),
    REAL("set_cost_l1", matching.cost_l1, 0, 1e6, "in matching: of spans (1)"),
    REAL("set_cost_cls", matching.cost_class, 0, 1e6, "of classes (1)"),
    REAL("eos_coef", matching.background, 0, 1e6, "weight of the background (0.1)"),
    INT("seed", seed, 0, 9007199254740992, "all that is drawn is a function of N (42)"),

    INT("logging_steps", log_every, 1, 1e15, "a line of the log every N steps (10)"),
    INT("eval_steps", eval_every, 0, 1e15, "measure every N; 0: at the end (500)"),
    INT("save_steps", save_every, 0, 1e15, "a checkpoint every N; 0: at the end (500)"),
    INT("save_total_limit", most_checkpoints, 0, 1e9, "keep N checkpoints, and the best"),
    FLAG("load_best_model_at_end", best_at_end, "the model is the best, not the last"),
    TEXT("report_to", report, "LIST", "jsonl, csv, tensorboard; all or none (all)"),
    TEXT("resume_from_checkpoint", resume_from, "DIR",
         "go on from it, or from the last; other options as they were"),
    FLAG("allow_drift", allow_drift, "resume on another machine too, to other bits"),
    INT("threads", n_threads, 1, 1024, "compute with N threads (the processor's cores)"),
    FLAG("overfit_one_batch", overfit, "only: can it learn one batch by heart?"),
    FLAG("verify_resume", verify_resume, "only: does resuming give the same bits?"),
    FLAG("test_only", test_only, "only measure --init, or what is in --output_dir"),
    {.name = "args",
     .kind = CLI_ARGS,
     .at = offsetof(values, args),
     .argument = "FILE",
     .help = "read options here: name=value, one on a line"},
    {0},
};

const cli_command cli_train_glance_focus_command = {
    .name = "train glance-focus",
    .summary = "Train a network that remembers events, on questions about videos",
    .description =
        "Trains Glance-Focus on a set of questions, of which each is about a video whose\n"
        "features are in a store or are made here. What is asked decides what the network\n"
        "answers: one of the options, one of a vocabulary, a number, or a moment. With\n"
        "--supervised it is taught which events there are, else only to tell them "
        "apart.\n\n"
        "--output_dir becomes a model folder, with checkpoint-<step> folders and logs. A\n"
        "training that was interrupted, even by a power cut, goes on with\n"
        "--resume_from_checkpoint=last and ends with the same bits as if nothing had\n"
        "happened. Without --init, --config or --text a small network begins at random,\n"
        "with words learned from the questions.\n\n"
        "Exit status 1 when a self-test did not go well, 2 for options that do not fit, 3\n"
        "for data and features that cannot be read, 4 when a model, configuration or\n"
        "checkpoint cannot be used, 5 when a text is too long or a number ran out of "
        "range\n"
        "(the tensor is named), 130 when interrupted.",
    .options = options,
    .defaults = &defaults,
    .values_bytes = sizeof defaults,
    .run = run,
};
