#include "model/feature_file.h"

#include <math.h>
#include <string.h>

#include "base/number.h"
#include "base/str.h"
#include "base/version.h"
#include "weights/safetensors.h"

/* ---- writing ---- */

/* Refuses what is no number: the weights that made it are broken. */
static bool check_numbers(const ask_feature_file *f, ask_error *err)
{
    int64_t n_rows = f->shape[0], row = 1;
    for (int i = 1; i < f->n_dims; i++) row *= f->shape[i];
    if (n_rows * row == 0)
        return ask_fail(err, ASK_ERR_SHAPE, "features without a single number");
    for (int64_t i = 0; i < n_rows * row; i++) {
        if (!isfinite(f->data[i]))
            return ask_fail(err, ASK_ERR_MODEL,
                            "row %lld of the features holds %s: the model's weights or "
                            "its preprocessing are broken",
                            (long long)(i / row), isnan(f->data[i]) ? "NaN" : "infinity");
    }
    return true;
}

bool ask_feature_file_write(const char *path, const ask_feature_file *f, ask_error *err)
{
    if (!check_numbers(f, err)) return false;
    const ask_feature_origin *o = &f->origin;
    char video_s[ASK_DOUBLE_TEXT_BYTES];
    const ask_weights_note notes[] = {
        {ASK_FEATURES_NOTE_SCHEMA, ASK_FEATURES_SCHEMA},
        {ASK_FEATURES_NOTE_MODEL_ID, o->model_id},
        {ASK_FEATURES_NOTE_NETWORK, o->network},
        {ASK_FEATURES_NOTE_LAYOUT, o->layout},
        {ASK_FEATURES_NOTE_UNIT, o->unit ? "true" : "false"},
        {ASK_FEATURES_NOTE_VIDEO, o->video},
        {ASK_FEATURES_NOTE_VIDEO_ID, o->video_id},
        {ASK_FEATURES_NOTE_VIDEO_S, ask_format_double(video_s, o->video_s)},
        {ASK_FEATURES_NOTE_ASKED, o->asked},
        {ASK_FEATURES_NOTE_PLAN, o->plan},
        {ASK_FEATURES_NOTE_VERSION, ask_version()},
    };
    ask_weights_entry tensors[] = {
        {.name = ASK_FEATURES_TENSOR,
         .type = ASK_F32,
         .n_dims = f->n_dims,
         .data = f->data},
        {.name = ASK_FEATURES_TIMES,
         .type = ASK_F64,
         .n_dims = 1,
         .shape = {f->n_times},
         .data = f->t_s},
    };
    for (int i = 0; i < f->n_dims; i++) tensors[0].shape[i] = f->shape[i];
    return ask_safetensors_write(path, tensors, sizeof tensors / sizeof *tensors, notes,
                                 sizeof notes / sizeof *notes, err);
}

/* ---- comparing ---- */

static void find_other(ask_feature_find *f, const ask_weights *w,
                       const ask_feature_origin *o)
{
    char video_s[ASK_DOUBLE_TEXT_BYTES];
    const struct {
        const char *key, *value;
    } same[] = {
        {ASK_FEATURES_NOTE_SCHEMA, ASK_FEATURES_SCHEMA},
        {ASK_FEATURES_NOTE_VIDEO_ID, o->video_id},
        {ASK_FEATURES_NOTE_VIDEO_S, ask_format_double(video_s, o->video_s)},
        {ASK_FEATURES_NOTE_MODEL_ID, o->model_id},
        {ASK_FEATURES_NOTE_LAYOUT, o->layout},
        {ASK_FEATURES_NOTE_PLAN, o->plan},
    };
    for (size_t i = 0; i < sizeof same / sizeof *same && !f->other; i++) {
        const char *note = ask_weights_find_note(w, same[i].key), *there = note ? note : "";
        if (strcmp(there, same[i].value) == 0) continue;
        f->other = same[i].key;
        ask_format(f->there, sizeof f->there, "%s", there);
        ask_format(f->wanted, sizeof f->wanted, "%s", same[i].value);
    }
}

bool ask_feature_file_compare(ask_feature_find *out, const char *path,
                              const ask_feature_origin *o, ask_error *err)
{
    ask_weights *w = ask_weights_open(path, err);
    if (!w) return false;
    ask_feature_find f = {0};
    find_other(&f, w, o);
    const ask_weights_entry *e = ask_weights_find(w, ASK_FEATURES_TENSOR);
    bool ok =
        e && e->type == ASK_F32 && e->n_dims >= 1 && e->n_dims <= ASK_FEATURES_MAX_DIMS;
    if (ok) {
        f.n_dims = e->n_dims;
        memcpy(f.shape, e->shape, sizeof f.shape);
        *out = f;
    } else {
        ask_fail(err, ASK_ERR_MODEL, "%s: holds no tensor \"%s\" of f32", path,
                 ASK_FEATURES_TENSOR);
    }
    ask_weights_close(w);
    return ok;
}
