/* support/model.h - model folders with random weights. They are made once, under
 * bench_place, and stay there for later runs. */
#ifndef BENCH_MODEL_H
#define BENCH_MODEL_H

#include <stdbool.h>

#include "tensor/dtype.h"

enum { BENCH_MODEL_DIR_BYTES = 512 };

/* Whether a folder has a config.json. */
bool bench_model_is_there(const char *dir);

/* The folder of that name, made of a config.json if it is not there. Ends the program when
 * that fails. */
void bench_model_dir(char dir[BENCH_MODEL_DIR_BYTES], const char *name, const char *config);

/* The same with matrices of few bits: ASK_Q8, ASK_Q4; ASK_F32 is the above. */
void bench_model_dir_as(char dir[BENCH_MODEL_DIR_BYTES], const char *name,
                        const char *config, ask_dtype matrices);

#endif
