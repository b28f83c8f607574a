/* askance find - where in a video is what a text says? */
#include <math.h>
#include <stdlib.h>

#include "cli/find_text.h"
#include "cli/report.h"
#include "cli/study.h"
#include "focus/find_record.h"

typedef struct {
    cli_study_values study;
    int64_t n_top; // 0: not asked
    const char *curve;
} values;

/* All that is open while the command runs. */
typedef struct {
    const values *v;
    const char *text;
    cli_study study;
    cli_outfile curve;
    ask_find_options options;
} job;

/* ---- opening ---- */

/* Standard output holds one thing, and so does a file. */
static bool check_outputs(const job *j, ask_error *err)
{
    const char *curve = j->v->curve, *report = j->v->study.report;
    if (j->v->study.plan && (curve || report))
        return ask_fail(err, ASK_ERR_USAGE,
                        "--plan does not look at the video, so it has no --curve and no "
                        "--report");
    int n = cli_study_is_stdout(curve) + cli_study_is_stdout(report) +
            j->study.call->output->json;
    if (n > 1)
        return ask_fail(err, ASK_ERR_USAGE,
                        "only one of --json, --curve=- and --report=- can have standard "
                        "output");
    return cli_study_check_apart("curve", curve, "VIDEO", j->study.path, err) &&
           cli_study_check_apart("report", report, "--curve", curve, err);
}

static void take_options(job *j)
{
    j->options = ask_find_defaults();
    j->options.sampling = cli_study_sampling(&j->study);
    j->options.n_top = (int)j->v->n_top;
    j->options.cancel = j->study.call->cancel;
    j->options.progress = &j->study.console.progress;
}

static bool open_all(job *j, ask_error *err)
{
    return check_outputs(j, err) && cli_study_check(&j->study, err) &&
           ask_find_check(j->text, &j->options, err) &&
           cli_study_open_video(&j->study, err) &&
           cli_outfile_open(&j->curve, j->v->curve, j->study.call->output, err) &&
           cli_study_open_model(&j->study, err) &&
           ask_model_check_pictures(j->study.model, err);
}

/* ---- saying it ---- */

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

static bool make_texts(texts *t, const job *j, const ask_record *r, ask_error *err)
{
    const cli_study *s = &j->study;
    if (j->v->curve) cli_find_curve(&t->curve, r);
    if (t->curve.failed) return ask_fail_memory(err);
    return (!s->v->report || cli_report(&t->page, r, s->video, err)) &&
           cli_study_result(&t->result, s, r, cli_find_text, err);
}

/* Standard output gets the result unless a file was asked to be there. */
static bool write_texts(const texts *t, job *j, ask_error *err)
{
    cli_study *s = &j->study;
    bool is_taken = cli_study_is_stdout(j->v->curve) || cli_study_is_stdout(s->v->report);
    return cli_outfile_write(&s->report, &t->page, err) &&
           cli_outfile_write(&j->curve, &t->curve, err) &&
           (is_taken || cli_output_text(s->call->output, &t->result, err));
}

/* ---- the command ---- */

static bool plan(job *j, ask_record *r, ask_error *err)
{
    cli_study *s = &j->study;
    ask_find_plan p;
    if (!ask_find_plan_make(&p, s->video, s->session, j->text, &j->options, err))
        return false;
    bool ok = ask_find_record_plan(r, &p, j->text, &j->options, err) &&
              cli_study_record(r, s, p.sampling.counted, (ask_maybe_int){0}, err);
    ask_find_plan_free(&p);
    return ok && cli_study_say_plan(s, r, err);
}

static bool search(job *j, ask_record *r, ask_error *err)
{
    cli_study *s = &j->study;
    ask_find_result found;
    if (!ask_find(&found, s->video, s->session, j->text, &j->options, err)) return false;
    bool ok = ask_find_record(r, &found, j->text, &j->options, err) &&
              cli_study_record(r, s, found.plan.sampling.counted, (ask_maybe_int){0}, err);
    ask_find_result_free(&found);
    if (!ok) return false;
    cli_study_remember(r, s);
    cli_study_warn(s, r);
    texts t = {0};
    ok = make_texts(&t, j, r, err);
    cli_console_close(&s->console);
    ok = ok && write_texts(&t, j, err);
    texts_free(&t);
    return ok;
}

static cli_outcome run(const cli_call *call, const void *given, ask_error *err)
{
    job j = {.v = given, .text = call->arguments->items[1]};
    bool only_plan = j.v->study.plan;
    cli_study_begin(&j.study, call, &j.v->study, call->arguments->items[0]);
    take_options(&j);
    ask_record *r = ask_record_new(only_plan ? ASK_RECORD_PLAN : ASK_RECORD_FIND, err);
    bool ok = r && open_all(&j, err) && (only_plan ? plan(&j, r, err) : search(&j, r, err));
    bool is_present = !ok || only_plan || r->presence->present;
    ask_record_free(r);
    cli_outfile_close(&j.curve);
    cli_study_close(&j.study);
    if (!ok) return CLI_FAILED;
    return is_present ? CLI_DONE : CLI_NEGATIVE;
}

static const values defaults = {.study = CLI_STUDY_DEFAULTS};

static const cli_option options[] = {
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
    .shared = cli_study_options,
    .shared_at = offsetof(values, study),
    .defaults = &defaults,
    .values_bytes = sizeof defaults,
    .run = run,
};
