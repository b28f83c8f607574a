/* train/timeline_questions_priv.h - of one question: whether it comes, what its answers
 * mean, where the right one is seen. */
#ifndef ASK_TRAIN_TIMELINE_QUESTIONS_PRIV_H
#define ASK_TRAIN_TIMELINE_QUESTIONS_PRIV_H

#include "base/str.h"
#include "world/clip.h"

// --- Which questions come (timeline_draw.c) ----------------------------------------------

typedef struct {
    int question; // of the clip
    float weight; // sums to about n_places over a clip
} ask_question_draw;

/* Draws questions about frames [0, until) for n_places. A question comes the likelier the
 * fewer clips have its family, and its weight is the inverse of how likely that was.
 * Returns how many; they come in random order. */
int ask_question_draw_some(ask_question_draw out[ASK_QUESTIONS_MOST],
                           const ask_world_clip *clip, int until, int n_places, ask_rng *r);

/* The share of clips that have a question of the family about what is shown of them. */
double ask_question_share(ask_family family);

// --- What answers mean (timeline_meaning.c) ----------------------------------------------

typedef enum {
    ASK_MEANS_TEXT, // nothing but what is written
    ASK_MEANS_NO,   // denies
    ASK_MEANS_NUMBER,
    ASK_MEANS_LOOK, // a colour, shape, size or place
    ASK_MEANS_TOY,
    ASK_MEANS_DEED,
} ask_meaning_form;

/* An answer apart from its clip: toys are colours and shapes. */
typedef struct {
    ask_meaning_form form;
    int number;
    ask_phrase look;              // LOOK
    ask_phrase toy, other;        // TOY, DEED; all ASK_ANY: none, or nobody tells
    bool is_by_it, is_done_to_it; // DEED: the toy, the other is the one that is asked about
    int kind;
} ask_answer_meaning;

ask_answer_meaning ask_answer_meaning_of(const ask_scene *s, const ask_world_question *q,
                                         const ask_world_option *o);

/* The toy that is asked about, as it is called; all ASK_ANY: none. */
ask_phrase ask_answer_it(const ask_scene *s, const ask_world_question *q);

/* Whether an answer is right where another is, in a question about `it`. */
bool ask_answer_is_as_right(const ask_answer_meaning *m, const ask_answer_meaning *right,
                            ask_phrase it);

// --- Which are nearly right (timeline_near.c) --------------------------------------------

typedef struct {
    ask_str text; // kept from one to the next; its owner frees it
    ask_answer_meaning meaning;
} ask_near_miss;

/* Draws what is written as the right answer but for a toy that it names, which gets colour,
 * shape or both of another in the scene, or for its deed. Nothing that is held out is
 * named. It may happen to be right, too. false: the answer has neither, or none was found.
 */
bool ask_near_miss_draw(ask_near_miss *out, const char *text,
                        const ask_answer_meaning *right, const ask_scene *s, ask_rng *r);

// --- Where it is seen (timeline_evidence.c) ----------------------------------------------

typedef struct {
    bool told;
    unsigned events, toys; // of the scene, as bits
} ask_question_evidence;
ask_question_evidence ask_question_evidence_of(const ask_world_clip *clip,
                                               const ask_world_question *q);

#endif
