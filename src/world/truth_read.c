#include "world/truth_read.h"

#include <stdlib.h>
#include <string.h>

#include "base/rle.h"
#include "world/truth_json.h"
#include "world/truth_priv.h"

enum {
    SIDE = ASK_WORLD_SIDE_PX,
    N_PX = SIDE * SIDE,
    // A toy may stand outside the picture, as far away as it is wide.
    FARTHEST = 4 * SIDE * ASK_WORLD_UNITS_PER_PX,
};

/* ---- head ---- */

static bool check_schema(ask_json_value root, ask_error *err)
{
    const char *schema;
    if (!ask_json_get_string(&schema, root, "schema", err)) return false;
    if (strcmp(schema, ASK_WORLD_CLIP_SCHEMA) == 0) return true;
    ask_json_fail(ask_json_find(root, "schema"), err,
                  "\"%s\" is not read here, only " ASK_WORLD_CLIP_SCHEMA, schema);
    return ask_fail_as(err, ASK_ERR_UNSUPPORTED);
}

static bool read_camera(ask_scene *s, ask_json_value root, ask_error *err)
{
    ask_json_value camera;
    int n, at[2];
    if (!ask_truth_get_list(&camera, &n, root, "camera", s->n_frames, err)) return false;
    if (n != s->n_frames)
        return ask_json_fail(camera, err, "expected a place for each of %d frames, got %d",
                             s->n_frames, n);
    for (int t = 0; t < n; t++) {
        if (!ask_truth_get_ints(at, 2, ask_json_item(camera, (size_t)t), NULL,
                                -ASK_CAMERA_REACH_PX, ASK_CAMERA_REACH_PX, err))
            return false;
        s->camera[t] = (ask_offset){at[0], at[1]};
    }
    return true;
}

static bool read_screens(ask_scene *s, ask_json_value root, ask_error *err)
{
    ask_json_value screens;
    int id, center[2], same;
    if (!ask_truth_get_list(&screens, &s->n_screens, root, "screens", ASK_SCENE_MAX_SCREENS,
                            err))
        return false;
    for (int i = 0; i < s->n_screens; i++) {
        ask_json_value v = ask_json_item(screens, (size_t)i);
        if (!ask_truth_get_int(&id, v, "id", i, i, err) ||
            !ask_truth_get_ints(center, 2, v, "center", -FARTHEST, FARTHEST, err) ||
            !ask_truth_get_int(&same, v, "size.0", ASK_SCREEN_WIDTH_PX, ASK_SCREEN_WIDTH_PX,
                               err) ||
            !ask_truth_get_int(&same, v, "size.1", ASK_SCREEN_HEIGHT_PX,
                               ASK_SCREEN_HEIGHT_PX, err))
            return false;
        s->screens[i] = (ask_screen){center[0], center[1]};
    }
    return true;
}

/* What a full scene has besides; no kind is that of a simple one. */
static bool read_stage(ask_scene *s, ask_json_value root, ask_error *err)
{
    const char *kind;
    if (!ask_truth_has(root, "kind")) return true;
    if (!ask_json_get_string(&kind, root, "kind", err)) return false;
    if (strcmp(kind, "full") != 0)
        return ask_json_fail(ask_json_find(root, "kind"), err, "\"%s\" is not known here",
                             kind);
    s->full = true;
    return ask_truth_get_int(&s->clutter, root, "clutter", 0, ASK_MAX_CLUTTER, err) &&
           read_camera(s, root, err) && read_screens(s, root, err);
}

