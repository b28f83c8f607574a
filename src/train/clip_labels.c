#include "train/clip_labels.h"

#include <string.h>

#include "train/timeline_truth_priv.h"

static int n_frames_of(const ask_clip_batch *b)
{
    return b->size.n_clips * b->size.n_frames;
}

static const ask_scene *scene_of(const ask_clip_batch *b, const ask_clip_truth *t,
                                 int frame)
{
    return &t->scenes[frame / b->size.n_frames];
}

static bool is_denied(const ask_clip_batch *b, int text)
{
    return text >= b->size.n_texts - b->size.n_denied;
}

/* The truth of a text from that of its phrase. */
static ask_truth truth_of_text(const ask_clip_batch *b, int text, ask_truth of_phrase)
{
    if (!is_denied(b, text)) return of_phrase;
    return of_phrase == ASK_YES ? ASK_NO : ASK_UNCLEAR;
}

/* ---- frames and moments ---- */

static ask_truth truth_of(const ask_clip_batch *b, const ask_clip_truth *t, int frame,
                          int text)
{
    ask_truth truth =
        ask_phrase_holds(scene_of(b, t, frame), &t->views[frame], t->phrases[text], NULL);
    return truth_of_text(b, text, truth);
}

static void label_frames(ask_clip_batch *b, const ask_clip_truth *t, int text)
{
    int n_texts = b->size.n_texts, n = n_frames_of(b), count[3] = {0};
    for (int f = 0; f < n; f++) {
        size_t at = (size_t)f * (size_t)n_texts + (size_t)text;
        ask_truth truth = truth_of(b, t, f, text);
        count[truth]++;
        b->frame_labels[at] = truth == ASK_YES ? 1 : 0;
        b->frame_weights[at] = truth == ASK_UNCLEAR ? 0 : 1;
    }
    for (int f = 0; f < n; f++) {
        size_t at = (size_t)f * (size_t)n_texts + (size_t)text;
        int alike = count[b->frame_labels[at] != 0 ? ASK_YES : ASK_NO];
        if (alike) b->frame_weights[at] *= 0.5F / (float)alike / (float)n_texts;
    }
}

/* The frames of one clip; whether some are true and some are not. */
static bool label_moment(ask_clip_batch *b, int clip, int text)
{
    size_t each = (size_t)b->size.n_frames, n_texts = (size_t)b->size.n_texts;
    size_t row = ((size_t)clip * n_texts + (size_t)text) * each;
    size_t n_clear = 0, n_true = 0;
    for (size_t k = 0; k < each; k++) {
        size_t at = ((size_t)clip * each + k) * n_texts + (size_t)text;
        b->moment_mask[row + k] = b->frame_weights[at] > 0;
        n_clear += b->moment_mask[row + k];
        n_true += b->frame_labels[at] > 0;
    }
    bool judged = n_true > 0 && n_true < n_clear;
    for (size_t k = 0; k < each; k++) {
        size_t at = ((size_t)clip * each + k) * n_texts + (size_t)text;
        bool shares = judged && b->frame_labels[at] > 0;
        b->moment_targets[row + k] = shares ? 1.0F / (float)n_true : 0;
    }
    return judged;
}

static void label_moments(ask_clip_batch *b)
{
    int n_judged = 0;
    for (int c = 0; c < b->size.n_clips; c++)
        for (int t = 0; t < b->size.n_texts; t++) n_judged += label_moment(b, c, t);
    size_t n = (size_t)n_frames_of(b) * (size_t)b->size.n_texts;
    for (size_t i = 0; i < n && n_judged; i++) b->moment_targets[i] /= (float)n_judged;
}

/* ---- patches ---- */

/* What the pixels [x0, x1) x [y0, y1) of a view show. */
static int thing_at(const ask_scene_view *v, int x0, int x1, int y0, int y1)
{
    int count[ASK_SCENE_MAX_TOYS + 1] = {0}, best = 1;
    for (int y = y0; y < y1; y++)
        for (int x = x0; x < x1; x++) count[v->ids[y * ASK_WORLD_SIDE_PX + x]]++;
    for (int id = 2; id <= ASK_SCENE_MAX_TOYS; id++)
        if (count[id] > count[best]) best = id;
    int area = (x1 - x0) * (y1 - y0);
    if (count[0] == area) return ASK_THING_BACKGROUND;
    return 4 * count[best] >= area ? ASK_THING_TOY + best - 1 : ASK_THING_UNCLEAR;
}

/* The same where a patch is about the toy whose middle is in it: what has but a part of a
 * toy shows nothing clearly. */
static int thing_in_middle(const ask_scene *s, const ask_scene_view *v, int patch,
                           int n_side, int thing)
{
    int toy = ask_toy_in_cell(s, v, patch, n_side);
    if (toy >= 0) return ASK_THING_TOY + toy;
    return toy == ASK_CELL_EMPTY && thing == ASK_THING_BACKGROUND ? thing
                                                                  : ASK_THING_UNCLEAR;
}

