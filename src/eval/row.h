/* eval/row.h - a question with what was answered: a line of samples.jsonl. */
#ifndef ASK_EVAL_ROW_H
#define ASK_EVAL_ROW_H

#include "base/json.h"
#include "base/str.h"
#include "eval/answerer.h"

/* Who else answers, to be compared with. */
typedef enum {
    ASK_BASELINE_BLIND,         // the same model with nothing to see
    ASK_BASELINE_SHUFFLED,      // the same model with frames in another order
    ASK_BASELINE_MAJORITY,      // the commonest answer of the question's type
    ASK_BASELINE_QUESTION_ONLY, // learnt from words (metric/words.h)
    ASK_N_BASELINES,
} ask_eval_baseline;
ASK_API const char *ask_eval_baseline_name(ask_eval_baseline b); // "blind", ...

/* How right an answer is, and by which rule. */
typedef enum {
    ASK_RULE_NONE,    // nothing to compare: the answer is hidden, or a moment is asked for
    ASK_RULE_INVALID, // no answer of the kind was given: wrong
    ASK_RULE_INDEX,   // the number of the option
    ASK_RULE_EXACT,   // the same words: metric/answer.h
    ASK_RULE_NORMALISED, // the same, normalised
    ASK_RULE_OTHER,      // no two words are the same: wrong
    ASK_RULE_COUNT,      // a number, rounded
    ASK_N_RULES,
} ask_eval_rule;
ASK_API const char *ask_eval_rule_name(ask_eval_rule rule); // "none", "invalid", ...

typedef struct {
    ask_eval_rule rule; // NONE: right says nothing
    bool right;
    int64_t count; // ASK_RULE_COUNT: the rounded number
} ask_eval_mark;

/* A point with what it should point at. */
typedef struct {
    ask_eval_point at;
    const ask_box *boxes; // of the targets then
    int n_boxes;
} ask_eval_pointed;

typedef struct {
    ask_eval_item item;              // without targets
    ask_eval_given given;            // without points
    const ask_eval_pointed *pointed; // the first is the best
    int n_pointed;
    bool has_baseline[ASK_N_BASELINES];
    ask_eval_decision baselines[ASK_N_BASELINES];
    ask_eval_mark mark; // of given
    const char *error;  // why there is no answer; NULL
} ask_eval_row;

/* ---- marking ---- */

/* Fails: ASK_ERR_NOMEM. */
ASK_API bool ask_eval_mark_of(ask_eval_mark *out, const ask_eval_item *item,
                              const ask_eval_decision *d, ask_error *err);

/* Whether a decision denies what it was asked about: it rejects, or the option or answer
 * that it gives is a denial. Only of items that know denials. Fails: ASK_ERR_NOMEM. */
ASK_API bool ask_eval_denies(bool *out, const ask_eval_item *item,
                             const ask_eval_decision *d, ask_error *err);

/* ---- making ---- */

/* Asks about an item and marks the answer. An answerer that fails with ASK_ERR_CANCELLED,
 * ASK_ERR_NOMEM, ASK_ERR_MODEL or ASK_ERR_BUG fails this; for all else the row says why
 * there is no answer. *out is written on success; it borrows from the item and the arena.
 */
ASK_API bool ask_eval_record(ask_eval_row *out, const ask_answerer *a,
                             const ask_eval_item *item, ask_eval_view view, uint64_t seed,
                             ask_arena *room, ask_error *err);

/* ---- as a line: docs/formats.md ---- */

/* Appends a line of JSON with a newline. Memory shows as out->failed. */
ASK_API void ask_eval_row_write(ask_str *out, const ask_eval_row *row);

/* Reads what ask_eval_row_write wrote; the mark is made anew. name stands in front of
 * messages. All that *out points to is in room. Fails: ASK_ERR_FORMAT, ASK_ERR_NOMEM. */
ASK_API bool ask_eval_row_read(ask_eval_row *out, const char *text, size_t n_bytes,
                               const char *name, ask_arena *room, ask_error *err);

#endif
