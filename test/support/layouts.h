/* support/layouts.h - a small world with layouts written of it, and its truth. */
#ifndef SUPPORT_LAYOUTS_H
#define SUPPORT_LAYOUTS_H

#include "base/json.h"
#include "data/dataset.h"
#include "world/clip.h"

enum { LAYOUTS_MOST_CLIPS = 16 };

typedef struct {
    char *dir; // owned
    ask_split split;
    int n_clips;
    ask_world_clip clips[LAYOUTS_MOST_CLIPS]; // read from the files of truth
} layouts_world;

/* Makes a full world in a folder of its own, writes layouts ("star,davis") and reads the
 * truth. Whatever goes wrong ends the test. */
void layouts_make(layouts_world *w, ask_split split, int n_clips, const char *layouts);
void layouts_free(layouts_world *w);

/* Writes layouts of it into another folder, where those of other splits may be. */
void layouts_write_into(const layouts_world *w, const char *into, const char *layouts);

/* What the layouts call a clip: "train_000012". Holds until the next call. */
const char *layouts_video(const layouts_world *w, int clip);

/* A file of the world, by a name as printf has it. */
const char *layouts_path(const layouts_world *w, const char *format, ...) ASK_PRINTF(2, 3);

/* Such a file as JSON; freed with ask_json_free. */
ask_json *layouts_json(const layouts_world *w, const char *name);

/* Reads a set from a folder of the world: strictly, so that nothing odd is in it, and with
 * its videos. */
ask_dataset *layouts_read(const layouts_world *w, const char *set, const char *folder,
                          const char *split);
ask_dataset *layouts_read_at(const char *path, const char *set, const char *split);

#endif
