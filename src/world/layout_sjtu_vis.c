/* layout_sjtu_vis.c - pictures, what is said about them, and where people then look, in the
 * style of SJTU-VIS.
 *
 *     image/000000000007.png         a frame of clip 7, and again as _0, _1, ...
 *     fixation/000000000007.png      where they look at it: 255 where somebody does, else 0
 *     fixation/000000000007_0.png    having heard what all of it shows
 *     fixation/000000000007_1.png    having heard of the first toy, and so on
 *     text.xlsx                      what they heard: sheets "overall" and "partial"
 *
 * After: the course release of SJTU-TIS (Sun et al. 2024). Nobody has looked at these: gaze
 * is drawn from the masks of the toys, a toy that was named three times in four. */
#include <stdlib.h>
#include <string.h>

#include "base/xlsx_write.h"
#include "media/image.h"
#include "world/layout_priv.h"
#include "world/pick_priv.h"

enum {
    SIDE = ASK_WORLD_SIDE_PX,
    N_OBSERVERS = 15,
    LOOKS_EACH = 8,
    MOST_NAMED = 3,
    ALL_FIELDS = ASK_PICK_COLOR | ASK_PICK_SHAPE | ASK_PICK_SIZE | ASK_PICK_TEXTURE,
};

typedef struct {
    ask_xlsx_writer book;
    int overall, partial; // sheets
} state;

/* The toys of a frame, by the order in which they are named. */
typedef struct {
    const ask_world_clip *clip;
    int frame;
    int toys[ASK_SCENE_MAX_TOYS], n;
} sight;

/* ---- which frame ---- */

static sight seen_at(const ask_world_clip *c, int frame)
{
    sight s = {.clip = c, .frame = frame};
    for (int i = 0; i < c->scene.n_toys; i++) {
        const ask_toy_view *v = &c->views[frame].toys[i];
        if (v->n_px > 0 && 2 * v->n_px >= v->n_full_px) s.toys[s.n++] = i;
    }
    return s;
}

/* The frame with the most toys; of several, the one nearest to the middle. */
static sight choose(const ask_world_clip *c)
{
    int middle = c->scene.n_frames / 2;
    sight best = seen_at(c, middle);
    for (int t = 0; t < c->scene.n_frames; t++) {
        sight s = seen_at(c, t);
        if (s.n > best.n || (s.n == best.n && abs(t - middle) < abs(best.frame - middle)))
            best = s;
    }
    return best;
}

/* ---- words ---- */

static void say_toy(ask_str *out, const sight *s, int k)
{
    const ask_scene *scene = &s->clip->scene;
    ask_phrase p = ask_pick_toy(&scene->toys[s->toys[k]], ALL_FIELDS);
    p.color = (int8_t)ask_scene_color_of(scene, s->toys[k], s->frame);
    ask_str question = {0};
    ask_phrase_say(&question, out, p, ASK_SAY_CAPTION, 0);
    ask_str_free(&question);
}

static void say_all(ask_str *out, const sight *s)
{
    for (int k = 0; k < s->n; k++) {
        if (k > 0) ask_str_append(out, k == s->n - 1 ? " and " : ", ");
        say_toy(out, s, k);
    }
}

/* A row: the picture, which of its descriptions it is (0: the only one), the text. */
static bool put_row(ask_xlsx_writer *w, int sheet, const sight *s, int description,
                    ask_str *text, ask_error *err)
{
    ask_xlsx_put_int(w, sheet, s->clip->scene.index);
    if (description > 0) ask_xlsx_put_int(w, sheet, description);
    ask_xlsx_put(w, sheet, ask_str_text(text));
    ask_xlsx_end_row(w, sheet);
    bool ok = !text->failed || ask_fail_memory(err);
    ask_str_free(text);
    return ok;
}

static bool put_texts(state *st, const sight *s, ask_error *err)
{
    ask_str text = {0};
    say_all(&text, s);
    bool ok = put_row(&st->book, st->overall, s, 0, &text, err);
    for (int k = 0; k < s->n && k < MOST_NAMED && ok; k++) {
        say_toy(&text, s, k);
        ok = put_row(&st->book, st->partial, s, k + 1, &text, err);
    }
    return ok;
}

/* ---- gaze ---- */

