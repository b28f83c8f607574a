/* askance ask - a question about a video: the answer, its evidence, and what it is worth.
 */
#include <math.h>

#include "cli/ask_text.h"
#include "cli/ask_words.h"
#include "cli/report.h"
#include "cli/study.h"
#include "vqa/answer_record.h"

typedef struct {
    cli_study_values study;
    cli_words_values words;
    cli_list choices;
    int64_t seed;
    const char *score;
    bool no_checks, stream;
} values;

/* All that is open while the command runs. */
typedef struct {
    const values *v;
    const char *question;
    cli_study study;
    ask_ask_options options;
} job;

/* ---- opening ---- */

static bool check_outputs(const job *j, ask_error *err)
{
    const char *report = j->v->study.report;
    if (j->v->study.plan && report)
        return ask_fail(err, ASK_ERR_USAGE,
                        "--plan does not look at the video, so it has no --report");
    if (j->v->stream && (j->study.call->output->json || cli_study_is_stdout(report)))
        return ask_fail(err, ASK_ERR_USAGE,
                        "--stream has standard output to itself: no --json then, and no "
                        "--report=-");
    return !(cli_study_is_stdout(report) && j->study.call->output->json) ||
           ask_fail(err, ASK_ERR_USAGE,
                    "only one of --json and --report=- can have standard output");
}

static void take_options(job *j)
{
    j->options = ask_ask_defaults();
    j->options.sampling = cli_study_sampling(&j->study);
    j->options.no_checks = j->v->no_checks;
    j->options.seed = (uint64_t)j->v->seed;
    j->options.cancel = j->study.call->cancel;
    j->options.progress = &j->study.console.progress;
}

static bool open_all(job *j, ask_error *err)
{
    const cli_list *choices = &j->v->choices;
    return check_outputs(j, err) && cli_study_check(&j->study, err) &&
           cli_ask_words_check_score(j->v->score, err) &&
           ask_ask_check(j->question, choices->items, choices->n, &j->options, err) &&
           cli_study_open_video(&j->study, err) && cli_study_open_model(&j->study, err);
}

/* ---- with a model that writes ---- */

static cli_ask_words words_of(job *j)
{
    return (cli_ask_words){.study = &j->study,
                           .words = &j->v->words,
                           .question = j->question,
                           .choices = &j->v->choices,
                           .seed = j->v->seed,
                           .no_checks = j->v->no_checks,
                           .score = j->v->score,
                           .stream = j->v->stream};
}

/* ---- the command ---- */

static bool plan(job *j, ask_record *r, ask_error *err)
{
    cli_study *s = &j->study;
    if (cli_words_can(s)) {
        const cli_ask_words words = words_of(j);
        return cli_ask_words_plan(r, &words, err) && cli_study_say_plan(s, r, err);
    }
    const cli_list *choices = &j->v->choices;
    ask_find_plan p;
    if (!ask_ask_plan(&p, s->video, s->session, j->question, choices->items, choices->n,
                      &j->options, err))
        return false;
    bool ok = ask_answer_record_plan(r, &p, j->question, &j->options, err) &&
              cli_study_record(r, s, p.sampling.counted, ask_known_int(j->v->seed), err);
    ask_find_plan_free(&p);
    return ok && cli_study_say_plan(s, r, err);
}

/* Standard output gets the result unless the report was asked to be there. */
static bool say(job *j, const ask_record *r, ask_error *err)
{
    cli_study *s = &j->study;
    ask_str result = {0}, page = {0};
    bool ok = (!s->v->report || cli_report(&page, r, s->video, err)) &&
              cli_study_result(&result, s, r, cli_ask_text, err);
    cli_console_close(&s->console);
    ok = ok && cli_outfile_write(&s->report, &page, err) &&
         (cli_study_is_stdout(s->v->report) ||
          cli_output_text(s->call->output, &result, err));
    ask_str_free(&page);
    ask_str_free(&result);
    return ok;
}

/* With cosines or a memory. */
static bool choose(job *j, ask_record *r, ask_error *err)
{
    cli_study *s = &j->study;
    const cli_list *choices = &j->v->choices;
    ask_answer a;
    if (!ask_ask(&a, s->video, s->session, j->question, choices->items, choices->n,
                 &j->options, err))
        return false;
    bool ok =
        ask_answer_record(r, &a, j->question, &j->options, err) &&
        cli_study_record(r, s, a.plan.sampling.counted, ask_known_int(j->v->seed), err);
    ask_answer_free(&a);
    return ok;
}

