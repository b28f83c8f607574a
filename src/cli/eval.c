/* askance eval - a model asked all questions of a task: what it scores, beside baselines.
 */
#include <string.h>

#include "base/file.h"
#include "cli/command.h"
#include "cli/console.h"
#include "cli/default_model.h"
#include "cli/eval_values.h"
#include "eval/by_features.h"
#include "eval/by_memory.h"
#include "eval/dual.h"
#include "eval/run.h"

/* All that is open while the command runs. */
typedef struct {
    const cli_call *call;
    const cli_eval_values *v;
    const char *task;
    cli_console console;
    cli_default_model default_model;
    ask_model *model;
    ask_session *session;
    ask_feature_store *store;
    ask_dual *dual; // one of these three
    ask_by_memory *by_memory;
    ask_by_features *by_features;
    ask_answerer answerer;     // that one
    ask_eval_set *set, *train; // train NULL: there is none
    cli_eval_settings settings;
    ask_eval_run_result result;
} job;

/* ---- the questions ---- */

static ask_eval_set_options set_options(const job *j)
{
    return (ask_eval_set_options){.struct_size = sizeof(ask_eval_set_options),
                                  .videos = j->v->videos,
                                  .events = j->v->events,
                                  .cancel = j->call->cancel,
                                  .progress = &j->console.progress};
}

static bool open_set(job *j, ask_error *err)
{
    ask_eval_set_options o = set_options(j);
    o.n_most = j->v->n;
    o.log = &j->console.log;
    j->set = ask_eval_set_open(j->task, j->v->data, j->v->split, &o, err);
    return j->set;
}

/* Of a folder with a file of questions for training that is not the one asked about. Where
 * that cannot be read, the baselines learn from what there is. */
static bool open_train(job *j, ask_error *err)
{
    const ask_eval_set_options o = set_options(j);
    const char *split = ask_eval_set_split(j->set);
    ask_error why = {0};
    bool none = strcmp(j->task, ask_eval_task_at(0)) == 0 || !ask_file_is_dir(j->v->data) ||
                (split && strcmp(split, "train") == 0) || !cli_eval_learns(&j->settings);
    if (none) return true;
    j->train = ask_eval_set_open(j->task, j->v->data, "train", &o, &why);
    if (j->train || (why.code != ASK_ERR_CANCELLED && why.code != ASK_ERR_NOMEM))
        return true;
    if (err) *err = why;
    return false;
}

/* ---- who answers ---- */

static bool open_model(job *j, ask_error *err)
{
    const char *dir;
    if (!cli_default_model_choose(&dir, &j->default_model, j->v->model, err)) return false;
    const ask_model_options options = {.struct_size = sizeof options,
                                       .n_threads = (int)j->v->n_threads,
                                       .network = j->v->arch,
                                       .compat = j->v->compat};
    j->model = ask_model_open(dir, &options, err);
    if (!j->model) return false;
    j->session = ask_session_open(j->model, err);
    return j->session;
}

static bool open_by_features(job *j, const ask_feature_qa_info *info, ask_error *err)
{
    ask_feature_store_options o = ask_feature_store_defaults();
    o.width = info->width;
    o.model_id = info->features;
    j->store = ask_feature_store_open(j->v->features, &o, err);
    if (!j->store) return false;
    j->by_features = ask_by_features_open(j->session, j->store, j->call->cancel, err);
    if (j->by_features) j->answerer = ask_by_features_answerer(j->by_features);
    return j->by_features;
}

static bool open_by_memory(job *j, ask_error *err)
{
    ask_by_memory_options o = ask_by_memory_defaults();
    o.sampling.fps = j->v->fps;
    o.no_points = j->v->no_points;
    o.no_checks = j->v->no_checks;
    o.seed = (uint64_t)j->v->seed;
    o.cancel = j->call->cancel;
    j->by_memory = ask_by_memory_open(j->session, &o, err);
    if (j->by_memory) j->answerer = ask_by_memory_answerer(j->by_memory);
    return j->by_memory;
}

static bool open_dual(job *j, ask_error *err)
{
    ask_dual_options o = ask_dual_defaults();
    o.sampling.fps = j->v->fps;
    o.no_points = j->v->no_points;
    o.no_checks = j->v->no_checks;
    o.seed = (uint64_t)j->v->seed;
    o.cancel = j->call->cancel;
    j->dual = ask_dual_open(j->session, &o, err);
    if (j->dual) j->answerer = ask_dual_answerer(j->dual);
    return j->dual;
}

