#include "train/clip_playroom.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "media/video.h"
#include "train/clip_labels.h"
#include "world/clip_files.h"
#include "world/sample.h"

enum { BEFORE, FRAME, AFTER, N_PICTURES };

struct ask_clip_playroom {
    ask_clip_playroom_options opt;
    ask_world_info world; // of opt.dir
    int step;             // frames between two views
    ask_painter *painter;
    ask_image images[N_PICTURES];
    float *prepared; // [N_PICTURES, 3, side, side]

    /* What the batch shows. */
    ask_scene *scenes;     // [C]
    ask_scene_view *views; // [F]
    ask_phrase *phrases;   // [T]

    ask_tokens tokens;
    ask_str question, answer;
};

/* ---- opening ---- */

/* Frames between neighbouring views: of those that the playroom can paint. */
static bool read_views(ask_clip_playroom *p, ask_error *err)
{
    const ask_views *v = &p->opt.preprocess->views;
    p->step = 0;
    if (v->n == 1) return true;
    double step = v->n == N_PICTURES ? round(v->offset_s[AFTER] * ASK_WORLD_FPS) : 0;
    double off = fabs(v->offset_s[AFTER] * ASK_WORLD_FPS - step);
    bool even = fabs(v->offset_s[BEFORE] + v->offset_s[AFTER]) < 1e-6;
    if (v->n != N_PICTURES || v->offset_s[FRAME] != 0 || !even || step < 1 || off > 0.05)
        return ask_fail(err, ASK_ERR_UNSUPPORTED,
                        "\"frame_offsets_s\": the playroom shows the frame alone, or with "
                        "neighbours whole frames of 1/%d s before and behind it",
                        ASK_WORLD_FPS);
    p->step = (int)step;
    return true;
}

static bool check_size(const ask_clip_playroom *p, ask_error *err)
{
    const ask_clip_batch_size *s = &p->opt.size;
    const ask_preprocess *prepare = p->opt.preprocess;
    int width, height;
    if (!ask_preprocess_size(&width, &height, prepare, &p->images[FRAME], err))
        return false;
    if (width == s->side_px && height == s->side_px &&
        3 * prepare->views.n == s->n_channels)
        return true;
    return ask_fail(
        err, ASK_ERR_MODEL,
        "preprocessor_config.json makes pictures of %d x %d and %d channels, the "
        "network takes %d x %d and %d",
        width, height, 3 * prepare->views.n, s->side_px, s->side_px, s->n_channels);
}

static bool open_world(ask_clip_playroom *p, ask_error *err)
{
    if (!p->opt.dir) return true;
    if (!ask_world_open(&p->world, p->opt.dir, err)) return false;
    if (!p->world.style.simple)
        return ask_fail(err, ASK_ERR_USAGE,
                        "%s: is a full world, whose words this model has not; make one "
                        "with `askance world --simple`",
                        p->opt.dir);
    if (p->world.n_ready > 0) return true;
    return ask_fail(err, ASK_ERR_FORMAT, "%s: has no clip yet", p->opt.dir);
}

static bool allocate(ask_clip_playroom *p, ask_error *err)
{
    const ask_clip_batch_size *s = &p->opt.size;
    size_t n_clips = (size_t)s->n_clips, side = (size_t)s->side_px;
    p->prepared = calloc(N_PICTURES * 3 * side * side, sizeof *p->prepared);
    p->scenes = calloc(n_clips, sizeof *p->scenes);
    p->views = calloc(n_clips * (size_t)s->n_frames, sizeof *p->views);
    p->phrases = calloc((size_t)s->n_texts, sizeof *p->phrases);
    if (!p->prepared || !p->scenes || !p->views || !p->phrases) return ask_fail_memory(err);
    p->painter = ask_painter_new(err);
    bool ok = p->painter;
    for (int i = 0; i < N_PICTURES && ok; i++)
        ok = ask_image_new(&p->images[i], ASK_WORLD_SIDE_PX, ASK_WORLD_SIDE_PX, 3, err);
    return ok;
}

ask_clip_playroom *ask_clip_playroom_open(const ask_clip_playroom_options *opt,
                                          ask_error *err)
{
    ask_clip_playroom *p = calloc(1, sizeof *p);
    if (!p) {
        ask_fail_memory(err);
        return NULL;
    }
    ask_options_take(&p->opt, sizeof p->opt, opt);
    if (ask_clip_batch_size_check(&p->opt.size, err) && read_views(p, err) &&
        open_world(p, err) && allocate(p, err) && check_size(p, err))
        return p;
    ask_clip_playroom_close(p);
    return NULL;
}

