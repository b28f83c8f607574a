/* world/question.h - questions about a clip: four options, which of them is right, and the
 * moment that shows it.
 *
 * Exactly one option is right by truth. The place of the right one goes around: within four
 * clips of a world that follow each other (0 to 3, 4 to 7, ...) each question type has it
 * in each place once. Wrong options are taken from the same clip where it has enough of
 * them: other toys' colours, events that happened at other times, one toy's colour on
 * another's shape. What only the test split has is not spoken of in the others.
 *
 * A full world asks by families. An eighth of a family's questions, if it can deny, has a
 * false premise: the toy is not there, or does not do what is asked about; then an option
 * that says so is right. It stands in half of the questions or more, and is right in one
 * of four that offer it. */
#ifndef ASK_WORLD_QUESTION_H
#define ASK_WORLD_QUESTION_H

#include "base/arena.h"
#include "world/family.h"
#include "world/moment.h"

enum {
    ASK_N_OPTIONS = 4,
    ASK_N_COUNTED = 5,
    ASK_QUESTIONS_MOST = ASK_N_FAMILIES - 1, // of a clip
    ASK_QUESTION_MOST_OBJECTS = 4,
};

/* Who does what to whom; ASK_ANY where it is not told. A toy by its number in the scene. */
typedef struct {
    int8_t toy, kind, other;
} ask_deed;

typedef struct {
    const char *text;  // owned by the clip
    bool has_phrase;   // one frame can show whether it is right
    ask_phrase phrase; // else all ASK_ANY
    // Full worlds; else nothing is told.
    ask_deed deed; // a deed, or a toy alone
    int number;    // ASK_ANY: none
    bool denies;   // there is no such toy, or it does not do what is asked about
} ask_world_option;

typedef struct {
    ask_question_type type;
    ask_family family;  // full worlds
    ask_saying saying;  // of PRESENCE to ACTION, and what an ABSENT one asks for
    int wording;        // [0, ASK_N_WORDINGS)
    const char *text;   // owned by the clip
    ask_phrase subject; // the toy that is asked about; all ASK_ANY: none in particular
    ask_world_option options[ASK_N_OPTIONS];
    int answer;
    ask_world_moment moment; // of the right option; COUNT: the clip; a denial: none
    bool judged;             // ask_world_is_judged
    // Full worlds.
    ask_deed asked; // what the question names: "... after the red ball jumps?"
    unsigned kinds; // of deeds whose doers DOERS asks for, as bits of ask_event_kind
    int until;      // it is about frames [0, until): the clip, but for PREDICTION
    bool ambiguous; // to who does not know the options another answer is as right
    int n_objects;  // toys that question and right answer are about, to point at
    int objects[ASK_QUESTION_MOST_OBJECTS];
    const char
        *spare; // a fifth option, wrong too, for whom needs five; NULL: none is known
} ask_world_question;

ASK_API ask_deed ask_deed_none(void);

/* What a question can count to: "zero" to "four"; NULL for others. */
ASK_API const char *ask_count_word(int n);

/* Whether it can be asked without its options, of a clip of n_frames: it is about the whole
 * clip, one answer is right, and it does not ask "which of these". Of simple worlds nobody
 * tells whether another answer is as right, but of PRESENCE, where many are. */
ASK_API bool ask_question_is_open(const ask_world_question *q, int n_frames);

/* The answer without options: the words of the right one, a number as a digit ("0" to
 * "4"). It lives as long as the question's texts. */
ASK_API const char *ask_question_open_answer(const ask_world_question *q);

/* At most one question of each type (simple worlds) or family (full ones), in their order;
 * those for which the scene gives no exact question are left out. Texts go to the arena.
 * Fails: ASK_ERR_NOMEM; the array is then of no use. */
ASK_API bool ask_world_ask(ask_world_question out[ASK_QUESTIONS_MOST], int *n,
                           ask_world_seen seen, ask_arena *texts, ask_error *err);

/* Appends the words that questions and captions have besides those of ask_world_words, one
 * a line, some more than once. */
ASK_API void ask_question_words(ask_str *out);

/* Appends the words that the questions of full worlds have besides, in the same way. */
ASK_API void ask_family_words(ask_str *out);

/* Appends every answer that questions of full worlds about whole clips can have without
 * options, but for events of two toys ("the red ball hits the blue star"), which are
 * 28 thousand: one a line, some more than once. */
ASK_API void ask_family_answers(ask_str *out);

/* Appends every answer of full worlds that denies what a question takes for granted, in the
 * same way; some are no answers of open questions. */
ASK_API void ask_family_denials(ask_str *out);

#endif
