/* world/layout.h - a world once more in the layouts in which data sets are published.
 *
 *     DIR/<layout>/...     beside DIR/clips and DIR/truth: "star", "davis", ...
 *
 * The files have the names, keys, columns and quirks of the published ones, so that what
 * reads those can be tried where the truth is known. Where a layout has videos, it has a
 * relative link to each clip. Videos are called by split and number, "train_000012", and
 * questions by numbers that those of other splits do not have: worlds of several splits
 * make one folder, as the published sets are one, when they are written into the same.
 * Which questions and clips a layout has, and what in
 * it is ours, stands in docs/formats.md, under "Worlds in published layouts". */
#ifndef ASK_WORLD_LAYOUT_H
#define ASK_WORLD_LAYOUT_H

#include "base/log.h"
#include "world/clip_files.h"

typedef struct {
    const char *name;  // "nextqa"
    const char *title; // "NExT-QA (multiple choice, open answers)"
} ask_layout_info;

/* The layouts there are, by their numbers from 0 on; false past the last. */
ASK_API bool ask_layout_at(ask_layout_info *out, size_t i);

/* A set of layouts: bit i is layout i. */
typedef uint32_t ask_layout_set;

/* Adds the layouts of a list of names, "star,davis", or "all" to a set. Fails:
 * ASK_ERR_USAGE for an unknown name, telling those there are. */
ASK_API bool ask_layout_parse(ask_layout_set *set, const char *names, ask_error *err);

/* The kind of event that a class of events is which a layout calls so: "jumps" beside most
 * questions, "v003 o000" and "A toy jumps" in STAR's two lists. False, with *out untouched,
 * for other names. */
ASK_API bool ask_layout_event(ask_event_kind *out, const char *class_name);

typedef struct {
    size_t struct_size;
    const char *into; // folder in which the layouts lie; NULL: that of the world
    const ask_cancel *cancel;
    const ask_progress *progress;
} ask_layout_options;

/* Writes every layout of the set, from the truth of the clips that are there; *n_clips (may
 * be NULL) is how many. Files are written anew, each whole or not at all, lists after what
 * they list. Of files that a set has for all splits together, what they tell of other
 * splits stays. A call that was interrupted is made again. opt may be NULL. Fails: as
 * opening a world and reading a clip do; ASK_ERR_USAGE when no clip is there, for a world
 * without the questions that a layout needs, for a layout that takes no other split beside
 * (with `into`, or one that has two splits of the same name), and where something stands in
 * the place of a link, or a clip or frame of another world among those of this one;
 * ASK_ERR_FORMAT for a file of all splits that is not one;
 * ASK_ERR_IO, ASK_ERR_CANCELLED, ASK_ERR_NOMEM. */
ASK_API bool ask_world_write_layouts(int64_t *n_clips, const char *dir, ask_layout_set set,
                                     const ask_layout_options *opt, ask_error *err);

#endif