/* A pixel of a toy, each as likely as another. */
static int draw_pixel(const sight *s, int k, ask_rng *rng)
{
    const ask_scene_view *v = &s->clip->views[s->frame];
    int toy = s->toys[k], left = (int)ask_rng_below(rng, (uint64_t)v->toys[toy].n_px);
    for (int i = 0;; i++)
        if (v->ids[i] == toy + 1 && left-- == 0) return i;
}

/* named: the place in s->toys of the one that was named; -1: all or none. */
static void look(uint8_t map[SIDE * SIDE], const sight *s, int named, ask_rng *rng)
{
    memset(map, 0, SIDE * SIDE);
    for (int i = 0; i < N_OBSERVERS * LOOKS_EACH && s->n > 0; i++) {
        bool follows = named >= 0 && ask_rng_below(rng, 4) < 3;
        int k = follows ? named : (int)ask_rng_below(rng, (uint64_t)s->n);
        map[draw_pixel(s, k, rng)] = 255;
    }
}

/* ---- pictures ---- */

/* "image/000000000007_1.png"; k < 0: without the last part. */
static bool write_png(const layout_run *r, const char *folder, const sight *s, int k,
                      const ask_image *image, ask_error *err)
{
    char suffix[16] = "";
    if (k >= 0) ask_format(suffix, sizeof suffix, "_%d", k);
    char *path = layout_path(r, err, "%s/%012lld%s.png", folder,
                             (long long)s->clip->scene.index, suffix);
    bool ok = path && ask_image_write_png(image, path, err);
    free(path);
    return ok;
}

/* For every condition: nothing said (-1), all said (0), a toy named (1, 2, ...). */
static bool write_pictures(const layout_run *r, const sight *s, const ask_image *seen,
                           ask_error *err)
{
    ask_rng all = ask_pick_rng(&s->clip->scene, "gaze");
    for (int k = -1; k <= s->n && k <= MOST_NAMED; k++) {
        uint8_t pixels[SIDE * SIDE];
        const ask_image map = {SIDE, SIDE, 1, pixels};
        ask_rng rng = ask_rng_split_at(&all, (uint64_t)(k + 1));
        look(pixels, s, k > 0 ? k - 1 : -1, &rng);
        if (!write_png(r, "image", s, k, seen, err) ||
            !write_png(r, "fixation", s, k, &map, err))
            return false;
    }
    return true;
}

static bool add(layout_run *r, const ask_world_clip *c, ask_error *err)
{
    sight s = choose(c);
    ask_image image;
    if (!put_texts(r->state, &s, err) || !ask_image_new(&image, SIDE, SIDE, 3, err))
        return false;
    ask_paint(r->painter, &c->scene, s.frame, &image, NULL);
    bool ok = write_pictures(r, &s, &image, err);
    ask_image_free(&image);
    return ok;
}

/* ---- the workbook ---- */

static void put_head(ask_xlsx_writer *w, int sheet, const char *const *names)
{
    for (int i = 0; names[i]; i++) ask_xlsx_put(w, sheet, names[i]);
    ask_xlsx_end_row(w, sheet);
}

static bool begin(layout_run *r, ask_error *err)
{
    (void)err;
    state *st = r->state;
    st->overall = ask_xlsx_add_sheet(&st->book, "overall");
    st->partial = ask_xlsx_add_sheet(&st->book, "partial");
    put_head(&st->book, st->overall, (const char *const[]){"image", "text", NULL});
    put_head(&st->book, st->partial,
             (const char *const[]){"image", "description", "text", NULL});
    return true;
}

static bool end(layout_run *r, ask_error *err)
{
    state *st = r->state;
    return ask_xlsx_end(&st->book, &r->files[0].text, err);
}

static void free_state(void *user)
{
    state *st = user;
    ask_xlsx_free(&st->book);
}

const layout_kind layout_sjtu_vis = {
    .name = "sjtu-vis",
    .title = "SJTU-VIS (pictures, prompts and gaze)",
    .split_words = {"train", "val", "test"},
    .files = {{.name = "text.xlsx"}},
    .alone = true,
    .state_bytes = sizeof(state),
    .begin = begin,
    .add = add,
    .end = end,
    .free_state = free_state,
};