static bool read_head(ask_scene *s, ask_json_value root, ask_error *err)
{
    int64_t seed, background_seed;
    int split, same;
    bool ok =
        check_schema(root, err) &&
        ask_json_get_int(&seed, root, "seed", 0, INT64_MAX, err) &&
        ask_json_get_int(&s->index, root, "index", 0, ASK_WORLD_MOST_CLIPS - 1, err) &&
        ask_truth_get_word(&split, root, "split", ASK_WORDS_SPLIT, err) &&
        ask_truth_get_int(&same, root, "width", SIDE, SIDE, err) &&
        ask_truth_get_int(&same, root, "height", SIDE, SIDE, err) &&
        ask_truth_get_int(&same, root, "fps", ASK_WORLD_FPS, ASK_WORLD_FPS, err) &&
        ask_truth_get_int(&s->n_frames, root, "n_frames", 1, ASK_SCENE_MAX_FRAMES, err) &&
        ask_truth_get_int(&s->background, root, "background.kind", 0, ASK_N_BACKGROUNDS - 1,
                          err) &&
        ask_json_get_int(&background_seed, root, "background.seed", 0, UINT32_MAX, err) &&
        read_stage(s, root, err);
    if (!ok) return false;
    s->seed = (uint64_t)seed;
    s->split = (ask_split)split;
    s->background_seed = (uint32_t)background_seed;
    return true;
}

/* ---- objects ---- */

/* Puts the mask on the frame, where no other toy may be. */
static bool add_mask(ask_scene_view *view, int toy, const ask_rle *rle, ask_json_value v,
                     ask_error *err)
{
    uint8_t mask[N_PX];
    ask_rle_decode(mask, rle);
    for (int i = 0; i < N_PX; i++) {
        if (!mask[i]) continue;
        if (view->ids[i])
            return ask_json_fail(v, err, "the mask overlaps that of object %d",
                                 view->ids[i] - 1);
        view->ids[i] = (uint8_t)(toy + 1);
    }
    return true;
}

static bool read_mask(ask_scene_view *view, int toy, ask_json_value v, ask_error *err)
{
    const ask_toy_view *t = &view->toys[toy];
    int size[2];
    const char *counts;
    if (!ask_truth_get_ints(size, 2, v, "mask.size", SIDE, SIDE, err) ||
        !ask_json_get_string(&counts, v, "mask.counts", err))
        return false;
    ask_error why = {0};
    ask_rle rle;
    if (!ask_rle_from_string(&rle, counts, SIDE, SIDE, &why)) {
        if (why.code == ASK_ERR_NOMEM) return ask_fail_memory(err);
        return ask_json_fail(ask_json_find(v, "mask.counts"), err, "%s", why.message);
    }
    ask_rle_box box = ask_rle_bounds(&rle);
    bool agrees = ask_rle_area(&rle) == (uint64_t)t->n_px && box.x == t->x0 &&
                  box.y == t->y0 && box.x + box.width == t->x1 &&
                  box.y + box.height == t->y1;
    bool ok = agrees ? add_mask(view, toy, &rle, v, err)
                     : ask_json_fail(v, err, "mask, box and visible_px do not agree");
    ask_rle_free(&rle);
    return ok;
}

/* last: the frame of the entry before, or -1. */
static bool read_object_frame(ask_world_clip *c, int toy, int *last, ask_json_value v,
                              ask_error *err)
{
    int frame, box[4];
    ask_toy_view t = {0};
    if (!ask_truth_get_int(&frame, v, "frame", *last + 1, c->scene.n_frames - 1, err) ||
        !ask_truth_get_ints(box, 4, v, "box", 0, SIDE, err) ||
        !ask_truth_get_int(&t.n_px, v, "visible_px", 0, N_PX, err) ||
        !ask_truth_get_int(&t.n_full_px, v, "full_px", 1, N_PX, err))
        return false;
    *last = frame;
    t.x0 = box[0];
    t.y0 = box[1];
    t.x1 = box[0] + box[2];
    t.y1 = box[1] + box[3];
    c->views[frame].toys[toy] = t;
    return read_mask(&c->views[frame], toy, v, err);
}

