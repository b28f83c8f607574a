#include "base/json_write.h"
#include "model/init_priv.h"
#include "model/preprocess_priv.h"

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

static int filter_number(ask_resize_filter filter)
{
    int number = 0;
    while (preprocess_filters[number] != filter) number++;
    return number;
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

void init_preprocess_text(ask_str *out, ask_processor processor, const ask_preprocess *p)
{
    ask_json_writer w = {.out = out, .pretty = true};
    char type[64];
    ask_format(type, sizeof type, "%sImageProcessor", preprocess_name(processor));
    ask_json_open_object(&w, NULL);
    ask_json_put_string(&w, "image_processor_type", type);
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
