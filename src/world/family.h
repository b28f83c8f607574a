/* world/family.h - what can be asked: types of question and, in a full world, families of
 * a type that share a template.
 *
 * A simple world asks at most one question of each of its types, a full world at most one
 * of each family. */
#ifndef ASK_WORLD_FAMILY_H
#define ASK_WORLD_FAMILY_H

#include "base/api.h"

typedef enum {
    ASK_QUESTION_PRESENCE, // which of four toys can be seen
    ASK_QUESTION_COLOR,
    ASK_QUESTION_SHAPE,
    ASK_QUESTION_SIZE,
    ASK_QUESTION_LOCATION,
    ASK_QUESTION_ACTION, // what a toy does
    ASK_QUESTION_ORDER,  // what happens first, last, before, after
    ASK_QUESTION_COUNT,  // how many toys there are, how often something happens
    ASK_QUESTION_ABSENT, // simple: one of the above about a toy that is not there
    ASK_N_SIMPLE_QUESTION_TYPES,
    ASK_QUESTION_TRANSITION = ASK_N_SIMPLE_QUESTION_TYPES, // from one deed, colour to next
    ASK_QUESTION_CAUSAL,                                   // why and how a toy moves
    ASK_QUESTION_INTERACTION,                              // what hits, pushes what
    ASK_QUESTION_PREDICTION,  // what comes after the part of the clip that is shown
    ASK_QUESTION_FEASIBILITY, // what could be done at the end of the clip
    ASK_N_QUESTION_TYPES,
} ask_question_type;

typedef enum {
    ASK_FAMILY_NONE, // of a simple world
    ASK_FAMILY_PRESENCE,
    ASK_FAMILY_COLOR,
    ASK_FAMILY_SHAPE,
    ASK_FAMILY_SIZE,
    ASK_FAMILY_LOCATION,
    ASK_FAMILY_NUMBER,     // how many red toys are there?
    ASK_FAMILY_ACTION,     // what does the red ball do?
    ASK_FAMILY_FIRST_LAST, // what happens first?
    ASK_FAMILY_NEXT,       // what happens right after the red ball jumps?
    ASK_FAMILY_BEFORE,
    ASK_FAMILY_WHILE,     // what happens while the red ball is there?
    ASK_FAMILY_WHO_FIRST, // which of these toys does something first?
    ASK_FAMILY_AFTER_OWN, // what does the red ball do after it jumps?
    ASK_FAMILY_BEFORE_OWN,
    ASK_FAMILY_CHANGE,      // what colour does the ball turn?
    ASK_FAMILY_REPEATED,    // what does the red ball do twice?
    ASK_FAMILY_TIMES,       // how many times does the red ball jump?
    ASK_FAMILY_DOERS,       // how many toys jump or spin?
    ASK_FAMILY_WHY,         // why does the blue star move?
    ASK_FAMILY_HOW,         // how does the blue star get to the top left?
    ASK_FAMILY_HITS,        // which toy does the red ball hit?
    ASK_FAMILY_PREDICTION,  // where will the red ball go next?
    ASK_FAMILY_FEASIBILITY, // which toy could go straight left without touching another?
    ASK_N_FAMILIES,
} ask_family;

/* "presence", "color", "shape", "size", "location", "action", "order", "count", "absent",
 * "transition", "causal", "interaction", "prediction", "feasibility". */
ASK_API const char *ask_question_type_name(ask_question_type type);

/* What a family is here and in the terms of published sets; NULL where one has no such
 * questions. */
typedef struct {
    const char *name; // "first_last"; "none" for ASK_FAMILY_NONE
    ask_question_type type;
    const char *star;   // "Interaction", "Sequence", "Prediction", "Feasibility"
    const char *nextqa; // "CW", "CH", "TN", "TC", "TP", "DC", "DL", "DO"
    const char *tgif;   // "action", "transition", "count", "frameqa"
} ask_family_info;
ASK_API ask_family_info ask_family_of(ask_family family);

#endif