static bool answer(job *j, ask_record *r, ask_error *err)
{
    const cli_ask_words words = words_of(j);
    bool ok =
        cli_words_can(&j->study) ? cli_ask_words_answer(r, &words, err) : choose(j, r, err);
    if (!ok) return false;
    cli_study_remember(r, &j->study);
    cli_study_warn(&j->study, r);
    return say(j, r, err);
}

static bool is_negative(const ask_record *r)
{
    return (r->presence && !r->presence->present) || r->answer->denies.value ||
           (r->verdict && r->verdict->value == ASK_WORTH_NOT_IN_VIDEO);
}

static cli_outcome run(const cli_call *call, const void *given, ask_error *err)
{
    job j = {.v = given, .question = call->arguments->items[1]};
    bool only_plan = j.v->study.plan;
    cli_study_begin(&j.study, call, &j.v->study, call->arguments->items[0]);
    take_options(&j);
    ask_record *r = ask_record_new(only_plan ? ASK_RECORD_PLAN : ASK_RECORD_ANSWER, err);
    bool ok = r && open_all(&j, err) && (only_plan ? plan(&j, r, err) : answer(&j, r, err));
    bool negative = ok && !only_plan && is_negative(r);
    ask_record_free(r);
    cli_study_close(&j.study);
    if (!ok) return CLI_FAILED;
    return negative ? CLI_NEGATIVE : CLI_DONE;
}

static const values defaults = {
    .study = CLI_STUDY_DEFAULTS, .words = CLI_WORDS_DEFAULTS, .seed = 1, .score = "mean"};

static const cli_option options[] = {
    {.name = "choice",
     .letter = 'c',
     .kind = CLI_LIST,
     .at = offsetof(values, choices),
     .argument = "TEXT",
     .help = "a possible answer; give 2 to 26 of them. Without, the model answers in "
             "words of its own"},
    {.name = "no-checks",
     .kind = CLI_FLAG,
     .at = offsetof(values, no_checks),
     .help = "do not test whether the evidence was used; no verdict then"},
    {.name = "seed",
     .kind = CLI_INT,
     .at = offsetof(values, seed),
     .min = 0,
     .max = 9007199254740992.0,
     .argument = "N",
     .help = "of the words and frames that are drawn at random (1)"},
    {.name = "score",
     .kind = CLI_TEXT,
     .at = offsetof(values, score),
     .argument = "HOW",
     .help =
         "a language model compares choices by the mean or the sum of their tokens (mean)"},
    {.name = "stream",
     .kind = CLI_FLAG,
     .at = offsetof(values, stream),
     .help = "print words as they come, before all else"},
    CLI_WORDS_ROWS(offsetof(values, words)),
    {0},
};

const cli_command cli_ask_command = {
    .name = "ask",
    .summary = "Answer a question about a video, with evidence",
    .arguments = "VIDEO QUESTION",
    .min_arguments = 2,
    .max_arguments = 2,
    .description =
        "VIDEO is a media file, a GIF, or a folder of images. TIME is in seconds, or\n"
        "minutes:seconds, or hours:minutes:seconds, from the first displayed frame.\n\n"
        "A model with a memory looks at a fixed number of frames, remembers who does what\n"
        "when, and answers from that: with one of the choices, or without any in words of\n"
        "its own. What it remembers is listed as a timeline. A dual encoder asks QUESTION\n"
        "with every --choice, and the one that fits the frames best is the answer; it has\n"
        "no words of its own, and all ways of choosing frames combine.\n\n"
        "A language model (LLaVA-1.5, LLaVA-NeXT-Video, Video-ChatGPT) is shown 8 frames,\n"
        "or as many as are asked for, and subtitles, and answers in words; of given\n"
        "choices it is the one whose tokens are likeliest in the mean. Where it looked\n"
        "while it said each token is the evidence. Only it reads the options from --score\n"
        "on.\n\n"
        "The question is then asked again of a grey picture (a language model is shown no\n"
        "frames at all), of the evidence alone, and without the evidence. With the\n"
        "thresholds of the model's calibration.json that gives the verdict: grounded (the\n"
        "evidence was enough, and needed), weak, prior_only (the words alone gave it\n"
        "away), not_in_video, or outside (the footage or the words are unlike all that\n"
        "the model knows).\n\n"
        "Exit status 0 for an answer, 1 when it is not in the video, 3 when VIDEO cannot\n"
        "be read, 4 when the model cannot be or is for something else, 5 when question,\n"
        "choice, frames or answer are too much for the model or for what is allowed.",
    .options = options,
    .shared = cli_study_options,
    .shared_at = offsetof(values, study),
    .defaults = &defaults,
    .values_bytes = sizeof defaults,
    .run = run,
};
