/* The other half of preprocess.h: what the file says. */
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "model/preprocess_priv.h"

/* ---- the processors ---- */

#define CLIP_MEAN                                                                          \
    {                                                                                      \
        0.48145466f, 0.4578275f, 0.40821073f                                               \
    }
#define CLIP_STD                                                                           \
    {                                                                                      \
        0.26862954f, 0.26130258f, 0.27577711f                                              \
    }
#define HALF                                                                               \
    {                                                                                      \
        0.5f, 0.5f, 0.5f                                                                   \
    }

typedef struct {
    const char *name; // without "ImageProcessor"
    bool crops;       // keeps the shape and takes the middle; else: to a fixed size
    int side_px;
    ask_resize_filter filter;
    float mean[3], std[3];
} processor_row;

static const processor_row processors[] = {
    [ASK_PROCESSOR_CLIP] = {"CLIP", true, 224, ASK_RESIZE_BICUBIC, CLIP_MEAN, CLIP_STD},
    [ASK_PROCESSOR_BIT] = {"Bit", true, 224, ASK_RESIZE_BICUBIC, CLIP_MEAN, CLIP_STD},
    [ASK_PROCESSOR_SIGLIP] = {"Siglip", false, 224, ASK_RESIZE_BICUBIC, HALF, HALF},
    [ASK_PROCESSOR_VIT] = {"ViT", false, 224, ASK_RESIZE_BILINEAR, HALF, HALF},
    [ASK_PROCESSOR_BLIP] = {"Blip", false, 384, ASK_RESIZE_BICUBIC, CLIP_MEAN, CLIP_STD},
};

enum { N_PROCESSORS = sizeof processors / sizeof *processors };

const char *preprocess_name(ask_processor processor)
{
    return processors[processor].name;
}

ask_preprocess ask_preprocess_defaults(ask_processor processor, int side_px)
{
    const processor_row *row = &processors[processor];
    int side = side_px ? side_px : row->side_px;
    ask_preprocess p = {
        .filter = row->filter, .scale = 1.0 / 255, .views = ask_views_none()};
    if (row->crops) {
        p.fit = ASK_FIT_SHORTER;
        p.shorter_px = p.crop_width_px = p.crop_height_px = side;
    } else {
        p.fit = ASK_FIT_EXACT;
        p.width_px = p.height_px = side;
    }
    memcpy(p.mean, row->mean, sizeof p.mean);
    memcpy(p.std, row->std, sizeof p.std);
    return p;
}

/* Processors that do with the frames of a video what another does with pictures. */
static const struct {
    const char *name;
    ask_processor as;
} aliases[] = {{"LlavaNextVideo", ASK_PROCESSOR_CLIP},
               {"LlavaNext", ASK_PROCESSOR_CLIP},
               {"InstructBlipVideo", ASK_PROCESSOR_BLIP}};

enum { N_ALIASES = sizeof aliases / sizeof *aliases };

/* "CLIPImageProcessor", "CLIPImageProcessorFast" and, in old files, "CLIPFeatureExtractor".
 */
static bool is_called(const char *name, const char *type)
{
    if (!ask_starts_with(type, name)) return false;
    const char *kind = type + strlen(name);
    return strcmp(kind, "ImageProcessor") == 0 || strcmp(kind, "ImageProcessorFast") == 0 ||
           strcmp(kind, "FeatureExtractor") == 0;
}

static bool fail_unknown(ask_json_value type, const char *text, ask_error *err)
{
    char known[256] = "";
    for (int i = 0, length = 0; i < N_PROCESSORS; i++)
        length += ask_format(known + length, sizeof known - (size_t)length,
                             "%s%sImageProcessor", i ? ", " : "", processors[i].name);
    return ask_json_fail(type, err, "no image processor \"%s\" here; there are %s", text,
                         known);
}

/* *out stays as it is when the file names none. */
static bool read_processor(ask_processor *out, ask_json_value root, ask_error *err)
{
    ask_json_value type = ask_json_member(root, "image_processor_type");
    if (ask_json_type_of(type) == ASK_JSON_ABSENT)
        type = ask_json_member(root, "feature_extractor_type");
    const char *text;
    if (!ask_json_opt_string(&text, type, NULL, NULL, err)) return false;
    if (!text) return true;
    for (int i = 0; i < N_PROCESSORS; i++) {
        if (is_called(processors[i].name, text)) {
            *out = (ask_processor)i;
            return true;
        }
    }
    for (int i = 0; i < N_ALIASES; i++) {
        if (is_called(aliases[i].name, text)) {
            *out = aliases[i].as;
            return true;
        }
    }
    return fail_unknown(type, text, err);
}

