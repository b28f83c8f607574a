/* train/timeline_truth_priv.h - what the files of timeline_truth.h share. */
#ifndef ASK_TRAIN_TIMELINE_TRUTH_PRIV_H
#define ASK_TRAIN_TIMELINE_TRUTH_PRIV_H

#include "train/timeline_truth.h"

/* ---- toys ---- */

/* In px of the picture. */
typedef struct {
    double x, y;
} ask_spot;

/* Whether a third of a toy is seen; what less is seen of does not count as seen. */
bool ask_toy_is_seen(const ask_toy_view *v);

/* The middle of the box of what is seen of it. */
ask_spot ask_toy_view_middle(const ask_toy_view *v);

/* The cell of n_side * n_side, in rows, that a spot of the picture is in. */
int ask_spot_cell(ask_spot p, int n_side);

/* Which toy a cell is about: the one of those whose middle is in it, and that are seen,
 * that shows the most; EMPTY: no middle is; DOES_NOT_COUNT: that of one of which too little
 * is seen. */
enum { ASK_CELL_EMPTY = -1, ASK_CELL_DOES_NOT_COUNT = -2 };
int ask_toy_in_cell(const ask_scene *s, const ask_scene_view *v, int cell, int n_side);

/* Where the middle of a toy is in the picture, seen or not: in the frame that is the
 * nearest of those in which it is there. */
ask_spot ask_toy_spot(const ask_scene *s, int toy, int frame);

/* The frame, or the one of the clip that is nearest. */
int ask_frame_within(const ask_scene *s, int frame);

/* The way that it is seen to go from `step` frames before to `step` frames after one, both
 * held within the clip. */
ask_spot ask_toy_way(const ask_scene *s, int toy, int frame, int step);

/* What a toy is doing in a frame, as a label (ASK_SIGHT_DEED): one that is hit or pushed is
 * moved from the contact on. */
int ask_toy_deed(const ask_scene *s, int toy, int frame);

/* Its colour (the first) and shape as one number below the number of pairs. */
int ask_toy_pair(const ask_toy *t);

/* ---- events ---- */

/* Whether a toy that does so goes somewhere; 0 to 3, left to down: where, by the longer
 * side of its way, that of one that hides being the way to the screen; -1: nowhere. */
bool ask_event_goes(ask_event_kind kind);
int ask_event_way(const ask_scene *s, const ask_event *e);

/* Where its toy is when it begins, and when it is over or the clip is cut off: both held
 * within the picture. */
ask_spot ask_event_begin_spot(const ask_scene *s, const ask_event *e);
ask_spot ask_event_end_spot(const ask_scene *s, const ask_event *e, int until);

/* Whether frames before `until` show which other toy an event moves. */
bool ask_event_shows_other(const ask_scene *s, int event, int until);

#endif
