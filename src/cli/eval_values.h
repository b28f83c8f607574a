/* cli/eval_values.h - the options of `askance eval`, and what they say. */
#ifndef ASK_CLI_EVAL_VALUES_H
#define ASK_CLI_EVAL_VALUES_H

#include "cli/options.h"
#include "eval/run.h"

typedef struct {
    const char *data, *split, *videos, *events;
    const char *model, *arch, *compat, *features;
    const char *out;
    bool regrade, no_points, no_checks;
    int64_t n; // 0: all
    const char *baselines;
    double fps; // 0: not asked
    int64_t seed, n_threads;
} cli_eval_values;

extern const cli_option cli_eval_options[];
extern const cli_eval_values cli_eval_defaults;

enum { CLI_EVAL_MOST_SETTINGS = 8 };

/* What decides the answers besides what a run knows itself. */
typedef struct {
    bool baselines[ASK_N_BASELINES];
    ask_eval_setting list[CLI_EVAL_MOST_SETTINGS];
    int n;
    char n_text[32], fps_text[32];
} cli_eval_settings;

/* Refuses an unknown task (with the nearest name), what is missing, and unknown baselines,
 * before anything is opened. out points to itself: it stays where it is. Fails:
 * ASK_ERR_USAGE. */
bool cli_eval_check(cli_eval_settings *out, const char *task, const cli_eval_values *v,
                    ask_error *err);

/* Whether a baseline that learns is wanted. */
bool cli_eval_learns(const cli_eval_settings *s);

#endif
