/* model/timeline_priv.h - Timeline as a checkpoint: the network, and what its folder says
 * beside it. */
#ifndef ASK_MODEL_TIMELINE_PRIV_H
#define ASK_MODEL_TIMELINE_PRIV_H

#include "model/network_priv.h"
#include "net/joint/timeline_find.h"

typedef struct {
    ask_timeline net;
    ask_timeline_find find;     // of one that can find
    int n_answers;              // 0: the folder has no lists
    const char *const *answers; // [n_answers]
    const bool *denies;         // [n_answers]
} timeline_model;

/* network_timeline_find.c: frames and texts in one space; whether the model was made to. */
bool timeline_finds(const void *net);
extern const network_text timeline_texts;
extern const network_dual timeline_dual;

/* What rows of numbers say (network_memory). */
ask_sight timeline_read_sight(const void *net, const float *sight);
ask_memory_slot timeline_read_slot(const void *net, const float *record);

/* How its parts are verified: cells, glance, focus, what it finds by. */
enum { TIMELINE_N_RUNS = 4 };
extern const network_run timeline_runs[TIMELINE_N_RUNS];

#endif
