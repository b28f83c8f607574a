/* support/playroom_memory.h - a small Timeline that reads the language of the playroom and
 * knows nothing: random weights, and a few answers of its own. */
#ifndef SUPPORT_PLAYROOM_MEMORY_H
#define SUPPORT_PLAYROOM_MEMORY_H

#include <stdint.h>

enum {
    PLAYROOM_MEMORY_FRAMES = 6,
    PLAYROOM_MEMORY_EVENTS = 4, // slots
    PLAYROOM_MEMORY_ANSWERS = 12,
};

/* Makes the folder. Whatever goes wrong ends the test. */
void playroom_memory_write(const char *dir);

/* One that can find, too. */
void playroom_memory_write_finding(const char *dir);

/* Writes answers.json and denials.json of it. */
void playroom_memory_write_answers(const char *dir);

/* Makes a full world of the validation split with so many clips. */
void playroom_full_world_write(const char *dir, uint64_t seed, int64_t n_clips);

/* The answers of its own; the last two deny. */
extern const char *const playroom_memory_answers[PLAYROOM_MEMORY_ANSWERS];

#endif