static bool read_toy(ask_toy *out, const ask_scene *s, ask_json_value v, ask_error *err)
{
    int shape, color, size, texture, home[2];
    bool ok = ask_truth_get_word(&shape, v, "shape", ASK_WORDS_SHAPE, err) &&
              ask_truth_get_word(&color, v, "color", ASK_WORDS_COLOR, err) &&
              ask_truth_get_word(&size, v, "size", ASK_WORDS_SIZE, err) &&
              ask_truth_get_word(&texture, v, "texture", ASK_WORDS_TEXTURE, err) &&
              ask_truth_get_span(&out->begin, &out->end, v, s, err) &&
              ask_truth_get_ints(home, 2, v, "home", -FARTHEST, FARTHEST, err);
    if (!ok) return false;
    out->shape = (ask_shape)shape;
    out->color = (ask_toy_color)color;
    out->size = (ask_size)size;
    out->texture = (ask_texture)texture;
    out->home_x = home[0];
    out->home_y = home[1];
    return true;
}

static bool read_object(ask_world_clip *c, int toy, ask_json_value v, ask_error *err)
{
    ask_json_value frames;
    int id, n_frames, last = -1;
    bool ok = ask_truth_get_int(&id, v, "id", toy, toy, err) &&
              read_toy(&c->scene.toys[toy], &c->scene, v, err) &&
              ask_truth_get_list(&frames, &n_frames, v, "frames", c->scene.n_frames, err);
    for (int i = 0; ok && i < n_frames; i++)
        ok = read_object_frame(c, toy, &last, ask_json_item(frames, (size_t)i), err);
    return ok;
}

static bool read_objects(ask_world_clip *c, ask_json_value root, ask_error *err)
{
    ask_scene *s = &c->scene;
    c->views = calloc((size_t)s->n_frames, sizeof *c->views);
    if (!c->views) return ask_fail_memory(err);
    for (int t = 0; t < s->n_frames; t++) c->views[t].frame = t;
    ask_json_value objects;
    if (!ask_truth_get_list(&objects, &s->n_toys, root, "objects", ASK_SCENE_MAX_TOYS, err))
        return false;
    for (int i = 0; i < s->n_toys; i++)
        if (!read_object(c, i, ask_json_item(objects, (size_t)i), err)) return false;
    return true;
}

/* ---- events ---- */

/* What the events of a full scene have besides. */
static bool read_more_of_event(ask_event *e, const ask_scene *s, ask_json_value v,
                               ask_error *err)
{
    int to[2] = {0}, color = 0;
    if (e->kind >= ASK_N_SIMPLE_EVENTS && !s->full)
        return ask_json_fail(ask_json_find(v, "kind"), err,
                             "no toy of a simple world does so");
    if (ask_event_moves_other(e) &&
        (!ask_truth_get_int(&e->other, v, "other", 0, s->n_toys - 1, err) ||
         !ask_truth_get_ints(to, 2, v, "other_to", -FARTHEST, FARTHEST, err)))
        return false;
    if (e->other == e->toy)
        return ask_json_fail(ask_json_find(v, "other"), err,
                             "is the toy that does it, and has to be another one");
    if (e->kind == ASK_HIDE &&
        !ask_truth_get_int(&e->screen, v, "screen", 0, s->n_screens - 1, err))
        return false;
    if (e->kind == ASK_TURN &&
        !ask_truth_get_word(&color, v, "to_color", ASK_WORDS_COLOR, err))
        return false;
    e->other_x = to[0];
    e->other_y = to[1];
    e->to_color = (ask_toy_color)color;
    return true;
}

/* What a kind of event can amount to. */
static void amounts_of(int *least, int *most, ask_event_kind kind)
{
    *least = kind == ASK_SPIN ? -ASK_SPIN_ANGLE : kind == ASK_GROW ? 256 : 0;
    *most = kind == ASK_SPIN    ? ASK_SPIN_ANGLE
            : kind == ASK_GROW  ? ASK_GROW_SCALE
            : kind == ASK_JUMP  ? ASK_JUMP_MAX_PX * ASK_WORLD_UNITS_PER_PX
            : kind == ASK_SHAKE ? ASK_SHAKE_PX * ASK_WORLD_UNITS_PER_PX
                                : 0;
}

