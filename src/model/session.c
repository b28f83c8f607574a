#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "model/image_outputs.h"
#include "model/session_priv.h"
#include "model/video_vectors.h"

enum {
    MOST_IMAGES = 8, // in a batch
    MOST_TEXTS = 32,
};

/* ---- opening ---- */

ask_session *ask_session_open(ask_model *m, ask_error *err)
{
    ask_session *s = calloc(1, sizeof *s);
    if (!s) {
        ask_fail_memory(err);
        return NULL;
    }
    s->model = m;
    return s;
}

void ask_session_close(ask_session *s)
{
    if (!s) return;
    ask_mutex_lock(&s->model->lock);
    session_plans_free(s);
    ask_mutex_unlock(&s->model->lock);
    free(s->answer_vectors);
    free(s);
}

const ask_model *ask_session_model(const ask_session *s)
{
    return s->model;
}

ask_model *model_of_session(ask_session *s)
{
    return s->model;
}

static const network_text *text_of(const ask_session *s, ask_error *err)
{
    const ask_model *m = s->model;
    const network_text *text = network_text_of(m->network, m->net);
    if (!text)
        ask_fail(err, ASK_ERR_UNSUPPORTED, "%s: %s embeds no texts", m->dir,
                 m->network->name);
    return text;
}

/* ---- what can be planned ---- */

static ask_tensor *image_input(ask_graph *g, const ask_model *m, int batch)
{
    int64_t side = m->info.image_px;
    return ask_input(g, ASK_F32, 4, (int64_t[]){batch, m->info.n_channels, side, side});
}

static void plan_images(session_plan *p, const ask_model *m)
{
    p->in[0] = image_input(p->graph, m, p->batch);
    p->out[0] = m->network->dual->image(p->graph, m->net, p->in[0]);
}

static void plan_image_features(session_plan *p, const ask_model *m)
{
    p->in[0] = image_input(p->graph, m, p->batch);
    p->out[0] = m->network->dual->features(p->graph, m->net, p->in[0]);
}

static void plan_patch_states(session_plan *p, const ask_model *m)
{
    p->in[0] = image_input(p->graph, m, p->batch);
    p->out[0] = m->network->dual->patch_states(p->graph, m->net, p->in[0]);
}

static void plan_texts(session_plan *p, const ask_model *m)
{
    p->in[0] = ask_input(p->graph, ASK_I64, 2, (int64_t[]){p->batch, p->length});
    p->out[0] = m->network->text->embed(p->graph, m->net, p->in[0]);
}

static void plan_clips(session_plan *p, const ask_model *m)
{
    network_video_sizes v = m->network->video->sizes(m->net);
    p->in[0] = ask_input(p->graph, ASK_F32, 5,
                         (int64_t[]){p->batch, 3, v.n_frames, v.side_px, v.side_px});
    p->out[0] = m->network->video->embed(p->graph, m->net, p->in[0]);
}

static bool run_plan(ask_session *s, session_build *build, int batch, int length,
                     const void *in, float *out, const ask_cancel *cancel, ask_error *err)
{
    const ask_run_options opt = {.cancel = cancel};
    session_plan *p = session_find_plan(s, build, batch, length, err);
    return p && ask_tensor_write(p->in[0], in, ask_tensor_bytes(p->in[0]), err) &&
           ask_graph_run(p->graph, &opt, err) &&
           ask_tensor_read(p->out[0], out, ask_tensor_bytes(p->out[0]), err);
}

/* One batch, in turn with other sessions. */
static bool run_batch(ask_session *s, session_build *build, int batch, int length,
                      const void *in, float *out, const ask_cancel *cancel, ask_error *err)
{
    if (!ask_cancel_check(cancel, err)) return false;
    ask_mutex_lock(&s->model->lock);
    bool ok = run_plan(s, build, batch, length, in, out, cancel, err);
    ask_mutex_unlock(&s->model->lock);
    return ok;
}

/* ---- images ---- */

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* Of the vectors of a picture. */
static size_t out_floats(const ask_model *m)
{
    return (size_t)m->info.n_vectors * (size_t)m->info.n_embed;
}

static size_t image_floats(const ask_model *m)
{
    return (size_t)m->info.n_channels * (size_t)m->info.image_px * (size_t)m->info.image_px;
}

