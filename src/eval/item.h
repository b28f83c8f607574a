/* eval/item.h - what a run asks: a question of a set or of a playroom, with all that is
 * known of its answer. */
#ifndef ASK_EVAL_ITEM_H
#define ASK_EVAL_ITEM_H

#include "base/arena.h"
#include "data/dataset.h"
#include "metric/count.h"
#include "metric/events.h"
#include "metric/point.h"

/* Where the things are that a question and its answer are about, in each frame of the
 * video; a box without area: not to be seen. */
typedef struct {
    int n, n_frames;
    double fps;
    int width, height;         // of the picture
    const int16_t (*boxes)[4]; // [n_frames][n]: left, top, right, bottom in pixels
} ask_eval_targets;

typedef struct {
    ask_data_record record; // its events are not used
    bool judged; // it has a moment that tells looking from guessing (record.windows): of a
                 // playroom one of at most 30 % of the clip, of published sets any
    /* Answers that say that there is no such thing, or that it does not happen; only a
     * playroom tells them. */
    bool knows_denials; // whether the next three are known
    bool absent;        // the right answer is a denial
    uint32_t denies;    // bit i: option i is one
    const char *denial; // in words, as such questions say it; NULL: this one has none
    /* What happens in what it is about, in seconds of the video. */
    const ask_named_span *events;
    int n_events;
    /* What these call an event of which a model has the class under this name: it lives as
     * long as the name, or for ever. NULL: the same. */
    const char *(*event_name)(const char *class_name);
    ask_count_range counts; // what an answer that is a number is held within
    bool has_targets; // there are things to point at, whether or not targets tells them
    const ask_eval_targets *targets; // NULL: nobody knows where
} ask_eval_item;

/* The first tag of the group "type", else of "semantic", of "reasoning", of any; "" for
 * none.
 */
ASK_API const char *ask_eval_type(const ask_eval_item *item);

/* The targets' boxes on display at a time, in widths and heights of the picture. out: room
 * for targets->n; returns how many have an area. */
ASK_API int ask_eval_boxes_at(ask_box *out, const ask_eval_targets *targets, double t_s);

/* ---- all of a task ---- */

/* Owns its items and all that they borrow. */
typedef struct ask_eval_set ask_eval_set;

typedef struct {
    size_t struct_size;
    const char *videos; // folder of the videos; NULL: as ask_data_options says
    const char *events; // file of events for a set that comes without; NULL: none
    int64_t n_most;     // so many questions, the first; 0: all
    const ask_cancel *cancel;
    const ask_progress *progress; // clips
    const ask_logger *log;        // what was noticed in a published set; NULL
} ask_eval_set_options;

/* Reads the questions of a task: "playroom", a world in a folder (world/clip_files.h), or a
 * published set (ask_data_set_at).
 *
 * Of a playroom each question is asked with its options, "000012/while" (the family,
 * or of a simple world the type), and where it can be asked without them, also so:
 * "000012/while/open"; of a number, the answer is one. A world has
 * one split; another name is an error.
 *
 * Questions of one video follow each other, in the order in which the videos come first.
 * opt may be NULL. Fails: ASK_ERR_USAGE for an unknown task or split, as ask_dataset_open,
 * or as reading a world does. */
ASK_API ask_eval_set *ask_eval_set_open(const char *task, const char *path,
                                        const char *split, const ask_eval_set_options *opt,
                                        ask_error *err);
ASK_API void ask_eval_set_close(ask_eval_set *s); // NULL is fine

ASK_API const ask_eval_item *ask_eval_set_items(const ask_eval_set *s, size_t *n);
ASK_API const char *ask_eval_set_split(const ask_eval_set *s); // NULL: nobody said
ASK_API const char *ask_eval_set_file(const ask_eval_set *s);  // what was read

/* How many notices of each kind the file has, as `askance data` tells them; of a playroom
 * none. */
ASK_API void ask_eval_set_noticed(size_t out[ASK_DATA_N_NOTICES], const ask_eval_set *s);

/* The names of tasks, "playroom" first; NULL past the last. */
ASK_API const char *ask_eval_task_at(size_t i);

#endif
