/* eval/remembered_priv.h - clips of a world as a model with a memory has seen them, and
 * what it answers: rows as eval/playroom.h has them.
 *
 * Questions are about whole clips. Every clip is looked at once. */
#ifndef ASK_EVAL_REMEMBERED_PRIV_H
#define ASK_EVAL_REMEMBERED_PRIV_H

#include "eval/playroom.h"

typedef struct {
    int64_t index;        // in the world
    ask_world_clip truth; // without views; owned
    ask_sightings seen;   // owned
} remembered_clip;

typedef struct {
    ask_session *session;         // borrowed
    const ask_standard *standard; // borrowed: what answers are held against
    ask_memory_info info;
    uint64_t seed;                // of random checks
    const ask_cancel *cancel;     // may be NULL
    const ask_progress *progress; // clips; may be NULL
    remembered_clip *clips;       // owned; [n]
    int64_t n;
} remembered;

/* Reads the truth of n clips from number `first` on, and looks at them; what is borrowed is
 * set before. Closed with remembered_close, also after a failure. */
bool remembered_open(remembered *r, const char *dir, int64_t first, int64_t n,
                     ask_error *err);
void remembered_close(remembered *r);

/* All questions, with their options; open: those that can be asked without them, in that
 * way. Of ASK_SHOWN_OTHER those that have a clip in which no toy looks like any that they
 * are about. Where the model's own answer denies, presence is -INFINITY. */
bool remembered_ask(ask_answered_rows *out, const remembered *r, ask_shown shown, bool open,
                    ask_error *err);

#endif
