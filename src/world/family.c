#include "world/family.h"

#include <stddef.h>

const char *ask_question_type_name(ask_question_type type)
{
    static const char *const names[ASK_N_QUESTION_TYPES] = {
        [ASK_QUESTION_PRESENCE] = "presence",
        [ASK_QUESTION_COLOR] = "color",
        [ASK_QUESTION_SHAPE] = "shape",
        [ASK_QUESTION_SIZE] = "size",
        [ASK_QUESTION_LOCATION] = "location",
        [ASK_QUESTION_ACTION] = "action",
        [ASK_QUESTION_ORDER] = "order",
        [ASK_QUESTION_COUNT] = "count",
        [ASK_QUESTION_ABSENT] = "absent",
        [ASK_QUESTION_TRANSITION] = "transition",
        [ASK_QUESTION_CAUSAL] = "causal",
        [ASK_QUESTION_INTERACTION] = "interaction",
        [ASK_QUESTION_PREDICTION] = "prediction",
        [ASK_QUESTION_FEASIBILITY] = "feasibility",
    };
    return names[type];
}

ask_family_info ask_family_of(ask_family family)
{
    static const char action[] = "action", transition[] = "transition", count[] = "count",
                      frame[] = "frameqa", sequence[] = "Sequence";
    static const ask_family_info infos[ASK_N_FAMILIES] = {
        [ASK_FAMILY_NONE] = {.name = "none"},
        [ASK_FAMILY_PRESENCE] = {"presence", ASK_QUESTION_PRESENCE, NULL, "DO", NULL},
        [ASK_FAMILY_COLOR] = {"color", ASK_QUESTION_COLOR, NULL, "DO", frame},
        [ASK_FAMILY_SHAPE] = {"shape", ASK_QUESTION_SHAPE, NULL, "DO", frame},
        [ASK_FAMILY_SIZE] = {"size", ASK_QUESTION_SIZE, NULL, "DO", NULL},
        [ASK_FAMILY_LOCATION] = {"location", ASK_QUESTION_LOCATION, NULL, "DL", frame},
        [ASK_FAMILY_NUMBER] = {"number", ASK_QUESTION_COUNT, NULL, "DC", frame},
        [ASK_FAMILY_ACTION] = {"action", ASK_QUESTION_ACTION, NULL, "DO", NULL},
        [ASK_FAMILY_FIRST_LAST] = {"first_last", ASK_QUESTION_ORDER, sequence, "TN", NULL},
        [ASK_FAMILY_NEXT] = {"next", ASK_QUESTION_ORDER, sequence, "TN", NULL},
        [ASK_FAMILY_BEFORE] = {"before", ASK_QUESTION_ORDER, sequence, "TP", NULL},
        [ASK_FAMILY_WHILE] = {"while", ASK_QUESTION_ORDER, NULL, "TC", NULL},
        [ASK_FAMILY_WHO_FIRST] = {"who_first", ASK_QUESTION_ORDER, sequence, "TN", NULL},
        [ASK_FAMILY_AFTER_OWN] = {"after_own", ASK_QUESTION_TRANSITION, NULL, "TN",
                                  transition},
        [ASK_FAMILY_BEFORE_OWN] = {"before_own", ASK_QUESTION_TRANSITION, NULL, "TP",
                                   transition},
        [ASK_FAMILY_CHANGE] = {"change", ASK_QUESTION_TRANSITION, NULL, "DO", transition},
        [ASK_FAMILY_REPEATED] = {"repeated", ASK_QUESTION_ACTION, NULL, "DO", action},
        [ASK_FAMILY_TIMES] = {"times", ASK_QUESTION_COUNT, NULL, "DC", count},
        [ASK_FAMILY_DOERS] = {"doers", ASK_QUESTION_COUNT, NULL, "DC", count},
        [ASK_FAMILY_WHY] = {"why", ASK_QUESTION_CAUSAL, NULL, "CW", NULL},
        [ASK_FAMILY_HOW] = {"how", ASK_QUESTION_CAUSAL, NULL, "CH", NULL},
        [ASK_FAMILY_HITS] = {"hits", ASK_QUESTION_INTERACTION, "Interaction", NULL, NULL},
        [ASK_FAMILY_PREDICTION] = {"prediction", ASK_QUESTION_PREDICTION, "Prediction",
                                   NULL, NULL},
        [ASK_FAMILY_FEASIBILITY] = {"feasibility", ASK_QUESTION_FEASIBILITY, "Feasibility",
                                    NULL, NULL},
    };
    return infos[family];
}
