/* train/timeline_truth.h - what Timeline is taught about a scene of the playroom, as plain
 * numbers: what stands in cells, what begins there, what a memory of the clip would say.
 *
 * T frames are looked at, evenly over the part of the clip that is shown ([0, until)); G G
 * cells a frame, in rows. Names of fields and units are those of net/joint/timeline.h, and
 * so are the meanings of labels (net/joint/timeline_loss.h). */
#ifndef ASK_TRAIN_TIMELINE_TRUTH_H
#define ASK_TRAIN_TIMELINE_TRUTH_H

#include "net/joint/timeline_loss.h"
#include "world/clip.h"

/* The kinds of the playroom: its colours, shapes, sizes, textures, events, and four ways.
 */
ASK_API ask_timeline_kinds ask_timeline_playroom_kinds(void);
/* The name of a value; ways are "left", "right", "up", "down". */
ASK_API const char *ask_timeline_playroom_name(ask_timeline_kind kind, int value);

/* The frames that are looked at: of a clip of `until` frames the ones on display in the
 * middle of each of T equal parts. times: [T], ascending. */
ASK_API void ask_timeline_frames(int *times, int n_frames, int until);

/* ---- cells of a frame ---- */

/* [G G] each, and their widths as in ask_sight_truth. */
typedef struct {
    float *seen, *seen_weight, *box, *velocity, *thing;
    int64_t *color, *shape, *size, *texture, *deed;
} ask_cell_labels;

/* Fills the labels of one frame. toys (may be NULL): [G G], the toy in each cell, -1.
 *
 * A toy stands in the cell of the middle of what is seen of it, if a third of it is; the
 * cell of one of which less is seen, but something, does not count. Of two toys in one cell
 * the one that shows more pixels counts. A toy that changes its colour has none, one that
 * grows no size. One that is hit or pushed is moved from the contact on. Velocity is the
 * way from step frames before to step frames after, both held within the clip; boxes, ways
 * and places are as seen, so the camera's drift is in them. */
ASK_API void ask_timeline_label_cells(const ask_cell_labels *out, int *toys,
                                      const ask_scene *s, const ask_scene_view *v, int step,
                                      int n_side);

/* ---- a clip ---- */

/* Of P places each, as in ask_glimpse_truth; pairs: [colours * shapes]. */
typedef struct {
    int64_t *event, *number;
    float *span, *end;
    int64_t *color, *shape, *size, *texture, *other_color, *other_shape, *later_color, *way,
        *deed;
    float *pairs, *pairs_weight;
} ask_glimpse_labels;

/* Fills the labels of the places of a clip: n_places of each of T frames, toys [T,
 * n_places] the toy in each, -1.
 *
 * An event begins at the place of its toy in the frame nearest to its start, of those in
 * which the toy has a place (for one that leaves: before it is gone). Its number is told of
 * the toy's places up to two frames away, too. Events that begin at
 * or after `until` are not told, spans of others end there; which toy is hit or pushed is
 * told from the contact on. Where it is over is held within the picture. Spans are in
 * frames of T from the middle of the place's own. The way of a toy that hides is that to
 * the screen. */
ASK_API void ask_timeline_label_clip(const ask_glimpse_labels *out, const ask_scene *s,
                                     const int *times, int n_frames, const int *toys,
                                     int n_places, int until);

/* ---- a clip without its pictures ---- */

/* How badly cells see: what is measured of them on clips that they have not seen. */
typedef struct {
    double miss;                        // share of toys that have no sight
    double ghost;                       // share of the other sights that look like a thing
    double color, shape, size, texture; // share of sights in which these are wrong
    double deed; // the same of toys that do something in their place; of one that goes
                 // somewhere it is four times as large, of one that does nothing a quarter
    double box, velocity; // deviation, in cells
} ask_sight_noise;
/* share: of what is usual, 1. */
ASK_API ask_sight_noise ask_sight_noise_usual(double share);

/* Sights as cells would see them: sights [T, K, sight], as the glance takes them; toys [T,
 * K] (-1: no toy, or too little of it). Wrong values, and how sure the right ones are, are
 * drawn; half of the mistakes about a toy are made throughout the clip. */
ASK_API void ask_timeline_imagine_sights(float *sights, int *toys, const ask_scene *s,
                                         const ask_scene_view *views, // of the T frames
                                         int n_frames, int n_sights, int n_side, int step,
                                         const ask_sight_noise *noise, ask_rng *r);

/* How badly a glance remembers. */
typedef struct {
    double drop,
        invent;   // share of events without a slot; mean number of events that are none
    double again; // share of events that come twice
    double class_, color, shape, size, texture, other, later, way; // share that is wrong
    double span;                 // deviation of starts and ends, in frames of T
    double place;                // deviation, as a share of the picture
    double toy_drop, toy_invent; // as of events
} ask_memory_noise;
ASK_API ask_memory_noise ask_memory_noise_usual(double share);

/* A memory of the part of a clip before `until`: records [S, record], events by start, then
 * toys, the surest first. slot_events [E]: which event of the scene, -1; slot_pairs [S -
 * E]: which pair the slot says it is, no two the same, so two toys of one pair share a
 * slot. views: of all frames of the scene.
 *
 * noise NULL: all is right and sure, of what has begun before `until`. Else an event that
 * is cut off looks like any that begins so. Slots without an event or toy have a low
 * confidence and random values: much of it as of events and toys that are there, as those
 * of a glance would. */
ASK_API void ask_timeline_imagine_memory(float *records, int64_t *slot_events,
                                         int64_t *slot_pairs, const ask_scene *s,
                                         const ask_scene_view *views, int until,
                                         const ask_timeline_config *c,
                                         const ask_memory_noise *noise, ask_rng *r);

#endif