/* ---- what a file says ---- */

static const double MOST_OFFSET_S = 60; // of a neighbour from its frame

/* A step is taken unless the file says false, or null. */
static bool read_switch(bool *out, ask_json_value root, const char *key, ask_error *err)
{
    ask_json_value v = ask_json_member(root, key);
    bool is_null = ask_json_type_of(v) == ASK_JSON_NULL;
    return ask_json_opt_bool(out, v, NULL, !is_null, err);
}

static bool read_side(int *out, ask_json_value v, const char *path, ask_error *err)
{
    int64_t side;
    if (!ask_json_get_int(&side, v, path, 1, ASK_PREPROCESS_MOST_PX, err)) return false;
    *out = (int)side;
    return true;
}

/* {"height": h, "width": w}, or [h, w], or one number for both. */
static bool read_rectangle(int *width, int *height, ask_json_value size, ask_error *err)
{
    switch (ask_json_type_of(size)) {
    case ASK_JSON_OBJECT:
        return read_side(height, size, "height", err) &&
               read_side(width, size, "width", err);
    case ASK_JSON_ARRAY:
        if (ask_json_count(size) != 2)
            return ask_json_fail(size, err, "expected a height and a width");
        return read_side(height, size, "0", err) && read_side(width, size, "1", err);
    default:
        if (!read_side(height, size, NULL, err)) return false;
        *width = *height;
        return true;
    }
}

static bool is_there(ask_json_value v)
{
    ask_json_type type = ask_json_type_of(v);
    return type != ASK_JSON_ABSENT && type != ASK_JSON_NULL;
}

/* "size": for the processors that crop a number is the shorter side, for the others both.
 */
static bool read_fit(ask_preprocess *p, const processor_row *row, ask_json_value root,
                     ask_error *err)
{
    bool resize;
    if (!read_switch(&resize, root, "do_resize", err)) return false;
    if (!resize) {
        p->fit = ASK_FIT_NONE;
        return true;
    }
    ask_json_value size = ask_json_member(root, "size");
    if (!is_there(size)) return true;
    ask_json_value shorter = ask_json_type_of(size) == ASK_JSON_INT
                                 ? size
                                 : ask_json_find(size, "shortest_edge");
    if (row->crops && is_there(shorter))
        return read_side(&p->shorter_px, shorter, NULL, err);
    p->fit = ASK_FIT_EXACT;
    return read_rectangle(&p->width_px, &p->height_px, size, err);
}

const ask_resize_filter preprocess_filters[PREPROCESS_N_FILTERS] = {
    ASK_RESIZE_NEAREST, ASK_RESIZE_LANCZOS, ASK_RESIZE_BILINEAR,
    ASK_RESIZE_BICUBIC, ASK_RESIZE_BOX,     ASK_RESIZE_HAMMING,
};

static bool read_filter(ask_resize_filter *out, ask_json_value root, ask_error *err)
{
    int64_t number;
    if (!ask_json_opt_int(&number, root, "resample", 0, PREPROCESS_N_FILTERS - 1, -1, err))
        return false;
    if (number >= 0) *out = preprocess_filters[number];
    return true;
}

static bool read_crop(ask_preprocess *p, const processor_row *row, ask_json_value root,
                      ask_error *err)
{
    if (!row->crops) return true; // these processors have no such step
    bool crop;
    if (!read_switch(&crop, root, "do_center_crop", err)) return false;
    if (!crop) {
        p->crop_width_px = p->crop_height_px = 0;
        return true;
    }
    ask_json_value size = ask_json_member(root, "crop_size");
    return !is_there(size) ||
           read_rectangle(&p->crop_width_px, &p->crop_height_px, size, err);
}

static bool read_scale(double *out, ask_json_value root, ask_error *err)
{
    bool rescale;
    if (!read_switch(&rescale, root, "do_rescale", err)) return false;
    if (rescale) return ask_json_opt_double(out, root, "rescale_factor", *out, err);
    *out = 1;
    return true;
}

