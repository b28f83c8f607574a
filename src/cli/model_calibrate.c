/* askance model calibrate - what a model's answers are held against, fitted to clips of
 * which the truth is known. */
#include <math.h>
#include <stdlib.h>

#include "base/json_write.h"
#include "base/path.h"
#include "cli/command.h"
#include "cli/console.h"
#include "cli/outfile.h"
#include "eval/calibrate.h"

typedef struct {
    const char *data;
    int64_t first, n_clips, seed; // n_clips 0: all
    double fps;                   // 0: not asked
    const char *download;
    int64_t n_threads;
    const char *arch;
} values;

/* All that is open while the command runs. */
typedef struct {
    const char *dir;
    ask_model *model;
    ask_session *session;
    char *path; // owned; of calibration.json
    cli_outfile file;
    ask_calibrated result;
} job;

/* ---- the work ---- */

static bool open_model(job *j, const values *v, ask_error *err)
{
    const ask_model_options options = {
        .struct_size = sizeof options, .n_threads = (int)v->n_threads, .network = v->arch};
    ask_memory_info memory;
    j->model = ask_model_open(j->dir, &options, err);
    if (!j->model || !(ask_memory_info_of(&memory, j->model, NULL) ||
                       ask_model_check_pictures(j->model, err)))
        return false;
    j->session = ask_session_open(j->model, err);
    return j->session;
}

/* Before the work, so that a folder that cannot be written to is told at once. */
static bool open_file(job *j, const cli_call *call, ask_error *err)
{
    j->path = ask_path_join(j->dir, "calibration.json", err);
    return j->path && cli_outfile_open(&j->file, j->path, call->output, err);
}

static bool calibrate(job *j, const cli_call *call, const values *v, ask_error *err)
{
    cli_console console;
    cli_console_open(&console, call->output);
    ask_calibrate_options o = ask_calibrate_defaults();
    o.first = v->first;
    o.n_clips = v->n_clips;
    o.sampling.fps = v->fps;
    o.seed = (uint64_t)v->seed;
    o.download = v->download;
    o.cancel = call->cancel;
    o.progress = &console.progress;
    bool ok = ask_calibrate(&j->result, v->data, j->session, &o, err);
    cli_console_close(&console);
    return ok;
}

static bool write_file(job *j, ask_error *err)
{
    ask_str text = {0};
    ask_calibrated_json(&text, &j->result);
    bool ok = cli_outfile_write(&j->file, &text, err);
    ask_str_free(&text);
    return ok;
}

static bool check(const values *v, ask_error *err)
{
    return v->data || ask_fail(err, ASK_ERR_USAGE,
                               "--data says which world to fit to; it is needed (askance "
                               "world makes one)");
}

/* ---- as text ---- */

/* "  what 0.93", or a dash for a share of nothing. */
static void text_share(ask_str *out, const char *what, double share)
{
    if (isnan(share))
        ask_str_printf(out, "  %s    -", what);
    else
        ask_str_printf(out, "  %s %.2f", what, share);
}

static void text_line(ask_str *out, const char *what, double share)
{
    text_share(out, what, share);
    ask_str_append_char(out, '\n');
}

static void text_find(ask_str *out, const ask_calibrated *c)
{
    const ask_found_summary *f = &c->found;
    ask_str_printf(out, "find: threshold %.3f\n", c->calibration.threshold);
    for (int kind = 0; kind < ASK_N_QUERY_KINDS; kind++) {
        const ask_hits *h = &f->hits[kind];
        const ask_rejections *r = &f->rejected[kind];
        ask_str_printf(out, "  %-10s %6lld", ask_query_kind_name((ask_query_kind)kind),
                       (long long)(r->n ? r->n : h->n));
        if (r->n) {
            text_line(out, "rejected", r->at_threshold);
        } else {
            text_share(out, "hit@1", h->hit);
            text_share(out, "random", h->random);
            text_line(out, "centre", h->centre);
        }
    }
    ask_str_printf(out, "  %-10s %6lld", "there", (long long)f->n_there);
    text_line(out, "rejected", f->false_rejection);
}

/* Those that clips of the kind ask. */
static int n_types(const ask_calibrated *c)
{
    return c->has_memory ? ASK_N_QUESTION_TYPES : ASK_N_SIMPLE_QUESTION_TYPES;
}

static void text_types(ask_str *out, const ask_calibrated *c)
{
    for (int type = 0; type < n_types(c); type++) {
        const ask_answers *a = &c->own.types[type], *open = &c->own_open.types[type];
        if (c->has_memory && a->n == 0) continue; // not of this kind of world
        ask_str_printf(out, "  %-10s %6lld",
                       ask_question_type_name((ask_question_type)type), (long long)a->n);
        text_share(out, "right", ask_share(a->n_right, a->n));
        if (c->has_memory) text_share(out, "open", ask_share(open->n_right, open->n));
        ask_str_append_char(out, '\n');
    }
}

