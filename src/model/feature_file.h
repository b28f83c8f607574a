/* model/feature_file.h - the features of one video, kept in a file.
 *
 * It is a safetensors file (weights/safetensors.h) of two tensors and some notes:
 *
 *     features  f32   what the layout (model/features.h) says
 *     t_s       f64   [N] seconds: of each row's frame; of a clip, its begin; of
 *                     "video-chatgpt", of the N frames that its rows are means of
 *
 * The notes say where the numbers come from, so that features of another model, video or
 * rate are never taken for these. The names below are what writer and reader share. */
#ifndef ASK_MODEL_FEATURE_FILE_H
#define ASK_MODEL_FEATURE_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/api.h"
#include "base/error.h"

#define ASK_FEATURES_SCHEMA "askance.features/1"
#define ASK_FEATURES_EXTENSION ".safetensors"

/* Tensors. */
#define ASK_FEATURES_TENSOR "features"
#define ASK_FEATURES_TIMES "t_s"

/* Notes. All are there. */
#define ASK_FEATURES_NOTE_SCHEMA "schema"     // ASK_FEATURES_SCHEMA
#define ASK_FEATURES_NOTE_MODEL_ID "model_id" // ask_model_info.id
#define ASK_FEATURES_NOTE_NETWORK "network"   // "clip"
#define ASK_FEATURES_NOTE_LAYOUT "layout"     // "frames", "mist", "video-chatgpt", "clips"
#define ASK_FEATURES_NOTE_UNIT "unit"         // "true": vectors of unit length; "false"
#define ASK_FEATURES_NOTE_VIDEO "video"       // its file's name, without the folder
#define ASK_FEATURES_NOTE_VIDEO_ID "video_id" // ask_video_quick_id
#define ASK_FEATURES_NOTE_VIDEO_S "video_s"   // its duration in seconds
#define ASK_FEATURES_NOTE_ASKED "asked"       // JSON: what was asked for
#define ASK_FEATURES_NOTE_PLAN "plan"         // JSON: what came of it
#define ASK_FEATURES_NOTE_VERSION "version"   // of askance

enum { ASK_FEATURES_MAX_DIMS = 3 };

/* Where features come from: the notes but schema and version. Borrowed. */
typedef struct {
    const char *model_id, *network, *layout;
    bool unit;
    const char *video, *video_id;
    double video_s;
    const char *asked, *plan;
} ask_feature_origin;

/* What is written. Borrowed. */
typedef struct {
    ask_feature_origin origin;
    const float *data; // [shape]
    int n_dims;        // at most ASK_FEATURES_MAX_DIMS
    int64_t shape[ASK_FEATURES_MAX_DIMS];
    const double *t_s; // [n_times]
    int64_t n_times;
} ask_feature_file;

/* Puts the file in its place, all or nothing. Fails: ASK_ERR_MODEL for a number that is NaN
 * or infinite (such weights are broken), with its row; ASK_ERR_SHAPE for no numbers at all;
 * ASK_ERR_IO, ASK_ERR_NOMEM. */
ASK_API bool ask_feature_file_write(const char *path, const ask_feature_file *f,
                                    ask_error *err);

enum { ASK_FEATURES_SHOWN_BYTES = 192 };

/* What a file that is there holds. */
typedef struct {
    /* The first note that decides whose features these are and is another than it should
     * be, with both texts, cut where they are long; NULL: there is none. */
    const char *other;
    char there[ASK_FEATURES_SHOWN_BYTES], wanted[ASK_FEATURES_SHOWN_BYTES];
    int n_dims;
    int64_t shape[ASK_FEATURES_MAX_DIMS];
} ask_feature_find;

/* Whether a file holds what would be made: schema, video_id, video_s (pictures of a folder
 * can be shown at another rate), model_id, layout and plan are the same. What was asked for
 * need not be. Fails: ASK_ERR_MODEL for what is no such file, or cannot be read;
 * ASK_ERR_NOMEM. */
ASK_API bool ask_feature_file_compare(ask_feature_find *out, const char *path,
                                      const ask_feature_origin *o, ask_error *err);

#endif
