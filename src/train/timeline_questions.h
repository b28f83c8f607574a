/* train/timeline_questions.h - the questions of clips of the playroom as a batch for the
 * focus of Timeline: texts as tokens, all their answers as one list, what is right, and
 * where it is seen (net/joint/timeline_loss.h).
 *
 * Families of questions weigh the same over a training, though a clip seldom has them all.
 * A batch is a function of its clips and of what is drawn for it. */
#ifndef ASK_TRAIN_TIMELINE_QUESTIONS_H
#define ASK_TRAIN_TIMELINE_QUESTIONS_H

#include "net/joint/timeline_loss.h"
#include "text/tokenizer.h"
#include "world/clip.h"

/* One clip of so many is to be shown only up to its prediction, if it has one. */
enum { ASK_TIMELINE_AHEAD_CLIPS = 8, ASK_TIMELINE_PAIRS = ASK_N_COLORS * ASK_N_SHAPES };

typedef struct {
    int n_clips, n_questions; // B; Q, of each clip
    int n_tokens;             // L
    int n_answers;            // U: room for all different answers of a batch
    int n_near;               // most answers that are nearly right, of an open question
} ask_timeline_questions_size;

/* Arrays as in ask_timeline_asking and ask_focus_truth; owned. O is ASK_N_OPTIONS.
 *
 * A text is its words' tokens without start and end, filled up with the tokenizer's pad (0
 * where it has none); rows without a text are 0, their mask is false. An answer is a text;
 * two options of the batch that are written alike are one answer, and so is the digit that
 * answers without options, besides the word.
 *
 * rivals of an open question: all answers of the batch but those that are right, in these
 * words or in others ("it jumps", "jumping", "the red ball jumps"); the one that `open`
 * tells is none of them. Other questions have none. Among the answers are, for each open
 * question whose answer names a toy or tells what one does, up to n_near that are written
 * as that one but for a colour, a shape or a deed: a model with answers of its own confuses
 * these most, and few of them are options.
 *
 * weight: of Q places of a clip about 1 each; the sums of two families are expected to be
 * equal, if one clip of ASK_TIMELINE_AHEAD_CLIPS is shown up to its prediction.
 *
 * What is evidence: for what happens, the events that are the answer, or that it is about;
 * for what a toy is like, where it is, that it is there or would be touched, the toy; for a
 * number, what is counted: toys, those that do something, or events. Denials are told, and
 * nothing is marked, nor is it for a number of zero. What has no such event is not told. */
typedef struct {
    ask_timeline_questions_size size;
    int64_t *ids;        // [B, Q, L]
    bool *text_mask;     // [B, Q, L]
    int64_t *answer_ids; // [U, L]
    bool *answer_mask;   // [U, L]
    int64_t *options, *right, *open;
    float *rivals, *weight, *events, *pairs, *told;
    ask_family *families; // [B, Q]; ASK_FAMILY_NONE: there is no question
    bool *denials;        // [B, Q]: what is right denies
    int n_used;           // answers there are; the first of U
    int *near_of; // [U]: the place of the question that it was made up for; -1: of none
    struct ask_timeline_questions_own *own; // private
} ask_timeline_questions;

/* Fails: ASK_ERR_USAGE for sizes below 1 or absurd ones, ASK_ERR_NOMEM. */
ASK_API ask_timeline_questions *
ask_timeline_questions_new(const ask_timeline_questions_size *size, ask_error *err);
ASK_API void ask_timeline_questions_free(ask_timeline_questions *q); // NULL is fine

/* begin empties the batch; add fills clip b, each clip once; end fills what concerns all.
 *
 * clip: of a full world; borrowed for the call. until: it is shown up to there; only
 * questions about exactly that part come (scene.n_frames: all but predictions). If there
 * are more than Q, some are drawn, rare families rather than others; fewer leave places
 * empty.
 *
 * add fails: ASK_ERR_LIMIT for a text of more than L tokens, naming it, and for more than U
 * answers; as encoding does. The batch is then of no use until the next begin. */
ASK_API void ask_timeline_questions_begin(ask_timeline_questions *q);
ASK_API bool ask_timeline_questions_add(ask_timeline_questions *q, int b,
                                        const ask_world_clip *clip, int until,
                                        const ask_tokenizer *t, ask_rng *r, ask_error *err);
ASK_API void ask_timeline_questions_end(ask_timeline_questions *q);

#endif