static session_build *const plan_of[] = {
    [ASK_IMAGE_VECTORS] = plan_images,
    [ASK_IMAGE_FEATURES] = plan_image_features,
    [ASK_IMAGE_PATCH_STATES] = plan_patch_states,
};

void ask_image_output_shape(int64_t shape[2], const ask_model *m, ask_image_output what)
{
    const ask_model_info *info = &m->info;
    shape[0] = what == ASK_IMAGE_VECTORS    ? info->n_vectors
               : what == ASK_IMAGE_FEATURES ? 1
                                            : (int64_t)info->heat_side * info->heat_side;
    shape[1] = what == ASK_IMAGE_PATCH_STATES ? m->network->dual->sizes(m->net).n_state
                                              : info->n_embed;
}

bool ask_image_outputs(ask_session *s, ask_image_output what, float *out,
                       const float *pixels, int n, const ask_cancel *cancel, ask_error *err)
{
    if (!ask_model_check_pictures(s->model, err)) return false;
    int64_t shape[2];
    ask_image_output_shape(shape, s->model, what);
    size_t size = (size_t)shape[0] * (size_t)shape[1];
    for (int i = 0; i < n; i += MOST_IMAGES) {
        if (!run_batch(s, plan_of[what], least(n - i, MOST_IMAGES), 0,
                       pixels + (size_t)i * image_floats(s->model), out + (size_t)i * size,
                       cancel, err))
            return false;
    }
    return true;
}

bool ask_embed_pixels(ask_session *s, float *out, const float *pixels, int n,
                      const ask_cancel *cancel, ask_error *err)
{
    return ask_image_outputs(s, ASK_IMAGE_VECTORS, out, pixels, n, cancel, err);
}

/* The numbers of one prepared picture. */
static size_t picture_floats(const ask_model *m)
{
    return 3 * (size_t)m->info.image_px * (size_t)m->info.image_px;
}

bool ask_prepare_image(const ask_model *m, float *out, const ask_image *image,
                       ask_error *err)
{
    int width, height, side = m->info.image_px;
    if (!ask_preprocess_size(&width, &height, &m->preprocess, image, err)) return false;
    if (width != side || height != side)
        return ask_fail(err, ASK_ERR_MODEL,
                        "%s/%s: a picture of %d x %d becomes %d x %d, the network takes "
                        "%d x %d",
                        m->dir, MODEL_PREPROCESS_FILE, image->width, image->height, width,
                        height, side, side);
    return ask_preprocess_apply(out, &m->preprocess, image, err);
}

void ask_join_images(const ask_model *m, float *out, const float *const *prepared)
{
    ask_views_join(out, &m->preprocess.views, prepared, picture_floats(m));
}

/* One input from the pictures of its views. room: as many floats as the input has. */
static bool prepare_input(float *out, const ask_model *m, const ask_image *images,
                          float *room, ask_error *err)
{
    const float *prepared[ASK_MOST_VIEWS];
    for (int k = 0; k < m->info.n_views; k++) {
        float *picture = room + (size_t)k * picture_floats(m);
        if (!ask_prepare_image(m, picture, &images[k], err)) return false;
        prepared[k] = picture;
    }
    ask_join_images(m, out, prepared);
    return true;
}

/* pixels: room for a batch of inputs and one more. */
static bool embed_prepared(ask_session *s, float *out, const ask_image *images, int n,
                           float *pixels, const ask_cancel *cancel, ask_error *err)
{
    const ask_model *m = s->model;
    size_t size = image_floats(m), n_views = (size_t)m->info.n_views;
    float *room = pixels + (size_t)least(n, MOST_IMAGES) * size;
    for (int i = 0; i < n; i += MOST_IMAGES) {
        int batch = least(n - i, MOST_IMAGES);
        for (int j = 0; j < batch; j++) {
            if (!ask_cancel_check(cancel, err) ||
                !prepare_input(pixels + (size_t)j * size, m,
                               images + (size_t)(i + j) * n_views, room, err))
                return false;
        }
        if (!run_batch(s, plan_images, batch, 0, pixels, out + (size_t)i * out_floats(m),
                       cancel, err))
            return false;
    }
    return true;
}

