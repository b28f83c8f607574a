/* layout_selective_attention.c - the files of the study Selective-attention-in-VLMs.
 *
 *     datasets/prompts.json               a prompt with numbered questions for each clip
 *     datasets/ground_truth_answer.json   its answers: q1, q2, ...
 *     datasets/labels.json                label, template and placeholders
 *     labels/labels.json                  numbers of the templates
 *     masks/train_000012/masks/           frame_0007_track_1.npy, and mask_metadata.json
 *
 * The study has up to five questions for a clip, the last of which asks what happens in
 * which order; its labels are those of Something-Something V2 (Goyal et al. 2017). Tracks
 * are the toys that the questions are about, and who does something where they are about
 * none in particular. */
#include <stdlib.h>

#include "base/npy.h"
#include "world/layout_priv.h"
#include "world/pick_priv.h"

enum {
    PROMPTS,
    ANSWERS,
    LABELS,
    TEMPLATES,

    MOST_CHOSEN = 4, // besides the last
    SIDE = ASK_WORLD_SIDE_PX,
};

/* ---- which questions ---- */

typedef struct {
    const ask_world_question *items[MOST_CHOSEN];
    int n;
} chosen;

/* Of those that need no options some of every kind, from what is seen to why. */
static chosen choose(const ask_world_clip *c)
{
    const ask_world_question *all[ASK_QUESTIONS_MOST];
    int n = 0;
    for (int k = 0; k < c->n_questions; k++)
        if (ask_question_is_open(&c->questions[k], c->scene.n_frames))
            all[n++] = &c->questions[k];
    chosen some = {.n = n < MOST_CHOSEN ? n : MOST_CHOSEN};
    for (int i = 0; i < some.n; i++) some.items[i] = all[i * n / some.n];
    return some;
}

/* ---- prompts and answers ---- */

/* The lead-in has no word by which readers tell questions. Numbers stand close to them. */
static void put_prompt(ask_json_writer *w, const char *video, const chosen *some)
{
    ask_str text = {0};
    ask_str_append(&text, "Look at the video and answer all of these:");
    for (int i = 0; i < some->n; i++)
        ask_str_printf(&text, " %d.%s", i + 1, some->items[i]->text);
    ask_str_printf(&text, " %d.describe the sequence of actions", some->n + 1);
    ask_json_open_object(w, video);
    ask_json_put_string(w, "prompt", ask_str_text(&text));
    ask_json_close(w);
    w->out->failed |= text.failed;
    ask_str_free(&text);
}

static void put_answers(ask_json_writer *w, const char *video, const ask_world_clip *c,
                        const chosen *some)
{
    ask_str events = {0};
    char key[16];
    layout_tell_events(&events, c);
    ask_json_open_object(w, video);
    for (int i = 0; i < some->n; i++) {
        ask_format(key, sizeof key, "q%d", i + 1);
        ask_json_put_string(w, key, ask_question_open_answer(some->items[i]));
    }
    ask_format(key, sizeof key, "q%d", some->n + 1);
    ask_json_put_string(w, key, ask_str_text(&events));
    ask_json_close(w);
    w->out->failed |= events.failed;
    ask_str_free(&events);
}

/* ---- labels: what happens first ---- */

/* "[something] hits [something]", or with the nouns in their places. */
static void say_label(ask_str *out, ask_event_kind kind, const char *toy, const char *other)
{
    ask_str_printf(out, "%s %s", toy, ask_event_name(kind));
    if (ask_event_kind_moves_other(kind)) ask_str_printf(out, " %s", other);
}

static void say_noun(ask_str *out, const ask_scene *s, int toy, int frame)
{
    ask_phrase p = ask_pick_toy(&s->toys[toy], ASK_PICK_COLOR | ASK_PICK_SHAPE);
    p.color = (int8_t)ask_scene_color_of(s, toy, frame);
    ask_phrase_noun(out, p);
}

static void put_label(ask_json_writer *w, const char *video, const ask_scene *s)
{
    static const char hole[] = "[something]";
    const ask_event *e = &s->events[0];
    ask_str label = {0}, template = {0}, toy = {0}, other = {0};
    say_noun(&toy, s, e->toy, e->begin);
    if (ask_event_kind_moves_other(e->kind)) say_noun(&other, s, e->other, e->begin);
    say_label(&label, e->kind, ask_str_text(&toy), ask_str_text(&other));
    say_label(&template, e->kind, hole, hole);
    ask_json_open_object(w, video);
    ask_json_put_string(w, "label", ask_str_text(&label));
    ask_json_put_string(w, "template", ask_str_text(&template));
    ask_json_open_array(w, "placeholders");
    ask_json_put_string(w, NULL, ask_str_text(&toy));
    if (ask_event_kind_moves_other(e->kind))
        ask_json_put_string(w, NULL, ask_str_text(&other));
    ask_json_close(w);
    ask_json_close(w);
    w->out->failed |= label.failed || template.failed || toy.failed || other.failed;
    ask_str_free(&label);
    ask_str_free(&template);
    ask_str_free(&toy);
    ask_str_free(&other);
}

static void put_templates(ask_json_writer *w)
{
    ask_json_open_object(w, NULL);
    for (int i = 0; i < ASK_N_EVENTS; i++) {
        ask_str template = {0};
        char number[16];
        say_label(&template, (ask_event_kind)i, "[something]", "[something]");
        ask_format(number, sizeof number, "%d", i);
        ask_json_put_string(w, ask_str_text(&template), number);
        w->out->failed |= template.failed;
        ask_str_free(&template);
    }
    ask_json_close(w);
}

