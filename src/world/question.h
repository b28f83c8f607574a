/* world/question.h - questions about a clip: four options, which of them is right, and the
 * moment that shows it.
 *
 * Exactly one option is right by truth. The place of the right one goes around: within four
 * clips of a world that follow each other (0 to 3, 4 to 7, ...) each question type has it
 * in each place once. Wrong options are taken from the same clip where it has enough of
 * them: other toys' colours, events that happened at other times, one toy's colour on
 * another's shape. What only the test split has is not spoken of in the others. */
#ifndef ASK_WORLD_QUESTION_H
#define ASK_WORLD_QUESTION_H

#include "base/arena.h"
#include "world/moment.h"

typedef enum {
    ASK_QUESTION_PRESENCE, // which of four toys can be seen
    ASK_QUESTION_COLOR,
    ASK_QUESTION_SHAPE,
    ASK_QUESTION_SIZE,
    ASK_QUESTION_LOCATION,
    ASK_QUESTION_ACTION, // what a toy does
    ASK_QUESTION_ORDER,  // what happens first, last, before, after
    ASK_QUESTION_COUNT,  // how many of a shape or a colour the clip shows in all
    ASK_QUESTION_ABSENT, // one of the above about a toy that is not there
    ASK_N_QUESTION_TYPES,
} ask_question_type;

enum { ASK_N_OPTIONS = 4, ASK_N_COUNTED = 4 };

typedef struct {
    const char *text;  // owned by the clip
    bool has_phrase;   // one frame can show whether it is right
    ask_phrase phrase; // else all ASK_ANY
} ask_world_option;

typedef struct {
    ask_question_type type;
    ask_saying saying;  // of PRESENCE to ACTION, and what an ABSENT one asks for
    int wording;        // [0, ASK_N_WORDINGS)
    const char *text;   // owned by the clip
    ask_phrase subject; // the toy that is asked about; all ASK_ANY: none in particular
    ask_world_option options[ASK_N_OPTIONS];
    int answer;
    ask_world_moment moment; // of the right option; COUNT: the clip; ABSENT: none
    bool judged;             // ask_world_is_judged
} ask_world_question;

/* "presence", "color", "shape", "size", "location", "action", "order", "count", "absent".
 */
ASK_API const char *ask_question_type_name(ask_question_type type);

/* What a question can count to: "zero" to "three"; NULL for others. */
ASK_API const char *ask_count_word(int n);

/* At most one question of each type, in order of types; a type for which the scene gives no
 * exact question is left out. Texts go to the arena. Fails: ASK_ERR_NOMEM; the array is
 * then of no use. */
ASK_API bool ask_world_ask(ask_world_question out[ASK_N_QUESTION_TYPES], int *n,
                           ask_world_seen seen, ask_arena *texts, ask_error *err);

/* Appends the words that questions and captions have besides those of ask_world_words, one
 * a line, some more than once. */
ASK_API void ask_question_words(ask_str *out);

#endif