static bool open_answerer(job *j, ask_error *err)
{
    ask_feature_qa_info info;
    ask_memory_info memory;
    bool by_features = ask_feature_qa_info_of(&info, j->model, NULL);
    const char *dir = ask_model_info_of(j->model).dir;
    if (by_features && !j->v->features)
        return ask_fail(err, ASK_ERR_USAGE,
                        "%s answers from features: say with --features where they are",
                        dir);
    if (!by_features && j->v->features)
        return ask_fail(err, ASK_ERR_USAGE,
                        "--features: %s answers from video files, not from features", dir);
    if (by_features) return open_by_features(j, &info, err);
    bool by_memory = ask_memory_info_of(&memory, j->model, NULL);
    return by_memory ? open_by_memory(j, err) : open_dual(j, err);
}

/* ---- the run ---- */

static bool ask_all(job *j, ask_error *err)
{
    ask_eval_run_options o = {.struct_size = sizeof o,
                              .task = j->task,
                              .settings = j->settings.list,
                              .n_settings = j->settings.n,
                              .train = j->train,
                              .seed = (uint64_t)j->v->seed,
                              .cancel = j->call->cancel,
                              .progress = &j->console.progress};
    memcpy(o.baselines, j->settings.baselines, sizeof o.baselines);
    return ask_eval_run(&j->result, j->v->out, j->set, &j->answerer, &o, err);
}

static bool work(job *j, ask_error *err)
{
    if (j->v->regrade) return ask_eval_regrade(&j->result, j->v->out, j->task, err);
    return open_model(j, err) && open_answerer(j, err) && open_set(j, err) &&
           open_train(j, err) && ask_all(j, err);
}

/* ---- saying it ---- */

static void as_text(ask_str *out, const void *what)
{
    const job *j = what;
    const ask_eval_run_result *r = &j->result;
    ask_eval_run_markdown(out, r);
    ask_str_printf(out, "\n%zu questions asked, %zu were answered before: %s\n",
                   r->rows.n - r->n_kept, r->n_kept, j->v->out);
}

static void as_json(ask_str *out, const void *what)
{
    const job *j = what;
    ask_eval_run_json(out, &j->result, j->v->out);
}

static cli_outcome run(const cli_call *call, const void *given, ask_error *err)
{
    job j = {.call = call, .v = given, .task = call->arguments->items[0]};
    cli_console_open(&j.console, call->output);
    bool ok = cli_eval_check(&j.settings, j.task, j.v, err) && work(&j, err);
    cli_console_close(&j.console);
    ok = ok && cli_output_result(call->output, as_text, as_json, &j, err);
    ask_eval_run_result_free(&j.result);
    ask_dual_close(j.dual);
    ask_by_memory_close(j.by_memory);
    ask_by_features_close(j.by_features);
    ask_feature_store_close(j.store);
    ask_eval_set_close(j.train);
    ask_eval_set_close(j.set);
    ask_session_close(j.session);
    ask_model_close(j.model);
    cli_default_model_free(&j.default_model);
    return ok ? CLI_DONE : CLI_FAILED;
}

const cli_command cli_eval_command = {
    .name = "eval",
    .summary = "Ask a model all questions of a task, and score its answers",
    .arguments = "TASK",
    .min_arguments = 1,
    .max_arguments = 1,
    .description =
        "TASK is playroom (a world of `askance world`) or a published set (`askance data`\n"
        "lists them). Every question is asked as `askance ask` and `askance find` do, or\n"
        "from features, by a model that has a memory of events. A model with answers of "
        "its\n"
        "own is also asked without options. OUT then holds\n"
        "samples.jsonl, a line for each question as it is answered; summary.json, .csv "
        "and\n"
        ".md: accuracies, errors of counts, grounding, rejection, pointing, each with an\n"
        "interval by drawing videos, beside baselines that see less; and for star and\n"
        "qvhighlights a file for their servers.\n\n"
        "A run that was stopped goes on when the same command is given again.\n\n"
        "Baselines: blind (the model with nothing to see), shuffled (frames in another\n"
        "order), majority (the commonest answer), question_only (learnt from words).\n\n"
        "Exit status 2 for a task that there is none of, and when OUT holds another run; "
        "3\n"
        "when questions, videos or features cannot be read, or a line of samples.jsonl is\n"
        "damaged; 4 when the model cannot answer such questions; 130 when interrupted.",
    .options = cli_eval_options,
    .defaults = &cli_eval_defaults,
    .values_bytes = sizeof cli_eval_defaults,
    .run = run,
};