bool ask_embed_images(ask_session *s, float *out, const ask_image *images, int n,
                      const ask_cancel *cancel, ask_error *err)
{
    const ask_model *m = s->model;
    if (!ask_model_check_pictures(s->model, err)) return false;
    if (m->info.n_views == 0)
        return ask_fail(err, ASK_ERR_UNSUPPORTED,
                        "%s: the network takes %d channels, a picture has 3; "
                        "\"frame_offsets_s\" in %s can say which pictures make them",
                        m->dir, m->info.n_channels, MODEL_PREPROCESS_FILE);
    size_t bytes;
    if (!ask_bytes_of(&bytes, least(n, MOST_IMAGES) + 1, image_floats(m) * sizeof(float)))
        return ask_fail(err, ASK_ERR_USAGE, "%d images", n);
    float *pixels = malloc(bytes);
    if (!pixels) return ask_fail_memory(err);
    bool ok = embed_prepared(s, out, images, n, pixels, cancel, err);
    free(pixels);
    return ok;
}

/* ---- clips ---- */

bool ask_embed_clips(ask_session *s, float *out, const float *clips, int n,
                     const ask_cancel *cancel, ask_error *err)
{
    ask_video_sizes v;
    if (!ask_video_sizes_of(&v, s->model, err)) return false;
    size_t clip_floats = 3 * (size_t)v.n_frames * (size_t)v.side_px * (size_t)v.side_px;
    for (int i = 0; i < n; i++)
        if (!run_batch(s, plan_clips, 1, v.n_frames, clips + (size_t)i * clip_floats,
                       out + (size_t)i * (size_t)v.n_embed, cancel, err))
            return false;
    return true;
}

/* ---- texts ---- */

/* Places up to the end token of a row; 0 and *err without one, or with ids that the network
 * does not have. */
static int check_row(const ask_model *m, const int64_t *ids, int n, int row, ask_error *err)
{
    int end = m->network->text->end(m->net, ids, n);
    if (end < 0) {
        ask_fail(err, ASK_ERR_USAGE, "text %d has no end token", row);
        return 0;
    }
    for (int i = 0; i <= end; i++) {
        if (ids[i] >= 0 && ids[i] < m->info.n_vocab) continue;
        ask_fail(err, ASK_ERR_USAGE, "text %d: id %lld is not in a vocabulary of %lld", row,
                 (long long)ids[i], (long long)m->info.n_vocab);
        return 0;
    }
    if (end < m->info.n_context) return end + 1;
    ask_fail(err, ASK_ERR_LIMIT, "text %d has %d tokens, the network takes %d", row,
             end + 1, m->info.n_context);
    return 0;
}

/* Some rows of ids, of the lengths that count, at the length of the longest. `room` has
 * MOST_TEXTS * n_context places. */
static bool embed_rows(ask_session *s, float *out, const int64_t *ids, int length,
                       const int *used, int n, int64_t *room, const ask_cancel *cancel,
                       ask_error *err)
{
    int longest = 0;
    for (int i = 0; i < n; i++)
        if (used[i] > longest) longest = used[i];
    int64_t pad_id = s->model->network->text->sizes(s->model->net).pad_id;
    for (size_t i = 0; i < (size_t)n * (size_t)longest; i++) room[i] = pad_id;
    for (int i = 0; i < n; i++)
        memcpy(room + (size_t)i * (size_t)longest, ids + (size_t)i * (size_t)length,
               (size_t)used[i] * sizeof *room);
    return run_batch(s, plan_texts, n, longest, room, out, cancel, err);
}

static bool embed_ids(ask_session *s, float *out, const int64_t *ids, int n, int length,
                      int64_t *room, const ask_cancel *cancel, ask_error *err)
{
    for (int i = 0; i < n; i += MOST_TEXTS) {
        int batch = least(n - i, MOST_TEXTS), used[MOST_TEXTS];
        const int64_t *rows = ids + (size_t)i * (size_t)length;
        for (int j = 0; j < batch; j++) {
            used[j] =
                check_row(s->model, rows + (size_t)j * (size_t)length, length, i + j, err);
            if (!used[j]) return false;
        }
        if (!embed_rows(s, out + (size_t)i * (size_t)s->model->info.n_embed, rows, length,
                        used, batch, room, cancel, err))
            return false;
    }
    return true;
}

