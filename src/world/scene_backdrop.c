/* world/scene_backdrop.c - what a full scene is played before, and how the camera drifts.
 */
#include "world/scene_priv.h"
#include "world/shape_priv.h"

enum { FIRST_PATTERN = 3 }; // of the backgrounds; those before are of one colour or two

static void draw_background(ask_scene_draft *d, ask_scene_style style)
{
    ask_scene *s = &d->scene;
    s->clutter = ask_draft_between(d, style.clutter_low, style.clutter_high);
    s->background_seed = ask_rng_u32(&d->rng);
    int low = s->clutter == 0 ? 0 : FIRST_PATTERN;
    int high = s->clutter == 0 ? FIRST_PATTERN - 1 : ASK_N_BACKGROUNDS - 1;
    do {
        s->background = ask_draft_between(d, low, high);
    } while (s->split != ASK_SPLIT_TEST && ask_background_is_held_out(s->background));
}

/* n / 16384, rounded; n is above -2^24. */
static int rounded(int n)
{
    return (n + (1 << 24) + (1 << 13)) / (1 << 14) - (1 << 10);
}

/* A piece of an ellipse, so that it never jerks. */
static void draw_camera(ask_scene_draft *d)
{
    ask_scene *s = &d->scene;
    bool still = ask_draft_chance(d, 1, 4);
    int reach_x = ask_draft_between(d, 0, ASK_CAMERA_REACH_PX);
    int reach_y = ask_draft_between(d, reach_x ? 0 : 1, ASK_CAMERA_REACH_PX);
    int from_x = ask_draft_between(d, 0, 255), from_y = ask_draft_between(d, 0, 255);
    int turn = ask_draft_between(d, 64, 160); // over the clip, in 1/256
    for (int t = 0; t < s->n_frames && !still; t++) {
        int angle = turn * t / s->n_frames;
        s->camera[t] = (ask_offset){rounded(reach_x * ask_sine(from_x + angle)),
                                    rounded(reach_y * ask_sine(from_y + angle))};
    }
}

void ask_draft_backdrop(ask_scene_draft *d, ask_scene_style style)
{
    const ask_rng root = d->rng;
    d->rng = ask_rng_split(&root, "camera");
    draw_camera(d);
    d->rng = ask_rng_split(&root, "background");
    draw_background(d, style);
}
