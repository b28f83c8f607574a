#include "world/truth_json.h"

#include <stdlib.h>

#include "base/rle.h"
#include "world/truth_priv.h"

/* ---- objects ---- */

static bool put_mask(ask_json_writer *w, const ask_scene_view *v, int toy, ask_error *err)
{
    enum { SIDE = ASK_WORLD_SIDE_PX };
    uint8_t mask[SIDE * SIDE];
    for (int i = 0; i < SIDE * SIDE; i++) mask[i] = v->ids[i] == toy + 1;
    ask_rle rle = {0};
    char *text = NULL;
    bool ok = ask_rle_encode(&rle, mask, SIDE, SIDE, err) &&
              (text = ask_rle_to_string(&rle, err));
    ask_rle_free(&rle);
    if (!ok) return false;
    ask_json_open_object(w, "mask");
    ask_truth_put_pair(w, "size", SIDE, SIDE);
    ask_json_put_string(w, "counts", text);
    ask_json_close(w);
    free(text);
    return true;
}

static bool put_object_frame(ask_json_writer *w, const ask_scene_view *v, int toy,
                             ask_error *err)
{
    const ask_toy_view *t = &v->toys[toy];
    ask_json_open_object(w, NULL);
    ask_json_put_int(w, "frame", v->frame);
    ask_json_open_array(w, "box");
    ask_json_put_int(w, NULL, t->x0);
    ask_json_put_int(w, NULL, t->y0);
    ask_json_put_int(w, NULL, t->x1 - t->x0);
    ask_json_put_int(w, NULL, t->y1 - t->y0);
    ask_json_close(w);
    ask_json_put_int(w, "visible_px", t->n_px);
    ask_json_put_int(w, "full_px", t->n_full_px);
    bool ok = put_mask(w, v, toy, err);
    ask_json_close(w);
    return ok;
}

static bool put_object(ask_json_writer *w, const ask_world_clip *c, int toy, ask_error *err)
{
    const ask_toy *t = &c->scene.toys[toy];
    ask_json_open_object(w, NULL);
    ask_json_put_int(w, "id", toy);
    ask_json_put_string(w, "shape", ask_shape_name(t->shape));
    ask_json_put_string(w, "color", ask_color_name(t->color));
    ask_json_put_string(w, "size", ask_size_name(t->size));
    ask_json_put_string(w, "texture", ask_texture_name(t->texture));
    ask_json_put_int(w, "begin", t->begin);
    ask_json_put_int(w, "end", t->end);
    ask_truth_put_pair(w, "home", t->home_x, t->home_y);
    ask_json_open_array(w, "frames");
    bool ok = true;
    for (int f = 0; f < c->scene.n_frames && ok; f++)
        if (c->views[f].toys[toy].n_full_px > 0)
            ok = put_object_frame(w, &c->views[f], toy, err);
    ask_json_close(w);
    ask_json_close(w);
    return ok;
}

/* ---- what happens ---- */

/* What the events of a full scene have besides. */
static void put_more_of_event(ask_json_writer *w, const ask_event *e)
{
    if (ask_event_moves_other(e)) {
        ask_json_put_int(w, "other", e->other);
        ask_truth_put_pair(w, "other_to", e->other_x, e->other_y);
    }
    if (e->kind == ASK_HIDE) ask_json_put_int(w, "screen", e->screen);
    if (e->kind == ASK_TURN)
        ask_json_put_string(w, "to_color", ask_color_name(e->to_color));
}

static void put_event(ask_json_writer *w, const ask_event *e, const char *caption)
{
    ask_json_open_object(w, NULL);
    ask_json_put_string(w, "kind", ask_event_name(e->kind));
    ask_json_put_int(w, "object", e->toy);
    ask_json_put_int(w, "begin", e->begin);
    ask_json_put_int(w, "end", e->end);
    ask_truth_put_seconds(w, "start_s", e->begin);
    ask_truth_put_seconds(w, "end_s", e->end);
    ask_truth_put_pair(w, "to", e->to_x, e->to_y);
    ask_json_put_int(w, "amount", e->amount);
    put_more_of_event(w, e);
    ask_json_put_string(w, "caption", caption);
    ask_json_close(w);
}

/* ---- the document ---- */

static void put_screens(ask_json_writer *w, const ask_scene *s)
{
    ask_json_open_array(w, "screens");
    for (int i = 0; i < s->n_screens; i++) {
        ask_json_open_object(w, NULL);
        ask_json_put_int(w, "id", i);
        ask_truth_put_pair(w, "center", s->screens[i].x, s->screens[i].y);
        ask_truth_put_pair(w, "size", ASK_SCREEN_WIDTH_PX, ASK_SCREEN_HEIGHT_PX);
        ask_json_close(w);
    }
    ask_json_close(w);
}

/* What a full scene has besides. */
static void put_stage(ask_json_writer *w, const ask_scene *s)
{
    if (!s->full) return;
    ask_json_put_int(w, "clutter", s->clutter);
    ask_json_open_array(w, "camera");
    for (int t = 0; t < s->n_frames; t++)
        ask_truth_put_pair(w, NULL, s->camera[t].x, s->camera[t].y);
    ask_json_close(w);
    put_screens(w, s);
}

static void put_head(ask_json_writer *w, const ask_scene *s)
{
    ask_json_put_string(w, "schema", ASK_WORLD_CLIP_SCHEMA);
    ask_json_put_int(w, "seed", (int64_t)s->seed);
    ask_json_put_int(w, "index", s->index);
    ask_json_put_string(w, "split", ask_split_name(s->split));
    if (s->full) ask_json_put_string(w, "kind", "full");
    ask_json_put_int(w, "width", ASK_WORLD_SIDE_PX);
    ask_json_put_int(w, "height", ASK_WORLD_SIDE_PX);
    ask_json_put_int(w, "fps", ASK_WORLD_FPS);
    ask_json_put_int(w, "n_frames", s->n_frames);
    ask_truth_put_seconds(w, "duration_s", s->n_frames);
    ask_json_open_object(w, "background");
    ask_json_put_int(w, "kind", s->background);
    ask_json_put_int(w, "seed", s->background_seed);
    ask_json_close(w);
    put_stage(w, s);
}

bool ask_world_clip_write(ask_str *out, const ask_world_clip *clip, ask_error *err)
{
    const ask_scene *s = &clip->scene;
    ask_json_writer w = {.out = out};
    bool ok = true;
    ask_json_open_object(&w, NULL);
    put_head(&w, s);
    ask_json_open_array(&w, "objects");
    for (int i = 0; i < s->n_toys && ok; i++) ok = put_object(&w, clip, i, err);
    if (!ok) return false;
    ask_json_close(&w);
    ask_json_open_array(&w, "events");
    for (int i = 0; i < s->n_events; i++)
        put_event(&w, &s->events[i], clip->captions.events[i]);
    ask_json_close(&w);
    ask_json_put_string(&w, "caption", clip->captions.clip);
    ask_truth_put_questions(&w, clip);
    ask_json_close(&w);
    ask_str_append_char(out, '\n');
    return !out->failed || ask_fail_memory(err);
}
