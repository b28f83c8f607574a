/* askance features - features of videos into files, each video decoded once. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/command.h"
#include "cli/console.h"
#include "cli/dirs.h"
#include "cli/feature_run.h"
#include "cli/feature_target.h"
#include "cli/last_name.h"

typedef struct {
    cli_list models;
    const char *out;
    bool force;
    cli_sampling_values sampling;
    int64_t n_threads; // 0: not asked
    double image_fps;
    bool no_cache;
} values;

/* All that is open while the command runs. */
typedef struct {
    const values *v;
    const cli_call *call;
    cli_console console;
    char *cache_dir; // owned; NULL: none
    cli_feature_models models;
    cli_feature_run done;
} job;

/* One video of all models. */
typedef struct {
    cli_feature_video video;
    cli_feature_target *targets; // owned; one for each model
    bool *failed;                // owned; of each, once
    double seconds;              // that the pass took
} showing;

/* ---- what is cheap to find wrong comes first ---- */

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool find_twice(char **names, int n, ask_error *err)
{
    qsort(names, (size_t)n, sizeof *names, compare_names);
    for (int i = 1; i < n; i++)
        if (strcmp(names[i - 1], names[i]) == 0)
            return ask_fail(err, ASK_ERR_USAGE,
                            "two videos are called %s, and their features would be one "
                            "file: run them with an --out of their own",
                            names[i]);
    return true;
}

/* Files are called as videos are. */
static bool check_videos(const cli_arguments *videos, ask_error *err)
{
    char **names = calloc((size_t)videos->n, sizeof *names);
    if (!names) return ask_fail_memory(err);
    bool ok = true;
    for (int i = 0; ok && i < videos->n; i++)
        ok = (names[i] = cli_last_stem(videos->items[i], err)) != NULL;
    ok = ok && find_twice(names, videos->n, err);
    for (int i = 0; i < videos->n; i++) free(names[i]);
    free(names);
    return ok;
}

static bool check_out(const job *j, ask_error *err)
{
    if (!j->v->out || !*j->v->out)
        return ask_fail(err, ASK_ERR_USAGE, "where to? give --out=DIR");
    if (cli_feature_is_file(j->v->out) && (j->call->arguments->n > 1 || j->v->models.n > 1))
        return ask_fail(err, ASK_ERR_USAGE,
                        "--out=%s is one file: it takes one VIDEO and one --model",
                        j->v->out);
    return true;
}

/* Whether every option has something to say to some layout. */
static bool check_layouts(const job *j, ask_error *err)
{
    const cli_sampling_values *s = &j->v->sampling;
    bool window = s->start_s != 0 || isfinite(s->end_s), frames = false;
    for (size_t i = 0; i < j->models.n; i++) {
        ask_feature_layout layout = j->models.items[i].layout;
        frames |= layout == ASK_FEATURES_FRAMES;
        if (window && ask_feature_layout_is_whole(layout))
            return ask_fail(err, ASK_ERR_USAGE,
                            "%s features are of the whole video: leave --start and --end "
                            "out",
                            ask_feature_layout_name(layout));
    }
    return frames || (s->n_frames == 0 && s->max_frames == 0 && s->fps == 0) ||
           ask_fail(err, ASK_ERR_USAGE,
                    "--frames, --fps and --max-frames choose the frames of the layout "
                    "frames, which no --model has");
}

static bool open_all(job *j, ask_error *err)
{
    const ask_sampling_options sampling = cli_sampling(&j->v->sampling);
    const ask_model_options model = {.struct_size = sizeof model,
                                     .n_threads = (int)j->v->n_threads};
    return check_out(j, err) && cli_sampling_check(&j->v->sampling, err) &&
           ask_sampling_check(&sampling, err) && check_videos(j->call->arguments, err) &&
           (j->v->no_cache || cli_cache_dir(&j->cache_dir, err)) &&
           cli_feature_models_open(&j->models, &j->v->models, &model, err) &&
           check_layouts(j, err) &&
           cli_feature_run_new(&j->done, (size_t)j->call->arguments->n, j->models.n, err);
}

/* ---- one video ---- */

static bool open_video(showing *s, const job *j, const char *path, ask_error *err)
{
    ask_video_options options = ask_video_defaults();
    options.image_fps = j->v->image_fps;
    options.cache_dir = j->cache_dir;
    options.cancel = j->call->cancel;
    options.progress = &j->console.progress;
    *s = (showing){.targets = calloc(j->models.n, sizeof *s->targets),
                   .failed = calloc(j->models.n, sizeof *s->failed)};
    if (!s->targets || !s->failed) return ask_fail_memory(err);
    return ask_cancel_check(j->call->cancel, err) &&
           cli_feature_video_open(&s->video, path, &options, err);
}

