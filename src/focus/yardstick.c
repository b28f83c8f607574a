#include "focus/yardstick.h"

#include <stdlib.h>
#include <string.h>

#include "base/checked.h"

static ask_model_info model_of(const ask_session *s)
{
    return ask_model_info_of(ask_session_model(s));
}

/* ---- tokens ---- */

static bool count_texts(int64_t *n_tokens, ask_session *s, const char *const *texts, int n,
                        ask_error *err)
{
    const ask_model_info model = model_of(s);
    for (int i = 0; i < n; i++) {
        int n_of_text;
        if (!ask_count_tokens(s, texts[i], &n_of_text, NULL, err)) return false;
        if (n_of_text > model.n_context) {
            ask_fail(
                err, ASK_ERR_MODEL,
                "a prompt has %d tokens, and the model takes %d: shorten \"%.40s\", or "
                "have prompts made that fit with `askance model calibrate`",
                n_of_text, model.n_context, texts[i]);
            return ask_fail_in(err, "%s/calibration.json", model.dir);
        }
        *n_tokens += n_of_text;
    }
    return true;
}

bool ask_yardstick_count(int64_t *n_tokens, ask_session *s, const ask_calibration *c,
                         ask_error *err)
{
    int64_t n = 0;
    if (!count_texts(&n, s, c->background, c->n_background, err) ||
        !count_texts(&n, s, c->sentences, c->n_sentences, err))
        return false;
    *n_tokens = n;
    return true;
}

/* ---- embeddings ---- */

/* Background prompts, then random sentences; freed with free(). NULL on failure. */
static float *embed_prompts(ask_session *s, const ask_calibration *c,
                            const ask_cancel *cancel, ask_error *err)
{
    size_t n_background = (size_t)c->n_background;
    size_t n = n_background + (size_t)c->n_sentences, n_bytes;
    float *out = NULL;
    const char **texts = malloc(n * sizeof *texts);
    if (ask_mul_size(&n_bytes, n * sizeof *out, (size_t)model_of(s).n_embed))
        out = malloc(n_bytes);
    bool ok = (out && texts) || ask_fail_memory(err);
    if (ok) {
        memcpy(texts, c->background, n_background * sizeof *texts);
        memcpy(texts + n_background, c->sentences, (n - n_background) * sizeof *texts);
        ok = ask_embed_texts(s, out, texts, (int)n, cancel, err);
    }
    free(texts);
    if (ok) return out;
    free(out);
    return NULL;
}

bool ask_yardstick_make(ask_yardstick *out, ask_session *s, const ask_calibration *c,
                        const ask_cancel *cancel, ask_error *err)
{
    ask_yardstick y = {.calibration = c};
    if (!ask_yardstick_count(&y.n_tokens, s, c, err) ||
        !(y.prompts = embed_prompts(s, c, cancel, err)))
        return false;
    *out = y;
    return true;
}

void ask_yardstick_free(ask_yardstick *y)
{
    if (!y) return;
    free(y->prompts);
    free(y->grey);
    *y = (ask_yardstick){0};
}

/* ---- a grey picture ---- */

bool ask_embed_grey(float *out, ask_session *s, const ask_cancel *cancel, ask_error *err)
{
    const ask_model_info model = model_of(s);
    size_t side = (size_t)model.image_px;
    float *grey = calloc((size_t)model.n_channels * side * side, sizeof *grey);
    bool ok =
        (grey || ask_fail_memory(err)) && ask_embed_pixels(s, out, grey, 1, cancel, err);
    free(grey);
    return ok;
}

bool ask_yardstick_see_grey(ask_yardstick *y, ask_session *s, const ask_cancel *cancel,
                            ask_error *err)
{
    const ask_model_info model = model_of(s);
    size_t n_vectors = (size_t)model.n_vectors;
    float *grey = malloc(n_vectors * (size_t)model.n_embed * sizeof *grey);
    if (!grey) return ask_fail_memory(err);
    if (!ask_embed_grey(grey, s, cancel, err)) {
        free(grey);
        return false;
    }
    free(y->grey);
    y->grey = grey;
    return true;
}