static void text_rejections(ask_str *out, const ask_calibrated *c)
{
    const ask_asked_rejections *r = &c->rejections;
    ask_str_printf(out, "  %-10s %6lld", "absent", (long long)r->n_absent);
    text_line(out, "rejected", r->absent);
    ask_str_printf(out, "  %-10s %6lld", "there", (long long)r->n_there);
    text_line(out, "rejected", r->there);
}

static void text_ask(ask_str *out, const ask_calibrated *c)
{
    const ask_standard *s = &c->standard;
    if (c->has_memory && s->has_threshold)
        ask_str_printf(out, "ask: threshold %.3f\n", s->threshold);
    else if (c->has_memory)
        ask_str_append(out, "ask: no threshold (no answer of its own denies)\n");
    else
        ask_str_printf(out, "ask: scale %.3g, threshold %.3f%s\n", s->scale, s->threshold,
                       s->has_threshold ? "" : " (of find: no answer was right)");
    text_types(out, c);
    if (c->has_memory) text_rejections(out, c);
}

static void text_verdict(ask_str *out, const ask_calibrated *c)
{
    const ask_fitted_limits *l = &c->limits;
    ask_str_printf(out, "verdict: tau_prior %.3g, tau_suff %.3g, tau_nec %.3g%s\n",
                   l->limits.tau_prior, l->limits.tau_suff, l->limits.tau_nec,
                   l->kept ? "" : "; no thresholds keep the terms, these miss them least");
    text_line(out, "of right answers, grounded", l->covered);
    text_line(out, "of grounded ones, right and shown", l->held);
    text_line(out, "with frames of another clip, grounded", l->other);
    text_line(out, "with grey frames, grounded", l->grey);
    ask_str_printf(out, "outside: distance from %.3g (median %.3g), words but %d\n",
                   c->standard.most_distance, c->median_distance, c->standard.n_words);
}

static void as_text(ask_str *out, const void *what)
{
    const job *j = what;
    ask_str_printf(out, "%s: fitted to %s\n", j->path, j->result.calibration.data);
    if (j->result.can_find) text_find(out, &j->result);
    text_ask(out, &j->result);
    text_verdict(out, &j->result);
}

/* ---- as JSON: docs/formats.md ---- */

static void json_share(ask_json_writer *w, const char *key, double share)
{
    if (!isnan(share)) ask_json_put_double(w, key, share);
}

static void json_find(ask_json_writer *w, const ask_calibrated *c)
{
    const ask_found_summary *f = &c->found;
    ask_json_open_object(w, "find");
    ask_json_put_double(w, "threshold", c->calibration.threshold);
    ask_json_put_int(w, "n_there", f->n_there);
    json_share(w, "false_rejection", f->false_rejection);
    ask_json_open_array(w, "kinds");
    for (int kind = 0; kind < ASK_N_QUERY_KINDS; kind++) {
        const ask_hits *h = &f->hits[kind];
        const ask_rejections *r = &f->rejected[kind];
        ask_json_open_object(w, NULL);
        ask_json_put_string(w, "kind", ask_query_kind_name((ask_query_kind)kind));
        ask_json_put_int(w, "n", r->n ? r->n : h->n);
        json_share(w, "hit", h->hit);
        json_share(w, "random", h->random);
        json_share(w, "centre", h->centre);
        json_share(w, "rejected", r->at_threshold);
        ask_json_close(w);
    }
    ask_json_close(w);
    ask_json_close(w);
}

static void json_types(ask_json_writer *w, const ask_calibrated *c)
{
    ask_json_open_array(w, "types");
    for (int type = 0; type < n_types(c); type++) {
        const ask_answers *a = &c->own.types[type], *open = &c->own_open.types[type];
        ask_json_open_object(w, NULL);
        ask_json_put_string(w, "type", ask_question_type_name((ask_question_type)type));
        ask_json_put_int(w, "n", a->n);
        json_share(w, "right", ask_share(a->n_right, a->n));
        json_share(w, "open", ask_share(open->n_right, open->n));
        ask_json_close(w);
    }
    ask_json_close(w);
}

static void json_rejections(ask_json_writer *w, const ask_asked_rejections *r)
{
    ask_json_put_int(w, "n_absent", r->n_absent);
    json_share(w, "absent_rejected", r->absent);
    ask_json_put_int(w, "n_there", r->n_there);
    json_share(w, "false_rejected", r->there);
}

