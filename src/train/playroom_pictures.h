/* train/playroom_pictures.h - frames of scenes of the playroom as a network takes them:
 * each with its neighbours in time, prepared as preprocessor_config.json says; painted in
 * memory and compressed as a video would be, or out of the video of a scene.
 *
 * One thread at a time. */
#ifndef ASK_TRAIN_PLAYROOM_PICTURES_H
#define ASK_TRAIN_PLAYROOM_PICTURES_H

#include "base/rng.h"
#include "media/video.h"
#include "model/preprocess.h"
#include "world/view.h"

typedef struct ask_playroom_pictures ask_playroom_pictures;

/* The preprocessing is borrowed until close. Fails: ASK_ERR_UNSUPPORTED for views other
 * than the frame alone, or the frame between two that are as many whole frames of the
 * playroom before and behind it; ASK_ERR_MODEL for another size than n_channels x side_px x
 * side_px; ASK_ERR_NOMEM. */
ASK_API ask_playroom_pictures *ask_playroom_pictures_open(const ask_preprocess *preprocess,
                                                          int n_channels, int side_px,
                                                          ask_error *err);
ASK_API void ask_playroom_pictures_close(ask_playroom_pictures *p); // NULL is fine

/* Frames between a picture and its neighbours; 0: it has none. */
ASK_API int ask_playroom_pictures_step(const ask_playroom_pictures *p);

/* One frame: pixels [n_channels, side_px, side_px]; view (may be NULL) what of the toys is
 * seen. Neighbours are held within the clip. noise draws how strongly it is compressed;
 * NULL: not at all. Fails as ask_preprocess_apply does; pixels are spoilt then. */
ASK_API bool ask_playroom_pictures_paint(ask_playroom_pictures *p, float *pixels,
                                         ask_scene_view *view, const ask_scene *s,
                                         int frame, ask_rng *noise, ask_error *err);

/* The same, with the pictures of a video of the scene. Fails as ask_video_frames does, and
 * with ASK_ERR_FORMAT for a video of another size than the playroom's. */
ASK_API bool ask_playroom_pictures_read(ask_playroom_pictures *p, float *pixels,
                                        ask_scene_view *view, const ask_scene *s, int frame,
                                        ask_video *video, ask_error *err);

#endif
