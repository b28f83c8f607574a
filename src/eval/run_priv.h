/* eval/run_priv.h - the files of a run's folder. */
#ifndef ASK_EVAL_RUN_PRIV_H
#define ASK_EVAL_RUN_PRIV_H

#include "eval/run.h"

/* run.json. What it tells goes into a result: task, file, split, model, notes, settings,
 * what was left out and noticed. */
bool run_settings_write(const char *path, const ask_eval_run_result *r, ask_error *err);
bool run_settings_read(ask_eval_run_result *out, const char *path, ask_error *err);

/* "noticed": how many notices there are, of each kind that there are any of. */
void run_put_noticed(ask_json_writer *w, const ask_eval_run_result *r);

/* Fails with ASK_ERR_USAGE, naming what differs, unless the settings are the same. */
bool run_settings_compare(const ask_eval_run_result *there, const ask_eval_run_result *now,
                          const char *dir, ask_error *err);

/* A copy of a text that the result owns; NULL of NULL. */
bool run_text(const char **out, ask_eval_run_result *r, const char *text, ask_error *err);

/* Adds a setting, of which both texts are copied. */
bool run_settings_add(ask_eval_run_result *r, const char *key, const char *value,
                      ask_error *err);

/* Submissions, which tell n_unplaced, then summary.json, .csv and .md. */
bool run_files_write(ask_eval_run_result *r, const char *dir, ask_error *err);

#endif