static void json_ask(ask_json_writer *w, const ask_calibrated *c)
{
    const ask_standard *s = &c->standard;
    const ask_fitted_limits *l = &c->limits;
    ask_json_open_object(w, "ask");
    if (!c->has_memory) {
        ask_json_put_double(w, "scale", s->scale);
        ask_json_put_double(w, "likeliest_scale", c->likeliest_scale);
    }
    if (s->has_threshold || !c->has_memory)
        ask_json_put_double(w, "threshold", s->threshold);
    if (c->has_memory) json_rejections(w, &c->rejections);
    ask_json_put_double(w, "tau_prior", l->limits.tau_prior);
    ask_json_put_double(w, "tau_suff", l->limits.tau_suff);
    ask_json_put_double(w, "tau_nec", l->limits.tau_nec);
    ask_json_put_bool(w, "kept", l->kept);
    json_share(w, "covered", l->covered);
    json_share(w, "held", l->held);
    json_share(w, "grounded_other", l->other);
    json_share(w, "grounded_grey", l->grey);
    ask_json_put_double(w, "most_distance", s->most_distance);
    ask_json_put_double(w, "median_distance", c->median_distance);
    ask_json_put_int(w, "n_words", s->n_words);
    json_types(w, c);
    ask_json_close(w);
}

static void as_json(ask_str *out, const void *what)
{
    const job *j = what;
    ask_json_writer w = {.out = out, .pretty = true};
    ask_json_open_object(&w, NULL);
    ask_json_put_string(&w, "schema", "askance.model.calibrate/1");
    ask_json_put_string(&w, "file", j->path);
    ask_json_put_string(&w, "data", j->result.calibration.data);
    ask_json_put_int(&w, "n_clips", j->result.n_clips);
    if (j->result.can_find) json_find(&w, &j->result);
    json_ask(&w, &j->result);
    ask_json_close(&w);
    ask_str_append_char(out, '\n');
}

/* ---- the command ---- */

static cli_outcome run(const cli_call *call, const void *given, ask_error *err)
{
    const values *v = given;
    job j = {.dir = call->arguments->items[0]};
    bool ok = check(v, err) && open_model(&j, v, err) && open_file(&j, call, err) &&
              calibrate(&j, call, v, err) && write_file(&j, err) &&
              cli_output_result(call->output, as_text, as_json, &j, err);
    cli_outfile_close(&j.file);
    ask_calibrated_free(&j.result);
    ask_session_close(j.session);
    ask_model_close(j.model);
    free(j.path);
    return ok ? CLI_DONE : CLI_FAILED;
}

static const values defaults = {.seed = 1};

static const cli_option options[] = {
    {.name = "data",
     .kind = CLI_TEXT,
     .at = offsetof(values, data),
     .argument = "WORLD",
     .help = "fit to the clips of the folder WORLD (askance world); needed"},
    {.name = "clips",
     .kind = CLI_INT,
     .at = offsetof(values, n_clips),
     .min = 1,
     .max = ASK_WORLD_MOST_CLIPS,
     .argument = "N",
     .help = "fit to N clips (all that are there)"},
    {.name = "first",
     .kind = CLI_INT,
     .at = offsetof(values, first),
     .min = 0,
     .max = ASK_WORLD_MOST_CLIPS,
     .argument = "I",
     .help = "take clips from number I on (0)"},
    {.name = "fps",
     .kind = CLI_REAL,
     .at = offsetof(values, fps),
     .min = 1e-6,
     .max = 1e6,
     .argument = "RATE",
     .help = "look at RATE frames a second, also later by default (2)"},
    {.name = "download",
     .kind = CLI_TEXT,
     .at = offsetof(values, download),
     .argument = "TEXT",
     .help = "what answers name to download for footage or words that are not covered"},
    {.name = "seed",
     .kind = CLI_INT,
     .at = offsetof(values, seed),
     .min = 0,
     .max = 9e15,
     .argument = "S",
     .help = "draw sentences and checks by seed S (1)"},
    {.name = "threads",
     .letter = 't',
     .kind = CLI_INT,
     .at = offsetof(values, n_threads),
     .min = 1,
     .max = 1024,
     .argument = "N",
     .help = "compute with N threads (one for each core)"},
    {.name = "arch",
     .kind = CLI_TEXT,
     .at = offsetof(values, arch),
     .argument = "NAME",
     .help = "the network, when config.json does not tell it (clip)"},
    {0},
};

const cli_command cli_model_calibrate_command = {
    .name = "model calibrate",
    .summary = "Fit a model's thresholds to clips of which the truth is known",
    .arguments = "DIR",
    .min_arguments = 1,
    .max_arguments = 1,
    .n_models = 1,
    .description =
        "Asks the model in DIR for all that the clips of a world show, and writes\n"
        "DIR/calibration.json: from which score on a text is in a video, how sure answers\n"
        "are, when a verdict may say that they are grounded, and which footage and words\n"
        "this covers. A model with a memory of videos is asked with options and without\n"
        "them; one that can also find has both fitted. What the folder had before is\n"
        "replaced when the new file is whole.\n"
        "Test on clips of other seeds than those that are fitted to.\n\n"
        "Exit status 3 when WORLD cannot be read, 4 when the model cannot be used.",
    .options = options,
    .defaults = &defaults,
    .values_bytes = sizeof defaults,
    .run = run,
};
