/* model/answers.h - lists of answers in a model's folder: answers.json holds those that the
 * model has of its own, in the order in which its network tells them apart; denials.json,
 * where there is one, those of them which say that there is no such thing. */
#ifndef ASK_MODEL_ANSWERS_H
#define ASK_MODEL_ANSWERS_H

#include "base/arena.h"
#include "base/error.h"

/* Reads a list of n texts, at most 65536; it and they are in the arena. Fails:
 * ASK_ERR_MODEL for a file that is not there or not such a list; ASK_ERR_NOMEM. */
ASK_API bool ask_answers_read(const char ***out, int *n, const char *path, ask_arena *room,
                              ask_error *err);

#endif
