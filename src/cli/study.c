#include "cli/study.h"

#include <stdlib.h>
#include <string.h>

#include "cli/dirs.h"
#include "cli/file_hash.h"
#include "cli/find_text.h"
#include "cli/pace.h"
#include "cli/record_video.h"
#include "cli/reproduce.h"
#include "cli/same_file.h"
#include "model/memory.h"

const cli_option cli_study_options[] = {
    CLI_STUDY_ROWS(0, "that of calibration.json, or 2"),
    {.name = "report",
     .kind = CLI_TEXT,
     .at = offsetof(cli_study_values, report),
     .argument = "FILE",
     .help = "write an HTML page that shows all of it; - is stdout"},
    {.name = "hash",
     .kind = CLI_FLAG,
     .at = offsetof(cli_study_values, hash),
     .help = "put the SHA-256 of the whole video into the record"},
    {0},
};

void cli_study_begin(cli_study *s, const cli_call *call, const cli_study_values *v,
                     const char *path)
{
    *s = (cli_study){.call = call, .v = v, .path = path};
    cli_console_open(&s->console, call->output);
}

void cli_study_close(cli_study *s)
{
    ask_session_close(s->session);
    ask_model_close(s->model);
    ask_video_close(s->video);
    cli_outfile_close(&s->report);
    cli_default_model_free(&s->default_model);
    free(s->cache_dir);
    cli_console_close(&s->console);
}

ask_sampling_options cli_study_sampling(const cli_study *s)
{
    return cli_sampling(&s->v->sampling);
}

/* ---- what is cheap to find wrong comes first ---- */

bool cli_study_is_stdout(const char *path)
{
    return path && strcmp(path, "-") == 0;
}

bool cli_study_check_apart(const char *option, const char *path, const char *other_name,
                           const char *other, ask_error *err)
{
    bool same;
    if (!cli_same_file(&same, path, other, err)) return false;
    return !same ||
           ask_fail(err, ASK_ERR_USAGE, "--%s=%s is the file of %s too: name another",
                    option, path, other_name);
}

bool cli_study_check(const cli_study *s, ask_error *err)
{
    if (!cli_study_check_apart("report", s->v->report, "VIDEO", s->path, err)) return false;
    return cli_sampling_check(&s->v->sampling, err);
}

static bool open_video(cli_study *s, ask_error *err)
{
    ask_video_options options = ask_video_defaults();
    options.image_fps = s->v->image_fps;
    options.cache_dir = s->cache_dir;
    options.cancel = s->call->cancel;
    options.progress = &s->console.progress;
    s->video = ask_video_open(s->path, &options, err);
    return s->video;
}

bool cli_study_open_video(cli_study *s, ask_error *err)
{
    return cli_default_model_choose(&s->dir, &s->default_model, s->v->model, err) &&
           (s->v->no_cache || cli_cache_dir(&s->cache_dir, err)) && open_video(s, err) &&
           cli_outfile_open(&s->report, s->v->report, s->call->output, err);
}

bool cli_study_open_model(cli_study *s, ask_error *err)
{
    const ask_model_options options = {.struct_size = sizeof options,
                                       .n_threads = (int)s->v->n_threads,
                                       .network = s->v->arch,
                                       .over = s->v->over};
    s->model = ask_model_open(s->dir, &options, err);
    s->session = s->model ? ask_session_open(s->model, err) : NULL;
    return s->session;
}

/* ---- the record ---- */

static bool set_video(ask_record *r, const cli_study *s, bool counted, ask_error *err)
{
    char sha256[CLI_SHA256_TEXT_BYTES];
    bool is_folder = ask_file_is_dir(s->path), known = s->v->hash && !is_folder;
    if (known && !cli_file_sha256(sha256, s->path, s->cache_dir, s->call->cancel,
                                  &s->console.progress, err))
        return false;
    const char *reason =
        is_folder ? "a folder of images is not one file" : "not asked for; use --hash";
    return cli_record_video(r, s->video, s->path, counted, known ? sha256 : NULL, reason,
                            err);
}

