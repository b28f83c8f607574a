/* eval/playroom_priv.h - what is kept of a playroom. */
#ifndef ASK_EVAL_PLAYROOM_PRIV_H
#define ASK_EVAL_PLAYROOM_PRIV_H

#include "eval/playroom.h"

typedef struct {
    int64_t index;        // in the world
    ask_world_clip truth; // without views
    ask_seen seen;
} playroom_clip;

struct ask_playroom {
    ask_session *session;
    ask_playroom_options opt; // calibration: the one that holds now
    ask_world_info world;
    ask_calibration own_calibration; // {0} where others were given
    ask_standard own_standard;
    ask_yardstick yardstick;
    playroom_clip *clips; // [n_clips]
    int64_t n_clips;
};

/* How many clips of a world are taken: n from number `first` on, or with n = 0 all. Fails:
 * ASK_ERR_USAGE where they are not there. */
bool playroom_choose_clips(int64_t *out, const char *dir, const ask_world_info *world,
                           int64_t first, int64_t n, ask_error *err);

/* The truth of a clip but for its pictures, which take most of the room. */
bool playroom_read_truth(ask_world_clip *out, const char *dir, int64_t index,
                         ask_error *err);

/* Whether an answer rests on a frame of the moment. */
bool playroom_shows(const ask_answer *a, ask_world_moment m);

/* Whether some toy of a scene, whatever it does and wherever, looks as the phrase demands.
 */
bool playroom_has_looks(const ask_scene *s, ask_phrase p);

/* Whether what is looked for is in the clip. */
bool playroom_is_there(ask_query_kind kind);

/* Whether one frame can show the right option. */
bool playroom_is_visual(const ask_world_question *q);

/* Whether the frame of the clip that appears at t_s lies in a moment. */
bool playroom_is_in(ask_world_moment m, double t_s);

#endif
