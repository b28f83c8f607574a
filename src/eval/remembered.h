/* eval/remembered.h - what a model with a memory (model/memory.h) answers about a world in
 * a folder (world/clip_files.h), and what cheats get out of it: rows as eval/playroom.h has
 * them, of questions about whole clips.
 *
 * Every clip is decoded and looked at once, when the world is opened; questions and cheats
 * then share what was seen:
 *
 *     ask_remembered_options o = ask_remembered_defaults();
 *     ask_remembered *r = ask_remembered_open("test-world", session, &o, err);
 *     ask_answered_rows own, grey;
 *     if (!r || !ask_remembered_ask(&own, r, ASK_SHOWN_OWN, false, err) ||
 *         !ask_remembered_ask(&grey, r, ASK_SHOWN_GREY, false, err)) ... */
#ifndef ASK_EVAL_REMEMBERED_H
#define ASK_EVAL_REMEMBERED_H

#include "eval/playroom.h"

typedef struct {
    size_t struct_size;
    int64_t first, n_clips;       // as in ask_playroom_options
    const ask_standard *standard; // as in ask_ask_options; borrowed until close
    uint64_t seed;                // of random checks: 1
    const ask_cancel *cancel;     // borrowed until close; may be NULL
    const ask_progress *progress; // clips; borrowed until close; may be NULL
} ask_remembered_options;
ASK_API ask_remembered_options ask_remembered_defaults(void);

typedef struct ask_remembered ask_remembered;

/* Reads the truth of the clips and looks at them. s is borrowed until close. opt may be
 * NULL. Memory: what every frame that is looked at shows. Fails: ASK_ERR_UNSUPPORTED for a
 * model without memory; else as ask_playroom_open. */
ASK_API ask_remembered *ask_remembered_open(const char *dir, ask_session *s,
                                            const ask_remembered_options *opt,
                                            ask_error *err);
ASK_API void ask_remembered_close(ask_remembered *r); // NULL is fine

typedef struct {
    int64_t index;        // in the world
    ask_world_clip truth; // without views
    ask_sightings seen;
} ask_remembered_clip;

/* Valid until close. */
ASK_API const ask_remembered_clip *ask_remembered_clips(const ask_remembered *r,
                                                        int64_t *n);

/* All questions, with their options; open: those that can be asked without them, in that
 * way. Of ASK_SHOWN_OTHER those that have a clip in which no toy looks like any that they
 * are about. Where the model's own answer denies, presence is -INFINITY. Fails:
 * ASK_ERR_CANCELLED, ASK_ERR_NOMEM, or as ask_ask does. */
ASK_API bool ask_remembered_ask(ask_answered_rows *out, const ask_remembered *r,
                                ask_shown shown, bool open, ask_error *err);

#endif
