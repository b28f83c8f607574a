/* askance find - where in a video is what a text says? */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "cli/command.h"
#include "cli/console.h"
#include "cli/dirs.h"
#include "cli/file_hash.h"
#include "cli/find_text.h"
#include "cli/outfile.h"
#include "cli/pace.h"
#include "cli/record_video.h"
#include "cli/report.h"
#include "cli/reproduce.h"
#include "cli/same_file.h"
#include "focus/find_record.h"

typedef struct {
    const char *model, *arch;
    int64_t n_frames, max_frames, n_top, n_threads; // 0: not asked
    double fps;                                     // 0: not asked
    double start_s, end_s;                          // end_s INFINITY: the end of the video
    double image_fps;
    const char *curve, *report;
    bool plan, hash, no_cache;
} values;

/* All that is open while the command runs. */
typedef struct {
    const cli_call *call;
    const values *v;
    const char *path, *text;
    char *cache_dir; // owned; NULL: none
    cli_console console;
    cli_outfile curve, report;
    ask_video *video;
    ask_model *model;
    ask_session *session;
    ask_find_options options;
} job;

/* ---- what is cheap to find wrong comes first ---- */

static bool is_stdout(const char *path)
{
    return path && strcmp(path, "-") == 0;
}

/* Fails when an output would overwrite another, or the video. */
static bool check_apart(const char *option, const char *path, const char *other_name,
                        const char *other, ask_error *err)
{
    bool same;
    if (!cli_same_file(&same, path, other, err)) return false;
    return !same ||
           ask_fail(err, ASK_ERR_USAGE, "--%s=%s is the file of %s too: name another",
                    option, path, other_name);
}

/* Standard output holds one thing, and so does a file. */
static bool check_outputs(const job *j, ask_error *err)
{
    const values *v = j->v;
    if (v->plan && (v->curve || v->report))
        return ask_fail(err, ASK_ERR_USAGE,
                        "--plan does not look at the video, so it has no --curve and no "
                        "--report");
    int n = is_stdout(v->curve) + is_stdout(v->report) + j->call->output->json;
    if (n > 1)
        return ask_fail(err, ASK_ERR_USAGE,
                        "only one of --json, --curve=- and --report=- can have standard "
                        "output");
    return check_apart("curve", v->curve, "VIDEO", j->path, err) &&
           check_apart("report", v->report, "VIDEO", j->path, err) &&
           check_apart("report", v->report, "--curve", v->curve, err);
}

static bool check_window(const values *v, ask_error *err)
{
    return v->end_s > 0 ||
           ask_fail(err, ASK_ERR_USAGE, "--end=0 is the beginning: nothing lies before it");
}

static const char *model_dir(const values *v, ask_error *err)
{
    const char *dir = v->model ? v->model : getenv("ASKANCE_MODEL");
    if (dir && *dir) return dir;
    ask_fail(
        err, ASK_ERR_USAGE,
        "no model: give --model=DIR or set ASKANCE_MODEL to the folder of a CLIP model "
        "(config.json, *.safetensors, tokenizer files)");
    return NULL;
}

static void take_options(job *j)
{
    const values *v = j->v;
    j->options = ask_find_defaults();
    j->options.sampling.n_frames = (int)v->n_frames;
    j->options.sampling.fps = v->fps;
    j->options.sampling.max_frames = (int)v->max_frames;
    j->options.sampling.start_s = v->start_s;
    j->options.sampling.end_s = v->end_s;
    j->options.n_top = (int)v->n_top;
    j->options.cancel = j->call->cancel;
    j->options.progress = &j->console.progress;
}

static bool open_video(job *j, ask_error *err)
{
    ask_video_options options = ask_video_defaults();
    options.image_fps = j->v->image_fps;
    options.cache_dir = j->cache_dir;
    options.cancel = j->call->cancel;
    options.progress = &j->console.progress;
    options.log = &j->console.log;
    j->video = ask_video_open(j->path, &options, err);
    return j->video;
}

static bool open_model(job *j, const char *dir, ask_error *err)
{
    const ask_model_options options = {.struct_size = sizeof options,
                                       .n_threads = (int)j->v->n_threads,
                                       .network = j->v->arch};
    j->model = ask_model_open(dir, &options, err);
    j->session = j->model ? ask_session_open(j->model, err) : NULL;
    return j->session;
}