static void close_video(showing *s, const job *j)
{
    for (size_t i = 0; s->targets && i < j->models.n; i++)
        cli_feature_target_free(&s->targets[i]);
    free(s->targets);
    free(s->failed);
    cli_feature_video_close(&s->video);
}

static bool is_due(const showing *s, size_t i)
{
    return !s->targets[i].kept && !s->failed[i];
}

/* The one pass, for all targets that are due; none without any. */
static bool make(const job *j, showing *s, ask_error *err)
{
    size_t n_models = j->models.n;
    ask_feature_job *jobs = calloc(n_models, sizeof *jobs);
    ask_features *made = calloc(n_models, sizeof *made);
    bool ok = (jobs && made) || ask_fail_memory(err);
    int n = 0;
    for (size_t i = 0; ok && i < j->models.n; i++) {
        const cli_feature_target *t = &s->targets[i];
        if (is_due(s, i)) jobs[n++] = (ask_feature_job){t->model->session, &t->plan};
    }
    double start_s = ask_clock_s();
    ok = ok &&
         (n == 0 || ask_features_make(made, s->video.video, jobs, n, j->call->cancel, err));
    s->seconds = ask_clock_s() - start_s;
    for (size_t i = n_models; ok && i-- > 0;)
        if (is_due(s, i)) s->targets[i].features = made[--n];
    free(jobs);
    free(made);
    return ok;
}

static bool write_target(const job *j, const showing *s, const cli_feature_target *t,
                         ask_error *err)
{
    if (t->features.n_damaged)
        ask_log_send(&j->console.log, ASK_LOG_WARNING, "%s: %lld frames are damaged",
                     s->video.path, (long long)t->features.n_damaged);
    return cli_feature_target_write(t, err) ||
           (err->code == ASK_ERR_MODEL && ask_fail_in(err, "%s", t->model->dir));
}

static void note_done(job *j, const showing *s, cli_feature_target *t)
{
    cli_feature_made *made = &j->done.files[j->done.n_files++];
    *made = (cli_feature_made){.video = s->video.path,
                               .model = t->model,
                               .path = t->path,
                               .kept = t->kept,
                               .seconds = t->kept ? 0 : s->seconds};
    made->n_dims = t->kept ? t->found.n_dims : t->features.n_dims;
    memcpy(made->shape, t->kept ? t->found.shape : t->features.shape, sizeof made->shape);
    t->path = NULL;
}

/* ---- what fails does not stop the rest ---- */

/* Whether a message begins "VIDEO: ", as those of media/ do: then every line does, and
 * once.
 */
static bool names_video(const ask_error *failure, const char *video)
{
    return ask_starts_with(failure->message, video) &&
           ask_starts_with(failure->message + strlen(video), ": ");
}

/* Says a failure, with the video in front. False for a wish to stop, which goes to *err. */
static bool say(const job *j, const char *video, const ask_error *failure, ask_error *err)
{
    if (failure->code == ASK_ERR_CANCELLED) {
        *err = *failure;
        return false;
    }
    if (names_video(failure, video))
        ask_log_send(&j->console.log, ASK_LOG_ERROR, "%s", failure->message);
    else
        ask_log_send(&j->console.log, ASK_LOG_ERROR, "%s: %s", video, failure->message);
    return true;
}

/* m NULL: of all models. */
static void note_failure(job *j, const char *video, const cli_feature_model *m,
                         const ask_error *failure)
{
    j->done.failures[j->done.n_failures++] = (cli_feature_failure){video, m, *failure};
}

static bool go_on(job *j, const char *video, const cli_feature_model *m,
                  const ask_error *failure, ask_error *err)
{
    if (!say(j, video, failure, err)) return false;
    note_failure(j, video, m, failure);
    return true;
}

static bool plan_all(job *j, showing *s, ask_error *err)
{
    const cli_feature_wish wish = {j->v->out, j->v->force, &j->v->sampling, j->v->image_fps,
                                   &j->console.log};
    for (size_t i = 0; i < j->models.n; i++) {
        const cli_feature_model *m = &j->models.items[i];
        ask_error failure = {0};
        s->failed[i] =
            !cli_feature_target_plan(&s->targets[i], &wish, m, &s->video, &failure);
        if (s->failed[i] && !go_on(j, s->video.path, m, &failure, err)) return false;
    }
    return true;
}

