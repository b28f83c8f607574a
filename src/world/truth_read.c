#include "world/truth_read.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/rle.h"
#include "world/truth_json.h"
#include "world/truth_priv.h"

enum {
    SIDE = ASK_WORLD_SIDE_PX,
    N_PX = SIDE * SIDE,
    // A toy may stand outside the picture, as far away as it is wide.
    FARTHEST = 4 * SIDE * ASK_WORLD_UNITS_PER_PX,
};

/* ---- small values ---- */

static bool get_int(int *out, ask_json_value v, const char *key, int64_t min, int64_t max,
                    ask_error *err)
{
    int64_t value;
    if (!ask_json_get_int(&value, v, key, min, max, err)) return false;
    *out = (int)value;
    return true;
}

static bool get_word(int *out, ask_json_value v, const char *key, ask_truth_words of,
                     ask_error *err)
{
    const char *text;
    if (!ask_json_get_string(&text, v, key, err)) return false;
    for (int i = 0; i < ask_truth_n_words(of); i++) {
        if (strcmp(text, ask_truth_word(of, i)) != 0) continue;
        *out = i;
        return true;
    }
    return ask_json_fail(ask_json_find(v, key), err, "\"%s\" is not known here", text);
}

static bool get_text(const char **out, ask_world_clip *c, ask_json_value v, const char *key,
                     ask_error *err)
{
    const char *text;
    if (!ask_json_get_string(&text, v, key, err)) return false;
    *out = ask_arena_strdup(c->texts, text);
    return *out || ask_fail_memory(err);
}

/* An array of so many integers. */
static bool get_ints(int *out, int n, ask_json_value v, const char *key, int64_t min,
                     int64_t max, ask_error *err)
{
    ask_json_value array;
    if (!ask_json_get_array(&array, v, key, err)) return false;
    if (ask_json_count(array) != (size_t)n)
        return ask_json_fail(array, err, "expected %d numbers, got %zu", n,
                             ask_json_count(array));
    for (int i = 0; i < n; i++)
        if (!get_int(&out[i], ask_json_item(array, (size_t)i), NULL, min, max, err))
            return false;
    return true;
}

/* Frames [begin, end) of the clip, at least one. */
static bool get_span(int *begin, int *end, ask_json_value v, const ask_scene *s,
                     ask_error *err)
{
    return get_int(begin, v, "begin", 0, s->n_frames - 1, err) &&
           get_int(end, v, "end", *begin + 1, s->n_frames, err);
}

/* An array of at most so many items. */
static bool get_list(ask_json_value *out, int *n, ask_json_value v, const char *key,
                     int most, ask_error *err)
{
    if (!ask_json_get_array(out, v, key, err)) return false;
    size_t count = ask_json_count(*out);
    if (count > (size_t)most)
        return ask_json_fail(*out, err, "has %zu items, and at most %d can be", count,
                             most);
    *n = (int)count;
    return true;
}

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