static bool open_all(job *j, ask_error *err)
{
    const char *dir = NULL;
    return check_outputs(j, err) && check_window(j->v, err) &&
           ask_find_check(j->text, &j->options, err) && (dir = model_dir(j->v, err)) &&
           (j->v->no_cache || cli_cache_dir(&j->cache_dir, err)) && open_video(j, err) &&
           cli_outfile_open(&j->curve, j->v->curve, j->call->output, err) &&
           cli_outfile_open(&j->report, j->v->report, j->call->output, err) &&
           open_model(j, dir, err);
}

static void close_all(job *j)
{
    ask_session_close(j->session);
    ask_model_close(j->model);
    ask_video_close(j->video);
    cli_outfile_close(&j->curve);
    cli_outfile_close(&j->report);
    free(j->cache_dir);
}

/* ---- the record ---- */

static bool set_video(ask_record *r, const job *j, bool counted, ask_error *err)
{
    char sha256[CLI_SHA256_TEXT_BYTES];
    bool is_folder = ask_file_is_dir(j->path), known = j->v->hash && !is_folder;
    if (known && !cli_file_sha256(sha256, j->path, j->cache_dir, j->call->cancel,
                                  &j->console.progress, err))
        return false;
    const char *reason =
        is_folder ? "a folder of images is not one file" : "not asked for; use --hash";
    return cli_record_video(r, j->video, j->path, counted, known ? sha256 : NULL, reason,
                            err);
}

/* The command line alone does not make it again when the model is not on it. */
static bool note_environment(ask_record *r, const ask_model_info *model, ask_error *err)
{
    ask_str reason = {0};
    ask_str_printf(&reason, "the model came from ASKANCE_MODEL: add --model=%s",
                   model->dir);
    bool ok = !reason.failed || ask_fail_memory(err);
    ok = ok && ask_record_note(r, "reproduce.argv", ask_str_text(&reason), err);
    ask_str_free(&reason);
    return ok;
}

static bool set_reproduce(ask_record *r, const job *j, ask_error *err)
{
    const ask_model_info model = ask_model_info_of(j->model);
    return cli_reproduce(r, j->call, &model, (ask_maybe_int){0}, err) &&
           (j->v->model || note_environment(r, &model, err));
}

/* Adds to the plan what earlier runs with this model let expect. */
static bool expect(ask_record *r, const job *j, ask_error *err)
{
    const ask_model_info model = ask_model_info_of(j->model);
    const char *unknown = j->cache_dir
                              ? "nothing was run yet with this model and as many threads"
                              : "the cache is not used";
    cli_pace pace;
    if (!cli_pace_read(&pace, j->cache_dir, &model))
        return ask_record_note(r, "plan.expected_s", unknown, err) &&
               ask_record_note(r, "plan.peak_mib", unknown, err);
    ask_record_plan plan = *r->plan;
    double window_s = plan.resolved.end_s - plan.resolved.start_s;
    plan.expected_s = ask_known_real(cli_pace_decode_s(&pace, plan.work.images, window_s) +
                                     plan.work.gflop / pace.gflops);
    plan.peak_mib = ask_known_real(pace.peak_mib);
    return ask_record_set_plan(r, &plan, err) &&
           ask_record_note(r, "plan.expected_s", NULL, err) &&
           ask_record_note(r, "plan.peak_mib", NULL, err);
}

/* Lets later plans expect what this run took. */
static void remember(const ask_record *r, const job *j)
{
    const ask_model_info model = ask_model_info_of(j->model);
    const ask_record_cost *c = r->cost;
    const cli_pace_run done = {
        .n_frames = (int64_t)r->n_frames,
        .window_s = r->plan->resolved.end_s - r->plan->resolved.start_s,
        .decode_s = c->decode_s,
        .gflop = (double)r->n_frames * model.image_gflop,
        .encode_s = c->encode_s,
        .peak_mib = c->peak_mib.value,
    };
    if (c->peak_mib.known && done.encode_s > 0 && done.gflop > 0)
        cli_pace_add(&done, j->cache_dir, &model);
}

/* ---- saying it ---- */

