/* world/clip_files.h - a world in a folder: videos, and the truth of each.
 *
 *     DIR/world.json           askance.world/1: what was asked for
 *     DIR/clips/000000.mp4     128 x 128, 12 frames a second, H.264
 *     DIR/truth/000000.json    askance.world.clip/1
 *
 * A clip is there when its truth is: that is written last. */
#ifndef ASK_WORLD_CLIP_FILES_H
#define ASK_WORLD_CLIP_FILES_H

#include "base/log.h"
#include "world/clip.h"

typedef struct {
    size_t struct_size;
    uint64_t seed; // at most INT64_MAX: 1
    ask_split split;
    ask_scene_style style; // full
    int64_t n_clips;       // 1 to ASK_WORLD_MOST_CLIPS: 100
    int n_threads;         // clips at a time: 2. The files do not depend on it
    const ask_cancel *cancel;
    const ask_progress *progress;
} ask_world_options;
ASK_API ask_world_options ask_world_defaults(void);

typedef struct {
    int64_t n_made, n_kept; // n_kept: they were there already
} ask_world_result;

/* Makes the clips 0 to n_clips - 1 that are not there yet. The folder is made, or is empty,
 * or holds a world of the same seed, split, style and version of the program, of as many
 * clips or fewer; all others are ASK_ERR_USAGE. When it is cancelled or fails, whole clips
 * are left, and the same call goes on from there. opt may be NULL. *out (may be NULL) is
 * written on success. Fails also: ASK_ERR_IO, ASK_ERR_CANCELLED, ASK_ERR_NOMEM. */
ASK_API bool ask_world_make(ask_world_result *out, const char *dir,
                            const ask_world_options *opt, ask_error *err);

typedef struct {
    uint64_t seed;
    ask_split split;
    ask_scene_style style;
    int64_t n_clips; // that were asked for
    int64_t n_ready; // clips 0 to n_ready - 1 are there; fewer than asked for after an
                     // interruption
} ask_world_info;

/* What a folder holds. Fails: ASK_ERR_IO (no world.json), ASK_ERR_FORMAT,
 * ASK_ERR_UNSUPPORTED, ASK_ERR_NOMEM. */
ASK_API bool ask_world_open(ask_world_info *out, const char *dir, ask_error *err);

/* The truth of a clip of the world that a folder holds; *out is freed with
 * ask_world_clip_free. Fails as ask_world_clip_read does; ASK_ERR_FORMAT also for the truth
 * of another clip, or of another world. */
ASK_API bool ask_world_read_clip(ask_world_clip *out, const char *dir,
                                 const ask_world_info *info, int64_t index, ask_error *err);

/* The files of a clip; freed with free(). NULL: ASK_ERR_NOMEM. */
ASK_API char *ask_world_video_path(const char *dir, int64_t index, ask_error *err);
ASK_API char *ask_world_truth_path(const char *dir, int64_t index, ask_error *err);

#endif
