#include "support/timeline_start.h"

#include "base/str.h"
#include "support/playroom_words.h"
#include "support/testing.h"

static const char preprocess[] =
    "{\"image_processor_type\": \"CLIPImageProcessor\", \"do_resize\": true,"
    " \"size\": {\"height\": 48, \"width\": 48}, \"resample\": 2,"
    " \"do_center_crop\": false, \"do_rescale\": true, \"rescale_factor\": 0.0039,"
    " \"do_normalize\": true, \"image_mean\": [0.5, 0.5, 0.5],"
    " \"image_std\": [0.25, 0.25, 0.25], \"frame_offsets_s\": [-0.1667, 0, 0.1667],"
    " \"frame_channels\": \"differences\"}";

ask_timeline_config timeline_start_config(void)
{
    ask_error err = {0};
    ask_timeline_config c;
    ask_json *doc = ask_json_read("models/mini/network.json", NULL, &err);
    CHECK_OK(doc, &err);
    CHECK_OK(ask_timeline_config_read(&c, ask_json_root(doc), &err), &err);
    ask_json_free(doc);
    c.cells.side_px = 48;
    for (int i = 0; i < ASK_CELLS_N_LEVELS; i++) c.cells.widths[i] = 4;
    c.n_frames = 6;
    c.n_sights = 3;
    c.width = c.inner = 16;
    c.n_heads = 2;
    c.glance_layers = c.memory_layers = c.focus_layers = c.text_layers = 1;
    c.n_event_slots = 8;
    c.n_toy_slots = 10;
    c.n_counters = 2;
    c.dropout = 0.1;
    return c;
}

void timeline_start_write(const char *dir)
{
    ask_str text = {0};
    const ask_timeline_config c = timeline_start_config();
    ask_timeline_config_write(&text, &c);
    test_write_text(test_path(dir, "config.json"), ask_str_text(&text));
    test_write_text(test_path(dir, "preprocessor_config.json"), preprocess);
    playroom_words_write(dir);
    ask_str_free(&text);
}