static void warn(const job *j, const ask_record *r)
{
    const ask_logger *log = &j->console.log;
    if (r->query->unknown_words)
        ask_log_send(
            log, ASK_LOG_WARNING,
            "a part of the text is unknown to the model: the score may mean little");
    if (r->plan->why_changed)
        ask_log_send(log, ASK_LOG_WARNING, "%s: %s", j->path, r->plan->why_changed);
    size_t n_damaged = 0;
    for (size_t i = 0; i < r->n_frames; i++) n_damaged += r->frames[i].damaged;
    if (n_damaged)
        ask_log_send(log, ASK_LOG_WARNING, "%s: %zu of %zu frames are damaged", j->path,
                     n_damaged, r->n_frames);
}

/* All that goes out, made whole before any of it is written. */
typedef struct {
    ask_str result, curve, page;
} texts;

static void texts_free(texts *t)
{
    ask_str_free(&t->result);
    ask_str_free(&t->curve);
    ask_str_free(&t->page);
}

/* The record as JSON, or what `as_text` makes of it. */
static bool make_result(texts *t, const job *j, const ask_record *r,
                        void (*as_text)(ask_str *out, const ask_record *r), ask_error *err)
{
    if (j->call->output->json) return ask_record_write(&t->result, r, err);
    as_text(&t->result, r);
    return !t->result.failed || ask_fail_memory(err);
}

static bool make_texts(texts *t, const job *j, const ask_record *r, ask_error *err)
{
    if (j->v->curve) cli_find_curve(&t->curve, r);
    if (t->curve.failed) return ask_fail_memory(err);
    return (!j->v->report || cli_report(&t->page, r, j->video, err)) &&
           make_result(t, j, r, cli_find_text, err);
}

/* Standard output gets the result unless a file was asked to be there. */
static bool write_texts(const texts *t, job *j, ask_error *err)
{
    bool is_taken = is_stdout(j->v->curve) || is_stdout(j->v->report);
    return cli_outfile_write(&j->report, &t->page, err) &&
           cli_outfile_write(&j->curve, &t->curve, err) &&
           (is_taken || cli_output_text(j->call->output, &t->result, err));
}

/* ---- the command ---- */

static bool plan(job *j, ask_record *r, ask_error *err)
{
    ask_find_plan p;
    if (!ask_find_plan_make(&p, j->video, j->session, j->text, &j->options, err))
        return false;
    bool ok = ask_find_record_plan(r, &p, j->text, &j->options, err) && expect(r, j, err) &&
              set_video(r, j, p.sampling.counted, err) && set_reproduce(r, j, err);
    ask_find_plan_free(&p);
    texts t = {0};
    ok = ok && make_result(&t, j, r, cli_find_plan_text, err);
    cli_console_close(&j->console);
    ok = ok && cli_output_text(j->call->output, &t.result, err);
    texts_free(&t);
    return ok;
}

static bool search(job *j, ask_record *r, ask_error *err)
{
    ask_find_result found;
    if (!ask_find(&found, j->video, j->session, j->text, &j->options, err)) return false;
    bool ok = ask_find_record(r, &found, j->text, &j->options, err) && expect(r, j, err) &&
              set_video(r, j, found.plan.sampling.counted, err) && set_reproduce(r, j, err);
    ask_find_result_free(&found);
    if (!ok) return false;
    remember(r, j);
    warn(j, r);
    texts t = {0};
    ok = make_texts(&t, j, r, err);
    cli_console_close(&j->console);
    ok = ok && write_texts(&t, j, err);
    texts_free(&t);
    return ok;
}

static cli_outcome run(const cli_call *call, const void *given, ask_error *err)
{
    job j = {
        .call = call,
        .v = given,
        .path = call->arguments->items[0],
        .text = call->arguments->items[1],
    };
    cli_console_open(&j.console, call->output);
    take_options(&j);
    ask_record *r = ask_record_new(j.v->plan ? ASK_RECORD_PLAN : ASK_RECORD_FIND, err);
    bool ok = r && open_all(&j, err) && (j.v->plan ? plan(&j, r, err) : search(&j, r, err));
    bool is_present = !ok || j.v->plan || r->presence->present;
    ask_record_free(r);
    close_all(&j);
    cli_console_close(&j.console);
    if (!ok) return CLI_FAILED;
    return is_present ? CLI_DONE : CLI_NEGATIVE;
}

static const values defaults = {.end_s = INFINITY, .image_fps = 25};