void ask_clip_playroom_close(ask_clip_playroom *p)
{
    if (!p) return;
    ask_painter_free(p->painter);
    for (int i = 0; i < N_PICTURES; i++) ask_image_free(&p->images[i]);
    ask_tokens_free(&p->tokens);
    ask_str_free(&p->question);
    ask_str_free(&p->answer);
    free(p->prepared);
    free(p->scenes);
    free(p->views);
    free(p->phrases);
    free(p);
}

/* ---- pictures ---- */

static int clamp(int value, int least, int most)
{
    return value < least ? least : value > most ? most : value;
}

static bool copy_picture(void *user, const ask_video_frame *frame, ask_error *err)
{
    ask_image *out = (ask_image *)user + frame->request;
    const ask_image *from = frame->image;
    if (from->width != out->width || from->height != out->height || from->channels != 3)
        return ask_fail(err, ASK_ERR_FORMAT, "a clip of %d x %d is not of the playroom",
                        from->width, from->height);
    memcpy(out->pixels, from->pixels, (size_t)out->width * (size_t)out->height * 3);
    return true;
}

/* From the video of a clip. */
static bool decode(ask_clip_playroom *p, ask_video *v, const ask_scene *s, int frame,
                   ask_error *err)
{
    int64_t index[N_PICTURES];
    for (int i = 0; i < N_PICTURES; i++)
        index[i] = clamp(frame + (i - FRAME) * p->step, 0, s->n_frames - 1);
    return ask_video_frames(v, index, N_PICTURES, NULL, copy_picture, p->images, err);
}

/* The pictures as the network takes them. */
static bool prepare(ask_clip_playroom *p, float *out, ask_error *err)
{
    const ask_views *v = &p->opt.preprocess->views;
    const float *pictures[N_PICTURES];
    size_t size = 3 * (size_t)p->opt.size.side_px * (size_t)p->opt.size.side_px;
    for (int i = 0; i < v->n; i++) {
        const ask_image *image = &p->images[v->n == 1 ? FRAME : i];
        float *picture = p->prepared + (size_t)i * size;
        if (!ask_preprocess_apply(picture, p->opt.preprocess, image, err)) return false;
        pictures[i] = picture;
    }
    ask_views_join(out, v, pictures, size);
    return true;
}

/* ---- frames ---- */

/* Every second frame is one of an event: they are short. */
static int draw_frame(const ask_scene *s, int k, ask_rng *r)
{
    if (k % 2 == 0 || s->n_events == 0) return (int)ask_rng_below(r, (uint64_t)s->n_frames);
    const ask_event *e = &s->events[ask_rng_below(r, (uint64_t)s->n_events)];
    return (int)ask_rng_between(r, e->begin, e->end - 1);
}

static bool fill_frame(ask_clip_playroom *p, ask_clip_batch *b, ask_video *v, int clip,
                       int k, ask_rng *r, ask_error *err)
{
    const ask_scene *s = &p->scenes[clip];
    size_t f = (size_t)clip * (size_t)b->size.n_frames + (size_t)k;
    size_t side = (size_t)b->size.side_px;
    int frame = draw_frame(s, k, r);
    if (v) {
        ask_paint(p->painter, s, frame, NULL, &p->views[f]);
        if (!decode(p, v, s, frame, err)) return false;
    } else {
        ask_sample_paint(p->painter, s, frame, p->step, r, p->images, &p->views[f]);
    }
    float *out = b->pixels + f * (size_t)b->size.n_channels * side * side;
    return prepare(p, out, err);
}

static bool fill_frames(ask_clip_playroom *p, ask_clip_batch *b, ask_video *v, int clip,
                        const ask_rng *stream, ask_error *err)
{
    for (int k = 0; k < b->size.n_frames; k++) {
        ask_rng r = ask_rng_split_at(stream, (uint64_t)k);
        if (!fill_frame(p, b, v, clip, k, &r, err)) return false;
    }
    return true;
}

/* A clip of its own for every place of every step; of a folder, one of those it has. */
static bool fill_clip(ask_clip_playroom *p, ask_clip_batch *b, int clip, int64_t step,
                      const ask_rng *stream, ask_error *err)
{
    if (!p->opt.dir) {
        int64_t index = (step - 1) * b->size.n_clips + clip;
        ask_scene_make(&p->scenes[clip], p->opt.seed, index, ASK_SPLIT_TRAIN,
                       ask_scene_simple());
        return fill_frames(p, b, NULL, clip, stream, err);
    }
    ask_rng r = ask_rng_split(stream, "clip");
    int64_t index = (int64_t)ask_rng_below(&r, (uint64_t)p->world.n_ready);
    ask_scene_make(&p->scenes[clip], p->world.seed, index, p->world.split, p->world.style);
    char *path = ask_world_video_path(p->opt.dir, index, err);
    ask_video *v = path ? ask_video_open(path, NULL, err) : NULL;
    bool ok = v && fill_frames(p, b, v, clip, stream, err);
    if (path && !ok) ask_fail_in(err, "%s", path);
    ask_video_close(v);
    free(path);
    return ok;
}