static bool read_head(ask_scene *s, ask_json_value root, ask_error *err)
{
    int64_t seed, background_seed;
    int split, same;
    bool ok =
        check_schema(root, err) &&
        ask_json_get_int(&seed, root, "seed", 0, INT64_MAX, err) &&
        ask_json_get_int(&s->index, root, "index", 0, INT64_MAX, err) &&
        get_word(&split, root, "split", ASK_WORDS_SPLIT, err) &&
        get_int(&same, root, "width", SIDE, SIDE, err) &&
        get_int(&same, root, "height", SIDE, SIDE, err) &&
        get_int(&same, root, "fps", ASK_WORLD_FPS, ASK_WORLD_FPS, err) &&
        get_int(&s->n_frames, root, "n_frames", 1, ASK_SCENE_MAX_FRAMES, err) &&
        get_int(&s->background, root, "background.kind", 0, ASK_N_BACKGROUNDS - 1, err) &&
        ask_json_get_int(&background_seed, root, "background.seed", 0, UINT32_MAX, err);
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
    if (!get_ints(size, 2, v, "mask.size", SIDE, SIDE, err) ||
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
    if (!get_int(&frame, v, "frame", *last + 1, c->scene.n_frames - 1, err) ||
        !get_ints(box, 4, v, "box", 0, SIDE, err) ||
        !get_int(&t.n_px, v, "visible_px", 0, N_PX, err) ||
        !get_int(&t.n_full_px, v, "full_px", 1, N_PX, err))
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
    bool ok = get_word(&shape, v, "shape", ASK_WORDS_SHAPE, err) &&
              get_word(&color, v, "color", ASK_WORDS_COLOR, err) &&
              get_word(&size, v, "size", ASK_WORDS_SIZE, err) &&
              get_word(&texture, v, "texture", ASK_WORDS_TEXTURE, err) &&
              get_span(&out->begin, &out->end, v, s, err) &&
              get_ints(home, 2, v, "home", -FARTHEST, FARTHEST, err);
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
    bool ok = get_int(&id, v, "id", toy, toy, err) &&
              read_toy(&c->scene.toys[toy], &c->scene, v, err) &&
              get_list(&frames, &n_frames, v, "frames", c->scene.n_frames, err);
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
    if (!get_list(&objects, &s->n_toys, root, "objects", ASK_SCENE_MAX_TOYS, err))
        return false;
    for (int i = 0; i < s->n_toys; i++)
        if (!read_object(c, i, ask_json_item(objects, (size_t)i), err)) return false;
    return true;
}

/* ---- events ---- */

static bool read_event(ask_event *out, const ask_scene *s, ask_json_value v, ask_error *err)
{
    int kind, to[2];
    bool ok = get_word(&kind, v, "kind", ASK_WORDS_EVENT, err) &&
              get_int(&out->toy, v, "object", 0, s->n_toys - 1, err) &&
              get_span(&out->begin, &out->end, v, s, err) &&
              get_ints(to, 2, v, "to", -FARTHEST, FARTHEST, err) &&
              get_int(&out->amount, v, "amount", -FARTHEST, FARTHEST, err);
    if (!ok) return false;
    out->kind = (ask_event_kind)kind;
    out->to_x = to[0];
    out->to_y = to[1];
    return true;
}

/* They come in order of time, none before the last one's end. */
static bool read_events(ask_world_clip *c, ask_json_value root, ask_error *err)
{
    ask_scene *s = &c->scene;
    ask_json_value events;
    if (!get_list(&events, &s->n_events, root, "events", ASK_SCENE_MAX_EVENTS, err))
        return false;
    for (int i = 0; i < s->n_events; i++) {
        ask_json_value v = ask_json_item(events, (size_t)i);
        if (!read_event(&s->events[i], s, v, err) ||
            !get_text(&c->captions.events[i], c, v, "caption", err))
            return false;
        if (i > 0 && s->events[i].begin < s->events[i - 1].end)
            return ask_json_fail(v, err, "begins before the event in front of it ends");
    }
    return get_text(&c->captions.clip, c, root, "caption", err);
}

/* ---- questions and queries ---- */

static bool read_phrase(ask_phrase *out, ask_json_value v, const char *key, ask_error *err)
{
    ask_json_value object;
    if (!ask_json_get_object(&object, v, key, err)) return false;
    *out = ask_phrase_any();
    for (int f = 0; f < ASK_N_PHRASE_FIELDS; f++) {
        const char *field = ask_truth_phrase_key((ask_truth_words)f);
        if (ask_json_type_of(ask_json_find(object, field)) == ASK_JSON_ABSENT) continue;
        int value;
        if (!get_word(&value, object, field, (ask_truth_words)f, err)) return false;
        *ask_truth_phrase_field(out, (ask_truth_words)f) = (int8_t)value;
    }
    return true;
}

static bool read_moment(ask_world_moment *out, bool *judged, const ask_scene *s,
                        ask_json_value v, ask_error *err)
{
    *out = (ask_world_moment){0};
    ask_json_value moment = ask_json_find(v, "moment");
    if (ask_json_type_of(moment) != ASK_JSON_ABSENT &&
        !get_span(&out->begin, &out->end, moment, s, err))
        return false;
    if (!ask_json_get_bool(judged, v, "judged", err)) return false;
    if (*judged == ask_world_is_judged(*out, s->n_frames)) return true;
    return ask_json_fail(ask_json_find(v, "judged"), err,
                         "does not fit the moment: judged ones are at most %d %% of the "
                         "clip, all of them",
                         ASK_MOMENT_JUDGED_PERCENT);
}

static bool read_option(ask_world_option *out, ask_world_clip *c, ask_json_value v,
                        ask_error *err)
{
    out->phrase = ask_phrase_any();
    out->has_phrase = ask_json_type_of(ask_json_find(v, "phrase")) != ASK_JSON_ABSENT;
    return get_text(&out->text, c, v, "text", err) &&
           (!out->has_phrase || read_phrase(&out->phrase, v, "phrase", err));
}

static bool read_options(ask_world_question *q, ask_world_clip *c, ask_json_value v,
                         ask_error *err)
{
    ask_json_value options;
    int n;
    if (!get_list(&options, &n, v, "options", ASK_N_OPTIONS, err)) return false;
    if (n != ASK_N_OPTIONS)
        return ask_json_fail(options, err, "expected %d options, got %d", ASK_N_OPTIONS, n);
    for (int i = 0; i < n; i++)
        if (!read_option(&q->options[i], c, ask_json_item(options, (size_t)i), err))
            return false;
    return true;
}

static bool read_question(ask_world_question *q, ask_world_clip *c, ask_json_value v,
                          ask_error *err)
{
    int type, saying;
    bool ok = get_word(&type, v, "type", ASK_WORDS_QUESTION, err) &&
              get_word(&saying, v, "saying", ASK_WORDS_SAYING, err) &&
              get_int(&q->wording, v, "wording", 0, ASK_N_WORDINGS - 1, err) &&
              get_text(&q->text, c, v, "text", err) &&
              read_phrase(&q->subject, v, "subject", err) && read_options(q, c, v, err) &&
              get_int(&q->answer, v, "answer", 0, ASK_N_OPTIONS - 1, err) &&
              read_moment(&q->moment, &q->judged, &c->scene, v, err);
    if (!ok) return false;
    q->type = (ask_question_type)type;
    q->saying = (ask_saying)saying;
    return true;
}

static bool read_query(ask_world_query *q, ask_world_clip *c, ask_json_value v,
                       ask_error *err)
{
    int kind;
    bool ok = get_word(&kind, v, "kind", ASK_WORDS_QUERY, err) &&
              get_text(&q->text, c, v, "text", err) &&
              read_phrase(&q->phrase, v, "phrase", err) &&
              read_moment(&q->moment, &q->judged, &c->scene, v, err);
    if (!ok) return false;
    q->kind = (ask_query_kind)kind;
    return true;
}

static bool read_texts(ask_world_clip *c, ask_json_value root, ask_error *err)
{
    ask_json_value questions, queries;
    if (!get_list(&questions, &c->n_questions, root, "questions", ASK_N_QUESTION_TYPES,
                  err) ||
        !get_list(&queries, &c->n_queries, root, "queries", ASK_QUERIES_MOST, err))
        return false;
    for (int i = 0; i < c->n_questions; i++)
        if (!read_question(&c->questions[i], c, ask_json_item(questions, (size_t)i), err))
            return false;
    for (int i = 0; i < c->n_queries; i++)
        if (!read_query(&c->queries[i], c, ask_json_item(queries, (size_t)i), err))
            return false;
    return true;
}

/* ---- the document ---- */

static bool read_root(ask_world_clip *out, ask_json_value root, ask_error *err)
{
    ask_world_clip c = {.texts = ask_arena_new(0)};
    bool ok = (c.texts || ask_fail_memory(err)) && read_head(&c.scene, root, err) &&
              read_objects(&c, root, err) && read_events(&c, root, err) &&
              read_texts(&c, root, err);
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
