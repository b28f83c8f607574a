/* eval/run.h - a run over the questions of a task, in a folder:
 *
 *     DIR/run.json         askance.eval.run/1: the settings
 *     DIR/samples.jsonl    a line for each question, as it is answered
 *     DIR/summary.json     askance.eval/1, with summary.csv and summary.md: the numbers
 *     DIR/submission_*     files for the servers of STAR and QVHighlights
 *
 * A run that was stopped goes on after the last whole line of samples.jsonl, if its
 * settings are the same; the numbers come out as if it had not been. docs/formats.md says
 * what is in the files. */
#ifndef ASK_EVAL_RUN_H
#define ASK_EVAL_RUN_H

#include "base/json_write.h"
#include "eval/samples.h"
#include "eval/scores.h"

/* Something that decides what a run gives: "seed", "7". */
typedef struct {
    const char *key, *value;
} ask_eval_setting;

enum { ASK_EVAL_MOST_SETTINGS = 32 };

typedef struct {
    size_t struct_size;
    const char *task;
    const ask_eval_setting *settings; // besides what is known here: the task, its file and
    int n_settings;                   // split, the questions, baselines, seed, the model
    bool baselines[ASK_N_BASELINES];
    const ask_eval_set *train; // for baselines that learn; NULL: there are no questions for
                               // training
    uint64_t seed;             // of shuffled frames and intervals: 1
    const ask_cancel *cancel;
    const ask_progress *progress; // questions
} ask_eval_run_options;

/* What came of it. Rows borrow from the set that was asked. */
typedef struct {
    ask_eval_rows rows;     // owned; in the order of the questions
    ask_eval_scores scores; // owned
    const char *task, *file;
    const char *split;                  // NULL: nobody said
    const char *model;                  // its id; NULL: there is none
    const char *notes[ASK_N_BASELINES]; // why a baseline is not there, or what it learnt
                                        // from; NULL
    ask_eval_setting settings[ASK_EVAL_MOST_SETTINGS]; // as in run.json
    int n_settings;
    size_t n_questions;              // that the run is of; rows.n of them are answered
    size_t n_kept;                   // rows that were there already
    size_t n_no_video, n_other_kind; // questions that were left out
    ask_eval_rows no_video; // of those, owned, where the submission has them all the same:
                            // id, video, video_s, question
    size_t n_unplaced;      // answers that have no place in the submission, or queries that
                            // are in it without an answer
    size_t n_noticed[ASK_DATA_N_NOTICES]; // in the file of questions, of each kind
    double seconds;                       // of this call
    ask_arena *texts;                     // private: owns all texts but those of rows
} ask_eval_run_result;

/* Asks what is still to be asked, and writes the files of the folder, which is made.
 * *out is written on success. Fails:
 *
 *     ASK_ERR_USAGE      the folder holds a run with other settings, which are named, or
 *                        another run is writing there
 *     ASK_ERR_MODEL      the answerer takes no question of the set
 *     ASK_ERR_IO         no file of any video is there; writing
 *     ASK_ERR_FORMAT     run.json or a line of samples.jsonl, which is named
 *     ASK_ERR_CANCELLED  what was answered stays
 *
 * or as a check of the answerer, or a grave failure of it (ask_eval_record). */
ASK_API bool ask_eval_run(ask_eval_run_result *out, const char *dir,
                          const ask_eval_set *set, const ask_answerer *a,
                          const ask_eval_run_options *opt, ask_error *err);

/* Reads a run's samples and writes the numbers anew, with nothing asked. task (NULL: any)
 * is what the run must be of. Fails, with nothing written: ASK_ERR_USAGE for a run of
 * another task, ASK_ERR_IO, ASK_ERR_FORMAT, ASK_ERR_NOMEM. */
ASK_API bool ask_eval_regrade(ask_eval_run_result *out, const char *dir, const char *task,
                              ask_error *err);

ASK_API void ask_eval_run_result_free(ask_eval_run_result *r); // leaves {0}

/* Append the same as text for people, and as askance.eval/1, of a run in a folder. */
ASK_API void ask_eval_run_markdown(ask_str *out, const ask_eval_run_result *r);
ASK_API void ask_eval_run_json(ask_str *out, const ask_eval_run_result *r, const char *dir);

#endif
