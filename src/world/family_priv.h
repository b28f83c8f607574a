/* world/family_priv.h - how a question of a full world is made.
 *
 * A family drafts its question together with its twin: the same words about another toy,
 * of which none of the options is right. What is asked in a clip goes around within eight
 * clips: the twin once, the question with a denial among its options three times, without
 * one four times (question_full.c). Wrong options are chosen so that only looking tells
 * them from the right one: from a set that is drawn first, whose members could each be
 * right. */
#ifndef ASK_WORLD_FAMILY_PRIV_H
#define ASK_WORLD_FAMILY_PRIV_H

#include "world/deed_priv.h"
#include "world/question_priv.h"

enum { ASK_DRAFT_MOST_WRONG = ASK_N_OPTIONS, ASK_N_ROLES = 8 }; // one is spare

/* A question without its options. */
typedef struct {
    const char *text; // NULL: there is none
    ask_phrase subject;
    ask_deed asked;
    unsigned kinds; // of deeds whose doers are counted, as bits
    bool ambiguous; // something that is no option is as right in the clip
} ask_premise;

typedef struct {
    ask_premise is, is_not; // the question and its twin
    const char *denial;     // right for the twin; NULL: the family never denies
    ask_world_option right;
    ask_world_option stand_in; // in its place in the twin, if it has a text
    ask_world_option wrong[ASK_DRAFT_MOST_WRONG];
    int n_wrong; // at least 2, without a denial 3
    ask_saying saying;
    int wording;
    ask_world_moment moment; // empty: none
    int until;               // 0: the whole clip
} ask_family_draft;

/* Fills a draft that is zero but for a random wording. role is where the clip is among
 * eight. False: the scene gives none, or memory ran out. */
typedef bool ask_family_maker(ask_family_draft *d, ask_asker *a, int role);

// question_frame.c
ask_family_maker ask_draft_seen, ask_draft_color, ask_draft_shape, ask_draft_size,
    ask_draft_place, ask_draft_action;
// family_order.c
ask_family_maker ask_draft_first_last, ask_draft_next, ask_draft_before, ask_draft_while,
    ask_draft_who_first;
// family_own.c
ask_family_maker ask_draft_after_own, ask_draft_before_own, ask_draft_change,
    ask_draft_repeated;
// question_count.c
ask_family_maker ask_draft_number;
// family_count.c
ask_family_maker ask_draft_times, ask_draft_doers;
// family_cause.c
ask_family_maker ask_draft_why, ask_draft_how, ask_draft_hits;
// family_ahead.c
ask_family_maker ask_draft_prediction, ask_draft_feasibility;

/* Adds the words of a file's patterns. */
void ask_family_order_words(ask_str *out);
void ask_family_own_words(ask_str *out);
void ask_family_count_words(ask_str *out);
void ask_family_cause_words(ask_str *out);
void ask_family_ahead_words(ask_str *out);

/* Adds the answers that only a file's families have and that deny, and those about causes;
 * one a line. */
void ask_family_order_denials(ask_str *out);
void ask_family_own_denials(ask_str *out);
void ask_family_cause_denials(ask_str *out);
void ask_family_ahead_denials(ask_str *out);
void ask_family_cause_answers(ask_str *out);

// --- Parts of a draft (family_parts.c) ---------------------------------------------------

/* A pattern with texts in the places of its "%s"; second may be NULL. */
const char *ask_draft_say(ask_asker *a, const char *pattern, const char *first,
                          const char *second);

/* Texts in the arena; NULL without memory. */
const char *ask_draft_toy_text(ask_asker *a, ask_phrase name);
const char *ask_draft_deed_text(ask_asker *a, ask_phrase name, ask_deed d);

ask_world_option ask_option_toy(ask_asker *a, int toy);
ask_world_option ask_option_deed(ask_asker *a, ask_deed d);
ask_world_option ask_option_number(int n);

/* "it jumps" of a toy. */
ask_world_option ask_option_it(ask_asker *a, int toy, ask_event_kind kind);

/* Numbers in random order. */
typedef struct {
    int items[ASK_SCENE_MAX_TOYS + ASK_SCENE_MAX_EVENTS + ASK_N_EVENTS];
    int n;
} ask_some;
void ask_some_add(ask_some *some, int item);
bool ask_some_has(const ask_some *some, int item);
void ask_some_shuffle(ask_some *some, ask_asker *a);

/* One of them, as likely as the weight of its number; none is 0. */
int ask_some_draw(ask_asker *a, const ask_some *some, const int *weights);

/* Toys of a scene with a name, in random order, but for those of which `but` has the bit.
 */
ask_some ask_some_toys(ask_asker *a, unsigned but);

/* Four numbers as options, the first of them right, and the one that is left as a spare. */
void ask_draft_numbers(ask_family_draft *d, const ask_some *numbers);

/* Of whom the twin is asked: one of the toys, or (one time of four, and where there are
 * none) a toy that the scene does not have: a colour and a shape of it, not together.
 * kind: what must be possible for it; ASK_ANY: nothing. *toy is -1 for such. */
bool ask_draft_other(ask_phrase *name, int *toy, ask_asker *a, const ask_some *toys,
                     int kind);

/* A question about a toy, which stands in the first "%s" of the pattern; second: what
 * stands in the second, or NULL. */
ask_premise ask_draft_premise(ask_asker *a, const char *pattern, ask_phrase name, int toy,
                              const char *second);

/* The same, as the draft's twin, about another toy: as ask_draft_other draws it. False:
 * there is none. */
bool ask_draft_twin(ask_family_draft *d, ask_asker *a, const char *pattern,
                    const ask_some *toys, const char *second);

#endif
