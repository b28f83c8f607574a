#include "base/json_write.h"
#include "model/init_priv.h"

static void put_channels(ask_json_writer *w, const char *key, const float v[3])
{
    ask_json_open_array(w, key);
    for (int c = 0; c < 3; c++) ask_json_put_float(w, NULL, v[c]);
    ask_json_close(w);
}

static void put_sides(ask_json_writer *w, const char *key, int width, int height)
{
    ask_json_open_object(w, key);
    ask_json_put_int(w, "height", height);
    ask_json_put_int(w, "width", width);
    ask_json_close(w);
}

/* Numbered as Pillow does. */
static int filter_number(ask_resize_filter filter)
{
    switch (filter) {
    case ASK_RESIZE_NEAREST:
        return 0;
    case ASK_RESIZE_LANCZOS:
        return 1;
    case ASK_RESIZE_BILINEAR:
        return 2;
    case ASK_RESIZE_BICUBIC:
        return 3;
    case ASK_RESIZE_BOX:
        return 4;
    case ASK_RESIZE_HAMMING:
        break;
    }
    return 5;
}

static void put_fit(ask_json_writer *w, const ask_preprocess *p)
{
    ask_json_put_bool(w, "do_resize", p->fit != ASK_FIT_NONE);
    if (p->fit == ASK_FIT_EXACT) put_sides(w, "size", p->width_px, p->height_px);
    if (p->fit == ASK_FIT_SHORTER) {
        ask_json_open_object(w, "size");
        ask_json_put_int(w, "shortest_edge", p->shorter_px);
        ask_json_close(w);
    }
    ask_json_put_int(w, "resample", filter_number(p->filter));
}

void init_preprocess_text(ask_str *out, const ask_preprocess *p)
{
    ask_json_writer w = {.out = out, .pretty = true};
    ask_json_open_object(&w, NULL);
    put_fit(&w, p);
    ask_json_put_bool(&w, "do_center_crop", p->crop_width_px > 0);
    if (p->crop_width_px > 0)
        put_sides(&w, "crop_size", p->crop_width_px, p->crop_height_px);
    ask_json_put_bool(&w, "do_rescale", true);
    ask_json_put_double(&w, "rescale_factor", p->scale);
    ask_json_put_bool(&w, "do_normalize", true);
    put_channels(&w, "image_mean", p->mean);
    put_channels(&w, "image_std", p->std);
    ask_json_put_bool(&w, "do_convert_rgb", true);
    ask_json_close(&w);
    ask_str_append_char(out, '\n');
}
