/* support/tiny_memory.h - a small Timeline with answers of its own, and what it remembers
 * of random pictures. Whatever goes wrong in here ends the test with a message. */
#ifndef TEST_TINY_MEMORY_H
#define TEST_TINY_MEMORY_H

#include "support/memory_model.h"
#include "support/tiny_timeline.h"

enum {
    TINY_ALL_SIGHTS = TINY_FRAMES * TINY_SIGHTS, // of a video
    TINY_ANSWERS = 90, // more than fit into one batch, of different lengths
    TINY_SHOWN = 4,
};

/* A folder of a program's tests, and the model's in it: group fixtures. */
extern char *tiny_memory_dir;
extern char tiny_memory_path[512];
int make_tiny_memory(void **state);
int remove_tiny_memory(void **state);

/* The answers of its own; tiny_memory_denies tells those that deny. */
extern const char *tiny_memory_answers[TINY_ANSWERS];
bool tiny_memory_denies(int i);

/* Which frames are shown: all, those of a part, some, and so few that not every slot of an
 * event has a sight. */
extern const bool tiny_memory_shown[TINY_SHOWN][TINY_FRAMES];

const ask_timeline *tiny_memory_net(const memory_model *m);
size_t tiny_memory_sight_width(const memory_model *m);
size_t tiny_memory_record_width(const memory_model *m);

/* Of n random frames; of a video of them. */
ask_sights tiny_memory_sights(const memory_model *m, int n, uint64_t seed);
ask_memory tiny_memory_of_seed(const memory_model *m, uint64_t seed);

#endif