/* ---- texts ---- */

/* Question and answer, or the denial, one behind the other; a caption has no question. */
static void join(ask_clip_playroom *p, ask_phrase phrase, ask_saying how, int wording,
                 const char *denial)
{
    ask_str_clear(&p->question);
    ask_str_clear(&p->answer);
    ask_phrase_say(&p->question, &p->answer, phrase, how, wording);
    if (p->question.length) ask_str_append_char(&p->question, ' ');
    ask_str_append(&p->question, denial ? denial : ask_str_text(&p->answer));
}

/* As question and answer, or as a caption; each half of the time. */
static void say(ask_clip_playroom *p, ask_phrase phrase, ask_rng *r)
{
    int wording = (int)ask_rng_below(r, ASK_N_WORDINGS);
    ask_saying how = ASK_SAY_CAPTION;
    if (ask_rng_below(r, 2)) how = ask_sample_saying(r, phrase, &wording);
    join(p, phrase, how, wording, NULL);
}

/* The row of a text, filled up with its end token, which the network reads the first of. */
static bool encode(ask_clip_playroom *p, int64_t *row, int length, ask_error *err)
{
    if (p->question.failed || p->answer.failed) return ask_fail_memory(err);
    const char *text = ask_str_text(&p->question);
    if (!ask_tokenizer_encode(p->opt.tokenizer, text, NULL, true, &p->tokens, err))
        return false;
    int n = p->tokens.n;
    if (n < 1 || n > length)
        return ask_fail(err, ASK_ERR_LIMIT,
                        "\"%s\" has %d tokens, the batch has room for %d", text, n, length);
    for (int i = 0; i < length; i++) row[i] = p->tokens.tokens[i < n ? i : n - 1].id;
    return true;
}

/* About a frame of the batch: of every clip as many. */
static ask_phrase draw_phrase(const ask_clip_playroom *p, const ask_clip_batch *b, int text,
                              ask_rng *r)
{
    int clip = text % b->size.n_clips, n = b->size.n_frames;
    int frame = clip * n + (int)ask_rng_below(r, (uint64_t)n);
    return ask_sample_phrase(r, &p->scenes[clip], &p->views[frame]);
}

/* "what colour is the ball?" "there is none": denies the ball. */
static ask_phrase draw_denial(ask_clip_playroom *p, const ask_clip_batch *b, int text,
                              ask_rng *r)
{
    ask_phrase phrase;
    ask_saying how;
    do {
        phrase = draw_phrase(p, b, text, r);
        how = (ask_saying)ask_rng_between(r, ASK_ASK_COLOR, ASK_N_SAYINGS - 1);
    } while (!ask_phrase_fits(phrase, how));
    int wording = (int)ask_rng_below(r, ASK_N_WORDINGS);
    join(p, phrase, how, wording, ask_denial(wording));
    return ask_phrase_subject(phrase, how);
}

static void draw_text(ask_clip_playroom *p, const ask_clip_batch *b, int text, ask_rng *r)
{
    ask_phrase *phrase = &p->phrases[text];
    if (text >= b->size.n_texts - b->size.n_denied) {
        *phrase = draw_denial(p, b, text, r);
        return;
    }
    *phrase = text < b->size.n_coded ? ask_sample_single_demand(text)
                                     : draw_phrase(p, b, text, r);
    say(p, *phrase, r);
}

static bool fill_texts(ask_clip_playroom *p, ask_clip_batch *b, const ask_rng *stream,
                       ask_error *err)
{
    for (int t = 0; t < b->size.n_texts; t++) {
        ask_rng r = ask_rng_split_at(stream, (uint64_t)t);
        draw_text(p, b, t, &r);
        int64_t *row = b->ids + (size_t)t * (size_t)b->size.n_tokens;
        if (!encode(p, row, b->size.n_tokens, err)) return false;
    }
    return true;
}

/* ---- a batch ---- */

bool ask_clip_playroom_fill(ask_clip_playroom *p, ask_clip_batch *b, int64_t step,
                            ask_error *err)
{
    ask_rng root = ask_rng_new(p->opt.seed);
    ask_rng named = ask_rng_split(&root, "clip batches");
    ask_rng stream = ask_rng_split_at(&named, (uint64_t)step);
    for (int c = 0; c < b->size.n_clips; c++) {
        ask_rng clip = ask_rng_split_at(&stream, (uint64_t)c);
        if (!fill_clip(p, b, c, step, &clip, err)) return false;
    }
    ask_rng texts = ask_rng_split(&stream, "texts");
    if (!fill_texts(p, b, &texts, err)) return false;
    ask_clip_label(b, &(ask_clip_truth){p->scenes, p->views, p->phrases});
    return true;
}