/* Three numbers, or one for all three channels. */
static bool read_channels(float out[3], ask_json_value root, const char *key,
                          ask_error *err)
{
    ask_json_value v = ask_json_member(root, key);
    if (!is_there(v)) return true;
    bool is_list = ask_json_type_of(v) == ASK_JSON_ARRAY;
    if (is_list && ask_json_count(v) != 3)
        return ask_json_fail(v, err, "expected a number for each of 3 channels, got %zu",
                             ask_json_count(v));
    for (int c = 0; c < 3; c++) {
        double value;
        ask_json_value item = is_list ? ask_json_item(v, (size_t)c) : v;
        if (!ask_json_get_double(&value, item, NULL, err)) return false;
        out[c] = (float)value;
        if (!isfinite(out[c])) return ask_json_fail(item, err, "%g is too large", value);
    }
    return true;
}

static bool read_normal(ask_preprocess *p, ask_json_value root, ask_error *err)
{
    bool normalize;
    if (!read_switch(&normalize, root, "do_normalize", err)) return false;
    if (!normalize) {
        for (int c = 0; c < 3; c++) p->mean[c] = 0, p->std[c] = 1;
        return true;
    }
    if (!read_channels(p->mean, root, "image_mean", err) ||
        !read_channels(p->std, root, "image_std", err))
        return false;
    for (int c = 0; c < 3; c++)
        if (p->std[c] == 0)
            return ask_json_fail(ask_json_member(root, "image_std"), err,
                                 "a deviation of 0 cannot be divided by");
    return true;
}

/* "frame_offsets_s": when the pictures of an input are taken, and "frame_channels": what
 * becomes of them. Keys of ours. */
static bool read_views(ask_views *out, ask_json_value root, ask_error *err)
{
    ask_json_value list = ask_json_member(root, "frame_offsets_s");
    const char *channels;
    if (!ask_json_opt_string(&channels, root, "frame_channels", "differences", err))
        return false;
    if (strcmp(channels, "differences") != 0)
        return ask_json_fail(ask_json_member(root, "frame_channels"), err,
                             "\"%.40s\" is not known; there is \"differences\"", channels);
    if (!is_there(list)) return true;
    if (!ask_json_get_array(&list, list, NULL, err)) return false;
    size_t n = ask_json_count(list);
    if (n < 1 || n > ASK_MOST_VIEWS)
        return ask_json_fail(list, err, "has %zu times: expected 1 to %d", n,
                             ASK_MOST_VIEWS);
    ask_views v = {.n = (int)n};
    int n_frames = 0;
    for (int i = 0; i < v.n; i++) {
        ask_json_value item = ask_json_item(list, (size_t)i);
        double *at = &v.offset_s[i];
        if (!ask_json_get_double(at, item, NULL, err)) return false;
        if (!(fabs(*at) <= MOST_OFFSET_S))
            return ask_json_fail(item, err, "%g s is out of range: expected -%g to %g", *at,
                                 MOST_OFFSET_S, MOST_OFFSET_S);
        if (i > 0 && !(*at > at[-1]))
            return ask_json_fail(item, err, "is not later than the time before it");
        n_frames += *at == 0;
    }
    if (n_frames != 1)
        return ask_json_fail(list, err, "has no 0: the time of the frame itself");
    *out = v;
    return true;
}

static bool read_root(ask_preprocess *out, ask_json_value root, ask_processor processor,
                      ask_error *err)
{
    if (!ask_json_get_object(&root, root, NULL, err) ||
        !read_processor(&processor, root, err))
        return false;
    const processor_row *row = &processors[processor];
    ask_preprocess p = ask_preprocess_defaults(processor, 0);
    if (!read_fit(&p, row, root, err) || !read_filter(&p.filter, root, err) ||
        !read_crop(&p, row, root, err) || !read_scale(&p.scale, root, err) ||
        !read_normal(&p, root, err) || !read_views(&p.views, root, err))
        return false;
    *out = p;
    return true;
}

/* ---- */

/* Takes doc over; NULL: it could not be read. */
static bool take_document(ask_preprocess *out, ask_json *doc, ask_processor processor,
                          ask_error *err)
{
    bool ok = doc && read_root(out, ask_json_root(doc), processor, err);
    ask_json_free(doc);
    return ok || ask_fail_as(err, ASK_ERR_MODEL);
}

bool ask_preprocess_read(ask_preprocess *out, const char *path, ask_processor processor,
                         ask_error *err)
{
    return take_document(out, ask_json_read(path, NULL, err), processor, err);
}

bool ask_preprocess_parse(ask_preprocess *out, const char *text, size_t bytes,
                          const char *name, ask_processor processor, ask_error *err)
{
    return take_document(out, ask_json_parse(text, bytes, name, NULL, err), processor, err);
}