/* The command line alone does not make it again when the model is not on it. */
static bool note_model(ask_record *r, const cli_study *s, ask_error *err)
{
    ask_str reason = {0};
    ask_str_printf(&reason, "the model %s: add --model=%s",
                   s->default_model.dir ? "is the one that comes with askance"
                                        : "came from ASKANCE_MODEL",
                   s->dir);
    bool ok = !reason.failed || ask_fail_memory(err);
    ok = ok && ask_record_note(r, "reproduce.argv", ask_str_text(&reason), err);
    ask_str_free(&reason);
    return ok;
}

static bool set_reproduce(ask_record *r, const cli_study *s, ask_maybe_int seed,
                          ask_error *err)
{
    const ask_model_info model = ask_model_info_of(s->model);
    return cli_reproduce(r, s->call, &model, seed, err) &&
           (s->v->model || note_model(r, s, err));
}

/* Adds to the plan what earlier runs with this model let expect. */
static bool expect(ask_record *r, const cli_study *s, ask_error *err)
{
    const ask_model_info model = ask_model_info_of(s->model);
    const char *unknown = s->cache_dir
                              ? "nothing was run yet with this model and as many threads"
                              : "the cache is not used";
    cli_pace pace;
    if (!cli_pace_read(&pace, s->cache_dir, &model))
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

bool cli_study_record(ask_record *r, const cli_study *s, bool counted, ask_maybe_int seed,
                      ask_error *err)
{
    return expect(r, s, err) && set_video(r, s, counted, err) &&
           set_reproduce(r, s, seed, err);
}

/* What is done with each frame. */
static double frame_gflop(const ask_model *m)
{
    ask_memory_info info;
    return ask_memory_info_of(&info, m, NULL) ? info.frame_gflop
                                              : ask_model_info_of(m).image_gflop;
}

void cli_study_remember(const ask_record *r, const cli_study *s)
{
    const ask_model_info model = ask_model_info_of(s->model);
    const ask_record_cost *c = r->cost;
    const cli_pace_run done = {
        .n_frames = (int64_t)r->n_frames,
        .window_s = r->plan->resolved.end_s - r->plan->resolved.start_s,
        .decode_s = c->decode_s,
        .gflop = (double)r->n_frames * frame_gflop(s->model),
        .encode_s = c->encode_s,
        .peak_mib = c->peak_mib.value,
    };
    if (c->peak_mib.known && done.encode_s > 0 && done.gflop > 0)
        cli_pace_add(&done, s->cache_dir, &model);
}

/* ---- saying it ---- */

void cli_study_warn(const cli_study *s, const ask_record *r)
{
    const ask_logger *log = &s->console.log;
    if (r->query->unknown_words)
        ask_log_send(
            log, ASK_LOG_WARNING,
            "a part of the text is unknown to the model: the score may mean little");
    if (r->plan->why_changed)
        ask_log_send(log, ASK_LOG_WARNING, "%s: %s", s->path, r->plan->why_changed);
    size_t n_damaged = 0;
    for (size_t i = 0; i < r->n_frames; i++) n_damaged += r->frames[i].damaged;
    if (n_damaged)
        ask_log_send(log, ASK_LOG_WARNING, "%s: %zu of %zu frames are damaged", s->path,
                     n_damaged, r->n_frames);
}

bool cli_study_result(ask_str *out, const cli_study *s, const ask_record *r,
                      void (*as_text)(ask_str *out, const ask_record *r), ask_error *err)
{
    if (s->call->output->json) return ask_record_write(out, r, err);
    as_text(out, r);
    return !out->failed || ask_fail_memory(err);
}

bool cli_study_say_plan(cli_study *s, const ask_record *r, ask_error *err)
{
    ask_str text = {0};
    bool ok = cli_study_result(&text, s, r, cli_find_plan_text, err);
    cli_console_close(&s->console);
    ok = ok && cli_output_text(s->call->output, &text, err);
    ask_str_free(&text);
    return ok;
}
