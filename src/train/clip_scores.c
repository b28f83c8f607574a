#include "train/clip_scores.h"

static const char *kind_name(int kind)
{
    static const char *const names[] = {
        [ASK_KIND_COLOR] = "color", [ASK_KIND_SHAPE] = "shape",
        [ASK_KIND_SIZE] = "size",   [ASK_KIND_TEXTURE] = "texture",
        [ASK_KIND_PLACE] = "place",
    };
    return kind < ASK_KIND_EVENT ? names[kind]
                                 : ask_event_name((ask_event_kind)(kind - ASK_KIND_EVENT));
}

static void add_pair(ask_clip_scores *s, unsigned kinds, bool truth, bool right)
{
    for (int k = 0; k < ASK_N_CLIP_KINDS; k++) {
        if (!(kinds & 1U << k)) continue;
        s->n[k][truth]++;
        s->n_right[k][truth] += right;
    }
}

void ask_clip_scores_add(ask_clip_scores *s, const ask_clip_batch *b, const float *logits)
{
    size_t n_frames = (size_t)b->size.n_clips * (size_t)b->size.n_frames;
    size_t n_texts = (size_t)b->size.n_texts;
    for (size_t i = 0; i < n_frames * n_texts; i++) {
        if (b->frame_weights[i] <= 0) continue;
        bool truth = b->frame_labels[i] > 0;
        add_pair(s, b->kinds[i % n_texts], truth, (logits[i] > 0) == truth);
    }
}

void ask_clip_scores_put(ask_json_writer *w, const ask_clip_scores *s)
{
    ask_json_open_object(w, "accuracy");
    for (int k = 0; k < ASK_N_CLIP_KINDS; k++) {
        if (!s->n[k][false] || !s->n[k][true]) continue;
        double of_true = (double)s->n_right[k][true] / (double)s->n[k][true];
        double of_others = (double)s->n_right[k][false] / (double)s->n[k][false];
        ask_json_put_double(w, kind_name(k), 0.5 * (of_true + of_others));
    }
    ask_json_close(w);
}
