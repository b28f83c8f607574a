#include "train/clip_batch.h"

#include <stdlib.h>
#include <string.h>

#include "base/checked.h"

enum { MOST = 1 << 16 }; // of each size

int64_t ask_clip_batch_n_patches(const ask_clip_batch_size *s)
{
    int64_t side = s->side_px / s->patch_px;
    return side * side;
}

/* ---- the tensors, as a table: batch and graph are made from it ---- */

enum { N_FIELDS = 9, THING_LABELS = 5, MOST_DIMS = 4 };

typedef struct {
    const char *name;
    ask_dtype type;
    int n_dims;
    int64_t shape[MOST_DIMS];
    size_t data;   // offset of the pointer in ask_clip_batch
    size_t tensor; // offset of the tensor in ask_clip_inputs
} field;

#define PLACES(member) offsetof(ask_clip_batch, member), offsetof(ask_clip_inputs, member)

static void list_fields(field out[N_FIELDS], const ask_clip_batch_size *s)
{
    const int64_t clips = s->n_clips, each = s->n_frames, frames = clips * each;
    const int64_t texts = s->n_texts, things = frames * ASK_N_THINGS, side = s->side_px;
    const int64_t patches = frames * ask_clip_batch_n_patches(s);
    const field fields[N_FIELDS] = {
        {"pixels", ASK_F32, 4, {frames, s->n_channels, side, side}, PLACES(pixels)},
        {"ids", ASK_I64, 2, {texts, s->n_tokens}, PLACES(ids)},
        {"frame_labels", ASK_F32, 2, {frames, texts}, PLACES(frame_labels)},
        {"frame_weights", ASK_F32, 2, {frames, texts}, PLACES(frame_weights)},
        {"patch_things", ASK_I64, 1, {patches}, PLACES(patch_things)},
        {"thing_labels", ASK_F32, 2, {things, texts}, PLACES(thing_labels)},
        {"thing_weights", ASK_F32, 2, {things, texts}, PLACES(thing_weights)},
        {"moment_targets", ASK_F32, 3, {clips, texts, each}, PLACES(moment_targets)},
        {"moment_mask", ASK_BOOL, 3, {clips, texts, each}, PLACES(moment_mask)},
    };
    for (int i = 0; i < N_FIELDS; i++) out[i] = fields[i];
}

static bool field_bytes(size_t *out, const field *f)
{
    int64_t count = 1;
    for (int d = 0; d < f->n_dims; d++)
        if (!ask_mul_i64(&count, count, f->shape[d])) return false;
    return ask_bytes_of(out, count, ask_dtype_bytes(f->type));
}

static void *data_of(const ask_clip_batch *b, const field *f)
{
    void *data;
    memcpy(&data, (const char *)b + f->data, sizeof data);
    return data;
}

static ask_tensor *tensor_of(const ask_clip_inputs *in, const field *f)
{
    ask_tensor *t;
    memcpy(&t, (const char *)in + f->tensor, sizeof t);
    return t;
}

/* ---- sizes ---- */

bool ask_clip_batch_size_check(const ask_clip_batch_size *s, ask_error *err)
{
    const struct {
        const char *what;
        int value, least;
    } sizes[] = {
        {"clips", s->n_clips, 1},       {"frames of a clip", s->n_frames, 2},
        {"texts", s->n_texts, 1},       {"tokens", s->n_tokens, 3},
        {"channels", s->n_channels, 1}, {"pixels of a side", s->side_px, 1},
    };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (sizes[i].value < sizes[i].least || sizes[i].value > MOST)
            return ask_fail(err, ASK_ERR_USAGE, "a batch of %d %s: expected %d to %d",
                            sizes[i].value, sizes[i].what, sizes[i].least, MOST);
    if (s->n_coded < 0 || s->n_denied < 0 || s->n_coded + s->n_denied >= s->n_texts)
        return ask_fail(err, ASK_ERR_USAGE,
                        "a batch of %d texts: this stage needs more than %d", s->n_texts,
                        s->n_coded + s->n_denied);
    if (s->patch_px < 1 || s->patch_px > s->side_px)
        return ask_fail(err, ASK_ERR_USAGE, "patches of %d pixels in frames of %d",
                        s->patch_px, s->side_px);
    field fields[N_FIELDS];
    size_t bytes;
    list_fields(fields, s);
    for (int i = 0; i < N_FIELDS; i++)
        if (!field_bytes(&bytes, &fields[i]))
            return ask_fail(err, ASK_ERR_USAGE,
                            "a batch that large does not fit any memory");
    return true;
}

/* ---- a batch ---- */

ask_clip_batch *ask_clip_batch_new(const ask_clip_batch_size *size, ask_error *err)
{
    if (!ask_clip_batch_size_check(size, err)) return NULL;
    ask_clip_batch *b = calloc(1, sizeof *b);
    if (!b) {
        ask_fail_memory(err);
        return NULL;
    }
    b->size = *size;
    field fields[N_FIELDS];
    list_fields(fields, size);
    b->kinds = calloc((size_t)size->n_texts, sizeof *b->kinds);
    b->n_patches = calloc((size_t)fields[THING_LABELS].shape[0], sizeof *b->n_patches);
    bool ok = b->kinds && b->n_patches;
    for (int i = 0; i < N_FIELDS && ok; i++) {
        size_t bytes = 0;
        field_bytes(&bytes, &fields[i]);
        void *data = calloc(1, bytes);
        memcpy((char *)b + fields[i].data, &data, sizeof data);
        ok = data;
    }
    if (ok) return b;
    ask_fail_memory(err);
    ask_clip_batch_free(b);
    return NULL;
}

void ask_clip_batch_free(ask_clip_batch *b)
{
    if (!b) return;
    field fields[N_FIELDS];
    list_fields(fields, &b->size);
    for (int i = 0; i < N_FIELDS; i++) free(data_of(b, &fields[i]));
    free(b->n_patches);
    free(b->kinds);
    free(b);
}

/* ---- in a graph ---- */

void ask_clip_inputs_add(ask_clip_inputs *out, ask_graph *g, const ask_clip_batch_size *s)
{
    field fields[N_FIELDS];
    list_fields(fields, s);
    for (int i = 0; i < N_FIELDS; i++) {
        const field *f = &fields[i];
        ask_tensor *t = ask_input(g, f->type, f->n_dims, f->shape);
        t = ask_name(g, t, "%s", f->name);
        memcpy((char *)out + f->tensor, &t, sizeof t);
    }
}

bool ask_clip_inputs_write(const ask_clip_inputs *in, const ask_clip_batch *b,
                           ask_error *err)
{
    field fields[N_FIELDS];
    list_fields(fields, &b->size);
    for (int i = 0; i < N_FIELDS; i++) {
        ask_tensor *t = tensor_of(in, &fields[i]);
        if (!ask_tensor_write(t, data_of(b, &fields[i]), ask_tensor_bytes(t), err))
            return false;
    }
    return true;
}