static bool read_event(ask_event *out, const ask_scene *s, ask_json_value v, ask_error *err)
{
    int kind, to[2], least, most;
    if (!ask_truth_get_word(&kind, v, "kind", ASK_WORDS_EVENT, err)) return false;
    amounts_of(&least, &most, (ask_event_kind)kind);
    bool ok = ask_truth_get_int(&out->toy, v, "object", 0, s->n_toys - 1, err) &&
              ask_truth_get_span(&out->begin, &out->end, v, s, err) &&
              ask_truth_get_ints(to, 2, v, "to", -FARTHEST, FARTHEST, err) &&
              ask_truth_get_int(&out->amount, v, "amount", least, most, err);
    if (!ok) return false;
    out->kind = (ask_event_kind)kind;
    out->to_x = to[0];
    out->to_y = to[1];
    out->other = out->screen = -1;
    return read_more_of_event(out, s, v, err);
}

/* Whether an event happens while the toy of the one in front of it is hidden. */
static bool is_meanwhile(const ask_scene *s, int event)
{
    const ask_event *e = &s->events[event], *front = e - 1;
    return front->kind == ASK_HIDE && front->toy != e->toy && front->toy != e->other &&
           e->begin >= front->begin && e->end <= front->end;
}

/* They come in order of time, none before another's end but while a toy is hidden. */
static bool comes_in_order(const ask_scene *s, int event)
{
    for (int i = 0; i < event; i++) {
        if (s->events[event].begin >= s->events[i].end) continue;
        if (i != event - 1 || !is_meanwhile(s, event)) return false;
    }
    return true;
}

static bool read_events(ask_world_clip *c, ask_json_value root, ask_error *err)
{
    ask_scene *s = &c->scene;
    ask_json_value events;
    if (!ask_truth_get_list(&events, &s->n_events, root, "events", ASK_SCENE_MAX_EVENTS,
                            err))
        return false;
    for (int i = 0; i < s->n_events; i++) {
        ask_json_value v = ask_json_item(events, (size_t)i);
        if (!read_event(&s->events[i], s, v, err) ||
            !ask_truth_get_text(&c->captions.events[i], c, v, "caption", err))
            return false;
        if (!comes_in_order(s, i))
            return ask_json_fail(v, err, "begins before the event in front of it ends");
    }
    return ask_truth_get_text(&c->captions.clip, c, root, "caption", err);
}

/* ---- the document ---- */

static bool read_root(ask_world_clip *out, ask_json_value root, ask_error *err)
{
    ask_world_clip c = {.texts = ask_arena_new(0)};
    bool ok = (c.texts || ask_fail_memory(err)) && read_head(&c.scene, root, err) &&
              read_objects(&c, root, err) && read_events(&c, root, err) &&
              ask_truth_get_questions(&c, root, err);
    if (ok)
        *out = c;
    else
        ask_world_clip_free(&c);
    return ok;
}

static const ask_json_limits limits = {.max_bytes = 16 << 20, .max_depth = 16};

bool ask_world_clip_parse(ask_world_clip *out, const char *text, size_t n_bytes,
                          const char *name, ask_error *err)
{
    ask_json *doc = ask_json_parse(text, n_bytes, name, &limits, err);
    bool ok = doc && read_root(out, ask_json_root(doc), err);
    ask_json_free(doc);
    return ok;
}

bool ask_world_clip_read(ask_world_clip *out, const char *path, ask_error *err)
{
    ask_json *doc = ask_json_read(path, &limits, err);
    bool ok = doc && read_root(out, ask_json_root(doc), err);
    ask_json_free(doc);
    return ok;
}
