#include "train/clip_playroom.h"

#include <stdlib.h>

#include "base/options.h"
#include "train/clip_labels.h"
#include "train/playroom_pictures.h"
#include "world/clip_files.h"
#include "world/sample.h"

struct ask_clip_playroom {
    ask_clip_playroom_options opt;
    ask_world_info world; // of opt.dir
    ask_playroom_pictures *pictures;

    /* What the batch shows. */
    ask_scene *scenes;     // [C]
    ask_scene_view *views; // [F]
    ask_phrase *phrases;   // [T]

    ask_tokens tokens;
    ask_str question, answer;
};

/* ---- opening ---- */

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
    size_t n_clips = (size_t)s->n_clips;
    p->scenes = calloc(n_clips, sizeof *p->scenes);
    p->views = calloc(n_clips * (size_t)s->n_frames, sizeof *p->views);
    p->phrases = calloc((size_t)s->n_texts, sizeof *p->phrases);
    return (p->scenes && p->views && p->phrases) || ask_fail_memory(err);
}

static bool open_pictures(ask_clip_playroom *p, ask_error *err)
{
    const ask_clip_batch_size *s = &p->opt.size;
    p->pictures =
        ask_playroom_pictures_open(p->opt.preprocess, s->n_channels, s->side_px, err);
    return p->pictures;
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
    if (ask_clip_batch_size_check(&p->opt.size, err) && open_pictures(p, err) &&
        open_world(p, err) && allocate(p, err))
        return p;
    ask_clip_playroom_close(p);
    return NULL;
}

void ask_clip_playroom_close(ask_clip_playroom *p)
{
    if (!p) return;
    ask_playroom_pictures_close(p->pictures);
    ask_tokens_free(&p->tokens);
    ask_str_free(&p->question);
    ask_str_free(&p->answer);
    free(p->scenes);
    free(p->views);
    free(p->phrases);
    free(p);
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
    float *out = b->pixels + f * (size_t)b->size.n_channels * side * side;
    int frame = draw_frame(s, k, r);
    return v ? ask_playroom_pictures_read(p->pictures, out, &p->views[f], s, frame, v, err)
             : ask_playroom_pictures_paint(p->pictures, out, &p->views[f], s, frame, r,
                                           err);
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
        ask_scene_make(&p->scenes[clip], p->opt.seed, index, p->opt.split,
                       p->opt.style ? *p->opt.style : ask_scene_simple());
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

/* The row of a text. Networks that read an end token read the first of them. */
static bool encode(ask_clip_playroom *p, int64_t *row, int length, ask_error *err)
{
    if (p->question.failed || p->answer.failed) return ask_fail_memory(err);
    const char *text = ask_str_text(&p->question);
    if (!ask_tokenizer_encode(p->opt.tokenizer, text, NULL, !p->opt.bare, &p->tokens, err))
        return false;
    int n = p->tokens.n;
    if (n < 1 || n > length)
        return ask_fail(err, ASK_ERR_LIMIT,
                        "\"%s\" has %d tokens, the batch has room for %d", text, n, length);
    int64_t filler = p->opt.bare ? p->opt.pad_id : p->tokens.tokens[n - 1].id;
    for (int i = 0; i < length; i++) row[i] = i < n ? p->tokens.tokens[i].id : filler;
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
