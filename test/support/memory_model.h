/* support/memory_model.h - a model with a memory, opened, and what is done with it.
 * Whatever goes wrong in here ends the test with a message. */
#ifndef SUPPORT_MEMORY_MODEL_H
#define SUPPORT_MEMORY_MODEL_H

#include "model/memory.h"

typedef struct {
    ask_model *model;
    ask_session *session;
} memory_model;

memory_model memory_model_open(const char *dir);
void memory_model_close(memory_model *m);

/* As ask_memory_make and ask_memory_recall do it. */
ask_memory memory_model_remember(ask_session *s, const ask_sights *sights,
                                 const bool *shown);
ask_recalled memory_model_recall(ask_session *s, const ask_memory *m, const char *question,
                                 const char *const *options, int n_options);

/* Writes answers.json and denials.json into a model's folder. */
void memory_model_write_answers(const char *dir, const char *const *answers, int n_answers,
                                const char *const *denials, int n_denials);

#endif