bool ask_embed_ids(ask_session *s, float *out, const int64_t *ids, int n, int length,
                   const ask_cancel *cancel, ask_error *err)
{
    if (!text_of(s, err)) return false;
    size_t places = (size_t)MOST_TEXTS * (size_t)s->model->info.n_context;
    int64_t *room = malloc(places * sizeof *room);
    if (!room) return ask_fail_memory(err);
    bool ok = embed_ids(s, out, ids, n, length, room, cancel, err);
    free(room);
    return ok;
}

/* The start of a text, for messages. */
static int shown_bytes(const char *text)
{
    int n = 0;
    while (n < 40 && text[n]) n++;
    while (n > 0 && text[n] && ((unsigned char)text[n] & 0xc0) == 0x80) n--;
    return n;
}

bool session_encode(const ask_session *s, const ask_tokenizer *t, const char *text,
                    ask_tokens *tokens, ask_error *err)
{
    network_text_sizes sizes = {0};
    network_text_sizes_of(&sizes, s->model->network, s->model->net);
    if (!ask_tokenizer_encode(t, text, NULL, !sizes.bare, tokens, err)) return false;
    int most = s->model->info.n_context;
    if (tokens->n <= most) return true;
    return ask_fail(err, ASK_ERR_LIMIT,
                    "the text \"%.*s%s\" has %d tokens, the model takes %d; say it shorter",
                    shown_bytes(text), text, text[shown_bytes(text)] ? "..." : "",
                    tokens->n, most);
}

/* A text as a row of n_context ids, filled up with padding. */
static bool fill_row(const ask_session *s, int64_t *row, const ask_tokens *tokens,
                     ask_error *err)
{
    const ask_model *m = s->model;
    const network_text *text = m->network->text;
    int length = m->info.n_context;
    int64_t pad_id = text->sizes(m->net).pad_id;
    for (int i = 0; i < length; i++) row[i] = i < tokens->n ? tokens->tokens[i].id : pad_id;
    if (tokens->n > 0 && text->end(m->net, row, length) >= 0) return true;
    if (text->sizes(m->net).bare)
        return ask_fail(err, ASK_ERR_USAGE, "a text has no words");
    return ask_fail(err, ASK_ERR_MODEL,
                    "%s: the tokenizer does not end a text with the token that %s calls "
                    "its end",
                    m->dir, MODEL_CONFIG_FILE);
}

static bool encode_all(const ask_session *s, int64_t *ids, const char *const *texts, int n,
                       ask_error *err)
{
    const ask_tokenizer *t = model_tokenizer(s->model, err);
    if (!t) return false;
    ask_tokens tokens = {0};
    bool ok = true;
    for (int i = 0; i < n && ok; i++)
        ok = session_encode(s, t, texts[i], &tokens, err) &&
             fill_row(s, ids + (size_t)i * (size_t)s->model->info.n_context, &tokens, err);
    ask_tokens_free(&tokens);
    return ok;
}

bool ask_embed_texts(ask_session *s, float *out, const char *const *texts, int n,
                     const ask_cancel *cancel, ask_error *err)
{
    if (!text_of(s, err)) return false;
    int length = s->model->info.n_context;
    size_t bytes;
    if (!ask_bytes_of(&bytes, n, (size_t)length * sizeof(int64_t)))
        return ask_fail(err, ASK_ERR_USAGE, "%d texts", n);
    int64_t *ids = malloc(bytes + 1);
    if (!ids) return ask_fail_memory(err);
    bool ok = encode_all(s, ids, texts, n, err) &&
              ask_embed_ids(s, out, ids, n, length, cancel, err);
    free(ids);
    return ok;
}

bool ask_count_tokens(ask_session *s, const char *text, int *n_tokens, bool *unknown,
                      ask_error *err)
{
    network_text_sizes sizes;
    if (!network_text_sizes_of(&sizes, s->model->network, s->model->net))
        return ask_fail(err, ASK_ERR_UNSUPPORTED, "%s reads no texts",
                        s->model->network->name);
    const ask_tokenizer *t = model_tokenizer(s->model, err);
    if (!t) return false;
    ask_tokens tokens = {0};
    bool ok = ask_tokenizer_encode(t, text, NULL, !sizes.bare, &tokens, err);
    if (ok) {
        *n_tokens = tokens.n;
        if (unknown) *unknown = tokens.has_unknown;
    }
    ask_tokens_free(&tokens);
    return ok;
}
