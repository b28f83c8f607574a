#include "world/truth_json.h"

#include <stdlib.h>

#include "base/json_write.h"
#include "base/rle.h"
#include "world/truth_priv.h"

/* Integers, and quotients of two integers, which are the same everywhere. */
static void put_seconds(ask_json_writer *w, const char *key, int frame)
{
    ask_json_put_double(w, key, frame / (double)ASK_WORLD_FPS);
}

static void put_pair(ask_json_writer *w, const char *key, int a, int b)
{
    ask_json_open_array(w, key);
    ask_json_put_int(w, NULL, a);
    ask_json_put_int(w, NULL, b);
    ask_json_close(w);
}

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
    put_pair(w, "size", SIDE, SIDE);
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
    put_pair(w, "home", t->home_x, t->home_y);
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

static void put_event(ask_json_writer *w, const ask_event *e, const char *caption)
{
    ask_json_open_object(w, NULL);
    ask_json_put_string(w, "kind", ask_event_name(e->kind));
    ask_json_put_int(w, "object", e->toy);
    ask_json_put_int(w, "begin", e->begin);
    ask_json_put_int(w, "end", e->end);
    put_seconds(w, "start_s", e->begin);
    put_seconds(w, "end_s", e->end);
    put_pair(w, "to", e->to_x, e->to_y);
    ask_json_put_int(w, "amount", e->amount);
    ask_json_put_string(w, "caption", caption);
    ask_json_close(w);
}

/* ---- questions and queries ---- */

static void put_phrase(ask_json_writer *w, const char *key, ask_phrase p)
{
    ask_json_open_object(w, key);
    for (int f = 0; f < ASK_N_PHRASE_FIELDS; f++) {
        int value = *ask_truth_phrase_field(&p, (ask_truth_words)f);
        if (value != ASK_ANY)
            ask_json_put_string(w, ask_truth_phrase_key((ask_truth_words)f),
                                ask_truth_word((ask_truth_words)f, value));
    }
    ask_json_close(w);
}

/* "moment" where there is one, and "judged". */
static void put_moment(ask_json_writer *w, ask_world_moment m, bool judged)
{
    if (m.begin < m.end) {
        ask_json_open_object(w, "moment");
        ask_json_put_int(w, "begin", m.begin);
        ask_json_put_int(w, "end", m.end);
        put_seconds(w, "start_s", m.begin);
        put_seconds(w, "end_s", m.end);
        ask_json_close(w);
    }
    ask_json_put_bool(w, "judged", judged);
}

static void put_question(ask_json_writer *w, const ask_world_question *q)
{
    ask_json_open_object(w, NULL);
    ask_json_put_string(w, "type", ask_question_type_name(q->type));
    ask_json_put_string(w, "saying", ask_truth_word(ASK_WORDS_SAYING, (int)q->saying));
    ask_json_put_int(w, "wording", q->wording);
    ask_json_put_string(w, "text", q->text);
    put_phrase(w, "subject", q->subject);
    ask_json_open_array(w, "options");
    for (int i = 0; i < ASK_N_OPTIONS; i++) {
        ask_json_open_object(w, NULL);
        ask_json_put_string(w, "text", q->options[i].text);
        if (q->options[i].has_phrase) put_phrase(w, "phrase", q->options[i].phrase);
        ask_json_close(w);
    }
    ask_json_close(w);
    ask_json_put_int(w, "answer", q->answer);
    put_moment(w, q->moment, q->judged);
    ask_json_close(w);
}

static void put_query(ask_json_writer *w, const ask_world_query *q)
{
    ask_json_open_object(w, NULL);
    ask_json_put_string(w, "kind", ask_query_kind_name(q->kind));
    ask_json_put_string(w, "text", q->text);
    put_phrase(w, "phrase", q->phrase);
    put_moment(w, q->moment, q->judged);
    ask_json_close(w);
}

/* ---- the document ---- */

static void put_head(ask_json_writer *w, const ask_scene *s)
{
    ask_json_put_string(w, "schema", ASK_WORLD_CLIP_SCHEMA);
    ask_json_put_int(w, "seed", (int64_t)s->seed);
    ask_json_put_int(w, "index", s->index);
    ask_json_put_string(w, "split", ask_split_name(s->split));
    ask_json_put_int(w, "width", ASK_WORLD_SIDE_PX);
    ask_json_put_int(w, "height", ASK_WORLD_SIDE_PX);
    ask_json_put_int(w, "fps", ASK_WORLD_FPS);
    ask_json_put_int(w, "n_frames", s->n_frames);
    put_seconds(w, "duration_s", s->n_frames);
    ask_json_open_object(w, "background");
    ask_json_put_int(w, "kind", s->background);
    ask_json_put_int(w, "seed", s->background_seed);
    ask_json_close(w);
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
    ask_json_open_array(&w, "questions");
    for (int i = 0; i < clip->n_questions; i++) put_question(&w, &clip->questions[i]);
    ask_json_close(&w);
    ask_json_open_array(&w, "queries");
    for (int i = 0; i < clip->n_queries; i++) put_query(&w, &clip->queries[i]);
    ask_json_close(&w);
    ask_json_close(&w);
    ask_str_append_char(out, '\n');
    return !out->failed || ask_fail_memory(err);
}
