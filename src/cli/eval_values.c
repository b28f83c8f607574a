#include "cli/eval_values.h"

#include <string.h>

#include "base/number.h"
#include "cli/nearest.h"

const cli_eval_values cli_eval_defaults = {.baselines = "all", .seed = 1};

const cli_option cli_eval_options[] = {
    {.name = "data",
     .letter = 'd',
     .kind = CLI_TEXT,
     .at = offsetof(cli_eval_values, data),
     .argument = "PATH",
     .help = "the folder of the world or the set, or its file of questions; needed"},
    {.name = "out",
     .letter = 'o',
     .kind = CLI_TEXT,
     .at = offsetof(cli_eval_values, out),
     .argument = "OUT",
     .help = "write to the folder OUT; needed"},
    {.name = "split",
     .kind = CLI_TEXT,
     .at = offsetof(cli_eval_values, split),
     .argument = "NAME",
     .help = "val, test or train (default: the first that is there)"},
    {.name = "videos",
     .kind = CLI_TEXT,
     .at = offsetof(cli_eval_values, videos),
     .argument = "DIR",
     .help = "look for the videos in DIR (default: videos beside the file)"},
    {.name = "events",
     .kind = CLI_TEXT,
     .at = offsetof(cli_eval_values, events),
     .argument = "FILE",
     .help = "read events from FILE, for a set that comes without"},
    {.name = "model",
     .letter = 'm',
     .kind = CLI_MODEL,
     .at = offsetof(cli_eval_values, model),
     .argument = "DIR",
     .help = "use the model in DIR ($ASKANCE_MODEL, else the one that comes with askance)"},
    {.name = "arch",
     .kind = CLI_TEXT,
     .at = offsetof(cli_eval_values, arch),
     .argument = "NAME",
     .help = "the network, when config.json does not tell it"},
    {.name = "compat",
     .kind = CLI_TEXT,
     .at = offsetof(cli_eval_values, compat),
     .argument = "MODE",
     .help = "of glance_focus: released, to answer as its authors' code does, or paper"},
    {.name = "features",
     .kind = CLI_TEXT,
     .at = offsetof(cli_eval_values, features),
     .argument = "STORE",
     .help = "answer from the features in STORE (askance features)"},
    {.name = "fps",
     .kind = CLI_REAL,
     .at = offsetof(cli_eval_values, fps),
     .min = 1e-6,
     .max = 1e6,
     .argument = "RATE",
     .help =
         "look at RATE frames a second (that of calibration.json, or 2); a model with a "
         "memory always looks at as many as it was made for"},
    {.name = "no-points",
     .kind = CLI_FLAG,
     .at = offsetof(cli_eval_values, no_points),
     .help = "do not ask where in a frame the answer is seen"},
    {.name = "no-checks",
     .kind = CLI_FLAG,
     .at = offsetof(cli_eval_values, no_checks),
     .help = "do not test whether the evidence was used; a tenth of the time, no verdicts"},
    {.name = "n",
     .letter = 'n',
     .kind = CLI_INT,
     .at = offsetof(cli_eval_values, n),
     .min = 1,
     .max = 1e9,
     .argument = "N",
     .help = "ask the first N questions (all)"},
    {.name = "baselines",
     .kind = CLI_TEXT,
     .at = offsetof(cli_eval_values, baselines),
     .argument = "LIST",
     .help = "all, none, or some of blind,shuffled,majority,question_only (all)"},
    {.name = "seed",
     .kind = CLI_INT,
     .at = offsetof(cli_eval_values, seed),
     .min = 0,
     .max = 9e15,
     .argument = "S",
     .help = "draw orders, checks and intervals by seed S (1)"},
    {.name = "regrade",
     .kind = CLI_FLAG,
     .at = offsetof(cli_eval_values, regrade),
     .help = "score the answers that OUT has; ask nothing"},
    {.name = "threads",
     .letter = 't',
     .kind = CLI_INT,
     .at = offsetof(cli_eval_values, n_threads),
     .min = 1,
     .max = 1024,
     .argument = "N",
     .help = "compute with N threads (one for each core)"},
    {0},
};

/* ---- the task ---- */

static bool check_task(const char *task, ask_error *err)
{
    cli_nearest nearest = {.word = task};
    const char *name;
    for (size_t i = 0; (name = ask_eval_task_at(i)); i++) {
        if (strcmp(name, task) == 0) return true;
        cli_nearest_offer(&nearest, name);
    }
    if (nearest.name)
        return ask_fail(err, ASK_ERR_USAGE, "there is no task \"%s\"; did you mean %s?",
                        task, nearest.name);
    return ask_fail(
        err, ASK_ERR_USAGE,
        "there is no task \"%s\": it is playroom, or one of those that `askance "
        "data` lists",
        task);
}

static bool check_paths(const cli_eval_values *v, ask_error *err)
{
    if (!v->out || !*v->out)
        return ask_fail(err, ASK_ERR_USAGE,
                        "--out names the folder for the answers; it is needed");
    if (v->regrade) return true;
    return (v->data && *v->data) ||
           ask_fail(err, ASK_ERR_USAGE,
                    "--data says where the questions are; it is needed");
}

/* ---- baselines ---- */

static bool want(bool out[ASK_N_BASELINES], const char *name, size_t length, ask_error *err)
{
    for (int b = 0; b < ASK_N_BASELINES; b++) {
        const char *known = ask_eval_baseline_name((ask_eval_baseline)b);
        if (strlen(known) != length || strncmp(known, name, length) != 0) continue;
        out[b] = true;
        return true;
    }
    return ask_fail(err, ASK_ERR_USAGE,
                    "--baselines: there is no \"%.*s\": it is all, none, or some of blind, "
                    "shuffled, majority, question_only",
                    (int)length, name);
}

static bool parse_baselines(bool out[ASK_N_BASELINES], const char *list, ask_error *err)
{
    bool all = strcmp(list, "all") == 0;
    for (int b = 0; b < ASK_N_BASELINES; b++) out[b] = all;
    if (all || strcmp(list, "none") == 0) return true;
    for (const char *at = list;; at++) {
        size_t length = strcspn(at, ",");
        if (!want(out, at, length, err)) return false;
        at += length;
        if (!*at) return true;
    }
}

bool cli_eval_learns(const cli_eval_settings *s)
{
    return s->baselines[ASK_BASELINE_MAJORITY] || s->baselines[ASK_BASELINE_QUESTION_ONLY];
}

/* ---- settings ---- */

static void set(cli_eval_settings *out, const char *key, const char *value)
{
    if (value) out->list[out->n++] = (ask_eval_setting){key, value};
}

bool cli_eval_check(cli_eval_settings *out, const char *task, const cli_eval_values *v,
                    ask_error *err)
{
    *out = (cli_eval_settings){0};
    if (!check_task(task, err) || !check_paths(v, err) ||
        !parse_baselines(out->baselines, v->baselines, err))
        return false;
    ask_format(out->n_text, sizeof out->n_text, "%lld", (long long)v->n);
    set(out, "n", v->n ? out->n_text : NULL);
    set(out, "fps", v->fps > 0 ? ask_format_double(out->fps_text, v->fps) : NULL);
    set(out, "compat", v->compat);
    set(out, "features", v->features);
    set(out, "events", v->events);
    set(out, "points", v->no_points ? "none" : NULL);
    set(out, "checks", v->no_checks ? "none" : NULL);
    return true;
}
