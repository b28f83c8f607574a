/* support/glance_world.h - a small world in the layouts of questions, with features of its
 * videos: for tests of Glance-Focus.
 *
 * A row of features is half a second: which kinds of events go on, and noise that is a
 * function of the video. Whatever goes wrong in here ends the test with a message. */
#ifndef SUPPORT_GLANCE_WORLD_H
#define SUPPORT_GLANCE_WORLD_H

#include "net/joint/glance_focus.h"
#include "support/layouts.h"

enum { GLANCE_WORLD_CLIPS = 8, GLANCE_WORLD_WIDTH = 20 };

typedef struct {
    layouts_world world; // its split is train
    char features[512];  // a file
} glance_world;

void glance_world_make(glance_world *w);
void glance_world_free(glance_world *w);

/* A set that the world has, and what is learned of it. */
typedef struct {
    const char *set, *folder;
    ask_answer_head head;
    const char *events; // the file of them; NULL: the set reads its own, or has moments
} glance_world_set;

extern const glance_world_set glance_world_sets[];
extern const int n_glance_world_sets;

/* Where its files are; holds until the next call. */
const char *glance_world_data(const glance_world *w, const glance_world_set *s);

/* The file of events that training with them needs, until the next call; NULL: none. */
const char *glance_world_events(const glance_world *w, const glance_world_set *s);

#endif