/* ---- masks ---- */

typedef struct {
    int toys[ASK_SCENE_MAX_TOYS], n; // track i + 1 is toys[i]
} tracks;

static void add_track(tracks *t, int toy)
{
    for (int i = 0; i < t->n; i++)
        if (t->toys[i] == toy) return;
    t->toys[t->n++] = toy;
}

static tracks tracks_of(const ask_world_clip *c, const chosen *some)
{
    tracks t = {.n = 0};
    for (int i = 0; i < some->n; i++)
        for (int k = 0; k < some->items[i]->n_objects; k++)
            add_track(&t, some->items[i]->objects[k]);
    for (int i = 0; i < c->scene.n_events && t.n == 0; i++)
        add_track(&t, c->scene.events[i].toy);
    return t;
}

static void mask_name(char out[64], int frame, int track)
{
    ask_format(out, 64, "frame_%04d_track_%d.npy", frame, track);
}

static bool write_mask(const layout_run *r, const char *video, const ask_scene_view *v,
                       int toy, int track, ask_error *err)
{
    uint8_t mask[SIDE * SIDE];
    const int64_t shape[] = {SIDE, SIDE};
    char name[64];
    mask_name(name, v->frame, track);
    for (int i = 0; i < SIDE * SIDE; i++) mask[i] = v->ids[i] == toy + 1;
    char *path = layout_path(r, err, "masks/%s/masks/%s", video, name);
    bool ok = path && ask_npy_write(path, ASK_NPY_U1, 2, shape, mask, err);
    free(path);
    return ok;
}

/* The box's last pixels are in it. */
static void put_mask(ask_json_writer *w, const ask_toy_view *t, int frame, int track)
{
    char name[64];
    mask_name(name, frame, track);
    const int box[] = {t->x0, t->y0, t->x1 - 1, t->y1 - 1};
    ask_json_open_object(w, NULL);
    ask_json_put_int(w, "track_id", track);
    ask_json_open_array(w, "bbox");
    for (int i = 0; i < 4; i++) ask_json_put_int(w, NULL, box[i]);
    ask_json_close(w);
    ask_json_put_string(w, "mask_file", name);
    ask_json_put_double(w, "score", 1);
    ask_json_close(w);
}

/* The masks of a frame, and their part of mask_metadata.json. */
static bool add_frame(const layout_run *r, const char *video, ask_json_writer *w,
                      const ask_scene_view *v, const tracks *t, ask_error *err)
{
    char key[16];
    bool ok = true;
    ask_format(key, sizeof key, "%d", v->frame);
    ask_json_open_array(w, key);
    for (int i = 0; i < t->n && ok; i++) {
        const ask_toy_view *toy = &v->toys[t->toys[i]];
        if (toy->n_px == 0) continue;
        put_mask(w, toy, v->frame, i + 1);
        ok = write_mask(r, video, v, t->toys[i], i + 1, err);
    }
    ask_json_close(w);
    return ok;
}

static bool write_text(const layout_run *r, const char *video, const ask_str *text,
                       ask_error *err)
{
    if (text->failed) return ask_fail_memory(err);
    char *path = layout_path(r, err, "masks/%s/masks/mask_metadata.json", video);
    bool ok = path && ask_file_write(path, text->data, text->length, err);
    free(path);
    return ok;
}

static bool add_masks(const layout_run *r, const char *video, const ask_world_clip *c,
                      const tracks *t, ask_error *err)
{
    ask_str text = {0};
    ask_json_writer w = {.out = &text};
    bool ok = true;
    ask_json_open_object(&w, NULL);
    for (int f = 0; f < c->scene.n_frames && ok; f++)
        ok = add_frame(r, video, &w, &c->views[f], t, err);
    ask_json_close(&w);
    ok = ok && write_text(r, video, &text, err);
    ask_str_free(&text);
    return ok;
}

/* ---- all of it ---- */

static bool begin(layout_run *r, ask_error *err)
{
    (void)err;
    put_templates(&r->files[TEMPLATES].json);
    return true;
}

static bool add(layout_run *r, const ask_world_clip *c, ask_error *err)
{
    char video[LAYOUT_VIDEO_CHARS];
    chosen some = choose(c);
    tracks t = tracks_of(c, &some);
    layout_video(video, c);
    put_prompt(&r->files[PROMPTS].json, video, &some);
    put_answers(&r->files[ANSWERS].json, video, c, &some);
    put_label(&r->files[LABELS].json, video, &c->scene);
    return add_masks(r, video, c, &t, err);
}

const layout_kind layout_selective_attention = {
    .name = "selective-attention",
    .title = "Selective-attention-in-VLMs (prompts, answers, masks)",
    .asks = true,
    .split_words = {"train", "val", "test"},
    .files = {[PROMPTS] = {.name = "datasets/prompts.json", .form = LAYOUT_MAP},
              [ANSWERS] = {.name = "datasets/ground_truth_answer.json", .form = LAYOUT_MAP},
              [LABELS] = {.name = "datasets/labels.json", .form = LAYOUT_MAP},
              [TEMPLATES] = {.name = "labels/labels.json"}},
    .videos = "VideoTest",
    .begin = begin,
    .add = add,
};