/* A pass that fails does so for all that were due in it, and only for them. */
static bool make_all(job *j, showing *s, ask_error *err)
{
    ask_error failure = {0};
    if (make(j, s, &failure)) return true;
    if (!say(j, s->video.path, &failure, err)) return false;
    for (size_t i = 0; i < j->models.n; i++) {
        if (!is_due(s, i)) continue;
        note_failure(j, s->video.path, &j->models.items[i], &failure);
        s->failed[i] = true;
    }
    return true;
}

static bool write_all(job *j, const showing *s, ask_error *err)
{
    for (size_t i = 0; i < j->models.n; i++) {
        cli_feature_target *t = &s->targets[i];
        ask_error failure = {0};
        if (s->failed[i]) continue;
        if (t->kept || write_target(j, s, t, &failure))
            note_done(j, s, t);
        else if (!go_on(j, s->video.path, t->model, &failure, err))
            return false;
    }
    return true;
}

/* False only for a wish to stop. */
static bool do_video(job *j, const char *path, ask_error *err)
{
    showing s;
    ask_error failure = {0};
    bool goes_on =
        open_video(&s, j, path, &failure)
            ? plan_all(j, &s, err) && make_all(j, &s, err) && write_all(j, &s, err)
            : go_on(j, path, NULL, &failure, err);
    close_video(&s, j);
    return goes_on;
}

/* ---- the command ---- */

static bool do_videos(job *j, ask_error *err)
{
    for (int i = 0; i < j->call->arguments->n; i++)
        if (!do_video(j, j->call->arguments->items[i], err)) return false;
    return true;
}

static cli_outcome run(const cli_call *call, const void *given, ask_error *err)
{
    job j = {.v = given, .call = call};
    double start_s = ask_clock_s();
    cli_console_open(&j.console, call->output);
    bool ok = open_all(&j, err) && do_videos(&j, err);
    j.done.seconds = ask_clock_s() - start_s;
    cli_console_close(&j.console);
    ok = ok && cli_output_result(call->output, cli_feature_run_text, cli_feature_run_json,
                                 &j.done, err);
    bool all = j.done.n_failures == 0;
    if (ok && !all) *err = j.done.failures[0].error;
    cli_feature_run_free(&j.done);
    cli_feature_models_close(&j.models);
    free(j.cache_dir);
    if (!ok) return CLI_FAILED;
    return all ? CLI_DONE : CLI_TOLD;
}

static const cli_option options[] = {
    {.name = "model",
     .letter = 'm',
     .kind = CLI_LIST,
     .at = offsetof(values, models),
     .argument = "[LAYOUT=]DIR",
     .help = "use the model in DIR ($ASKANCE_MODEL, else the one that comes with askance); "
             "give it again for another, or another layout"},
    {.name = "out",
     .letter = 'o',
     .kind = CLI_TEXT,
     .at = offsetof(values, out),
     .argument = "DIR",
     .help = "write the files in DIR; or, of one video and model, to a .safetensors"},
    {.name = "force",
     .letter = 'f',
     .kind = CLI_FLAG,
     .at = offsetof(values, force),
     .help = "make all files, also in place of others"},
    CLI_SAMPLING_ROWS(offsetof(values, sampling), "2"),
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

static const values defaults = {.sampling = CLI_SAMPLING_DEFAULTS, .image_fps = 25};

const cli_command cli_features_command = {
    .name = "features",
    .summary = "Make features of videos, for networks that learn from them",
    .arguments = "VIDEO...",
    .min_arguments = 1,
    .max_arguments = INT_MAX,
    .description =
        "Looks at each VIDEO once for all models and writes a file for each model:\n"
        "OUT/<model's folder>-<layout>/<video's name>.safetensors, with the features, "
        "their\n"
        "times, the model, the video and the plan. What becomes of a video is its "
        "layout:\n\n"
        "  frames         CLIP (default): a unit vector for each frame looked at\n"
        "  mist           CLIP: of 32 frames, the frame and 4 x 4 tiles, not normalised\n"
        "  video-chatgpt  CLIP: 100 means over patches, then means over frames\n"
        "  clips          S3D (default): a vector for each second\n\n"
        "--frames, --fps and --max-frames choose frames of the layout frames; --start and\n"
        "--end also those of mist. A file that is there for the same video, model, layout\n"
        "and plan is kept, so that a run that was interrupted goes on where it stopped.\n\n"
        "What fails is told, and the rest goes on. Exit status 0 when all is "
        "there,\n"
        "else that of the first failure: 2 for a file that holds something else, 3 when\n"
        "VIDEO cannot be read, 4 when the model cannot be or gives no numbers.",
    .options = options,
    .defaults = &defaults,
    .values_bytes = sizeof defaults,
    .run = run,
};