/* The patches of a frame; what is left of it beside the last whole patch shows nothing. */
static void find_things(ask_clip_batch *b, const ask_scene *s, const ask_scene_view *v,
                        int frame)
{
    int patch = b->size.patch_px, side = b->size.side_px, n = side / patch;
    int64_t *out = b->patch_things + (size_t)frame * (size_t)n * (size_t)n;
    for (int row = 0; row < n; row++) {
        int y0 = row * patch * ASK_WORLD_SIDE_PX / side;
        int y1 = (row + 1) * patch * ASK_WORLD_SIDE_PX / side;
        for (int column = 0; column < n; column++) {
            int x0 = column * patch * ASK_WORLD_SIDE_PX / side;
            int x1 = (column + 1) * patch * ASK_WORLD_SIDE_PX / side;
            int thing = thing_at(v, x0, x1, y0, y1);
            if (b->size.by_middle)
                thing = thing_in_middle(s, v, row * n + column, n, thing);
            *out++ = (int64_t)frame * ASK_N_THINGS + thing;
        }
    }
}

/* Why a thing weighs what it weighs. */
typedef enum { ROLE_NONE, ROLE_TRUE, ROLE_OTHER_TOY, ROLE_BACKGROUND, N_ROLES } role;

static role role_of(const ask_clip_batch *b, const ask_clip_truth *t, int frame, int thing,
                    int text)
{
    const ask_scene *s = scene_of(b, t, frame);
    if (thing == ASK_THING_BACKGROUND)
        return is_denied(b, text) ? ROLE_NONE : ROLE_BACKGROUND;
    if (thing < ASK_THING_TOY || thing - ASK_THING_TOY >= s->n_toys) return ROLE_NONE;
    ask_truth truth =
        ask_phrase_holds_of(s, &t->views[frame], t->phrases[text], thing - ASK_THING_TOY);
    static const role roles[] = {
        [ASK_NO] = ROLE_OTHER_TOY, [ASK_UNCLEAR] = ROLE_NONE, [ASK_YES] = ROLE_TRUE};
    return roles[truth_of_text(b, text, truth)];
}

/* n_patches: of each thing of each frame. */
static void label_things(ask_clip_batch *b, const ask_clip_truth *t, int text,
                         const int *n_patches)
{
    int n = n_frames_of(b) * ASK_N_THINGS, count[N_ROLES] = {0};
    size_t n_texts = (size_t)b->size.n_texts;
    for (int i = 0; i < n; i++) {
        role r = n_patches[i] ? role_of(b, t, i / ASK_N_THINGS, i % ASK_N_THINGS, text)
                              : ROLE_NONE;
        count[r] += n_patches[i];
        b->thing_labels[(size_t)i * n_texts + (size_t)text] = r == ROLE_TRUE ? 1 : 0;
        b->thing_weights[(size_t)i * n_texts + (size_t)text] = (float)r;
    }
    float share[N_ROLES] = {0};
    bool both = count[ROLE_OTHER_TOY] && count[ROLE_BACKGROUND];
    for (int r = ROLE_TRUE; r < N_ROLES; r++)
        if (count[r])
            share[r] =
                (r != ROLE_TRUE && both ? 0.25F : 0.5F) / (float)count[r] / (float)n_texts;
    for (int i = 0; i < n; i++) {
        float *weight = &b->thing_weights[(size_t)i * n_texts + (size_t)text];
        *weight = share[(role)*weight];
    }
}

/* ---- all of it ---- */

static unsigned kinds_of(ask_phrase p)
{
    unsigned kinds = 0;
    if (p.color != ASK_ANY) kinds |= 1U << ASK_KIND_COLOR;
    if (p.shape != ASK_ANY) kinds |= 1U << ASK_KIND_SHAPE;
    if (p.size != ASK_ANY) kinds |= 1U << ASK_KIND_SIZE;
    if (p.texture != ASK_ANY) kinds |= 1U << ASK_KIND_TEXTURE;
    if (p.place != ASK_ANY) kinds |= 1U << ASK_KIND_PLACE;
    if (p.event != ASK_ANY) kinds |= 1U << (ASK_KIND_EVENT + p.event);
    return kinds;
}

void ask_clip_label(ask_clip_batch *b, const ask_clip_truth *t)
{
    int n = n_frames_of(b);
    size_t per_frame = (size_t)ask_clip_batch_n_patches(&b->size);
    memset(b->n_patches, 0, (size_t)n * ASK_N_THINGS * sizeof *b->n_patches);
    for (int f = 0; f < n; f++) {
        find_things(b, scene_of(b, t, f), &t->views[f], f);
        for (size_t i = 0; i < per_frame; i++)
            b->n_patches[b->patch_things[(size_t)f * per_frame + i]]++;
    }
    for (int text = 0; text < b->size.n_texts; text++) {
        label_frames(b, t, text);
        label_things(b, t, text, b->n_patches);
        b->kinds[text] = is_denied(b, text) ? 0 : kinds_of(t->phrases[text]);
    }
    label_moments(b);
}