static const cli_option options[] = {
    {.name = "model",
     .letter = 'm',
     .kind = CLI_TEXT,
     .at = offsetof(values, model),
     .argument = "DIR",
     .help = "use the model in DIR ($ASKANCE_MODEL)"},
    {.name = "arch",
     .kind = CLI_TEXT,
     .at = offsetof(values, arch),
     .argument = "NAME",
     .help = "the network, when config.json does not tell it (clip)"},
    {.name = "frames",
     .letter = 'n',
     .kind = CLI_INT,
     .at = offsetof(values, n_frames),
     .min = 1,
     .max = ASK_SAMPLING_MOST_FRAMES,
     .argument = "N",
     .help = "look at N frames, spread evenly"},
    {.name = "fps",
     .kind = CLI_REAL,
     .at = offsetof(values, fps),
     .min = 1e-6,
     .max = 1e6,
     .argument = "RATE",
     .help = "look at RATE frames a second (2)"},
    {.name = "max-frames",
     .kind = CLI_INT,
     .at = offsetof(values, max_frames),
     .min = 1,
     .max = ASK_SAMPLING_MOST_FRAMES,
     .argument = "N",
     .help = "look at no more than N frames (512 at the default rate)"},
    {.name = "start",
     .kind = CLI_TIME,
     .at = offsetof(values, start_s),
     .argument = "TIME",
     .help = "look from TIME on (the beginning)"},
    {.name = "end",
     .kind = CLI_TIME,
     .at = offsetof(values, end_s),
     .argument = "TIME",
     .help = "look until TIME (the end)"},
    {.name = "top",
     .kind = CLI_INT,
     .at = offsetof(values, n_top),
     .min = 1,
     .max = ASK_SAMPLING_MOST_FRAMES,
     .argument = "N",
     .help = "give at most N moments (5)"},
    {.name = "curve",
     .kind = CLI_TEXT,
     .at = offsetof(values, curve),
     .argument = "FILE",
     .help = "write time and score of every frame as CSV; - is stdout"},
    {.name = "report",
     .kind = CLI_TEXT,
     .at = offsetof(values, report),
     .argument = "FILE",
     .help = "write an HTML page that shows all of it; - is stdout"},
    {.name = "plan",
     .kind = CLI_FLAG,
     .at = offsetof(values, plan),
     .help = "say what would be done and what it would take; do nothing"},
    {.name = "hash",
     .kind = CLI_FLAG,
     .at = offsetof(values, hash),
     .help = "put the SHA-256 of the whole video into the record"},
    {.name = "threads",
     .letter = 't',
     .kind = CLI_INT,
     .at = offsetof(values, n_threads),
     .min = 1,
     .max = 1024,
     .argument = "N",
     .help = "compute with N threads (one for each core)"},
    {.name = "image-fps",
     .kind = CLI_REAL,
     .at = offsetof(values, image_fps),
     .min = 0.001,
     .max = 1000,
     .argument = "RATE",
     .help = "images of a folder are shown at RATE a second (25)"},
    {.name = "no-cache",
     .kind = CLI_FLAG,
     .at = offsetof(values, no_cache),
     .help = "neither use nor keep anything in the cache"},
    {0},
};

const cli_command cli_find_command = {
    .name = "find",
    .summary = "Find where in a video is what a text says, or that it is not there",
    .arguments = "VIDEO TEXT",
    .min_arguments = 2,
    .max_arguments = 2,
    .description =
        "VIDEO is a media file, a GIF, or a folder of images; TEXT says what is seen: \"a "
        "dog\n"
        "catches a ball\". Frames are compared with TEXT by the model, and moments in "
        "which "
        "they\n"
        "fit it best are given, best first. All ways of choosing frames combine. TIME is "
        "in\n"
        "seconds, or minutes:seconds, or hours:minutes:seconds, from the first displayed "
        "frame.\n\n"
        "A score is calibrated on the video itself: 0 is the mean of random sentences\n"
        "on its frames, 1 their deviation. TEXT is not in the video when its best frame\n"
        "lies less than the threshold above the mean of the best frames of those\n"
        "sentences, in deviations of these (1.64, or what the model's calibration.json\n"
        "says).\n\n"
        "Exit status 0 when TEXT was found, 1 when it is not in the video, 3 when VIDEO\n"
        "cannot be read, 4 when the model cannot be, 5 when TEXT is too long for the\n"
        "model or --fps gives more frames than can be looked at.",
    .options = options,
    .defaults = &defaults,
    .values_bytes = sizeof defaults,
    .run = run,
};
