#include "support/layouts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/testing.h"
#include "world/layout.h"
#include "world/truth_read.h"

static void make_world(const layouts_world *w, const char *layouts)
{
    ask_error err = {0};
    ask_world_options o = ask_world_defaults();
    ask_layout_set set = 0;
    int64_t n_written = 0;
    o.seed = 77;
    o.split = w->split;
    o.n_clips = w->n_clips;
    CHECK_OK(ask_world_make(NULL, w->dir, &o, &err), &err);
    CHECK_OK(ask_layout_parse(&set, layouts, &err), &err);
    CHECK_OK(ask_world_write_layouts(&n_written, w->dir, set, NULL, &err), &err);
    assert_int_equal(n_written, w->n_clips);
}

void layouts_make(layouts_world *w, ask_split split, int n_clips, const char *layouts)
{
    *w = (layouts_world){.dir = test_temp_dir_make(), .split = split, .n_clips = n_clips};
    assert_true(n_clips <= LAYOUTS_MOST_CLIPS);
    make_world(w, layouts);
    for (int i = 0; i < n_clips; i++) {
        ask_error err = {0};
        char *path = ask_world_truth_path(w->dir, i, &err);
        CHECK_OK(path && ask_world_clip_read(&w->clips[i], path, &err), &err);
        free(path);
    }
}

void layouts_write_into(const layouts_world *w, const char *into, const char *layouts)
{
    ask_error err = {0};
    ask_layout_set set = 0;
    const ask_layout_options o = {.struct_size = sizeof o, .into = into};
    CHECK_OK(ask_layout_parse(&set, layouts, &err), &err);
    CHECK_OK(ask_world_write_layouts(NULL, w->dir, set, &o, &err), &err);
}

const char *layouts_video(const layouts_world *w, int clip)
{
    static char video[32];
    snprintf(video, sizeof video, "%s_%06d", ask_split_name(w->split), clip);
    return video;
}

void layouts_free(layouts_world *w)
{
    for (int i = 0; i < w->n_clips; i++) ask_world_clip_free(&w->clips[i]);
    test_temp_dir_remove(w->dir);
}

const char *layouts_path(const layouts_world *w, const char *format, ...)
{
    char name[256];
    va_list args;
    va_start(args, format);
    vsnprintf(name, sizeof name, format, args);
    va_end(args);
    return test_path(w->dir, name);
}

ask_json *layouts_json(const layouts_world *w, const char *name)
{
    ask_error err = {0};
    ask_json *doc = ask_json_read(layouts_path(w, "%s", name), NULL, &err);
    CHECK_OK(doc, &err);
    return doc;
}

ask_dataset *layouts_read(const layouts_world *w, const char *set, const char *folder,
                          const char *split)
{
    return layouts_read_at(layouts_path(w, "%s", folder), set, split);
}

ask_dataset *layouts_read_at(const char *path, const char *set, const char *split)
{
    ask_error err = {0};
    ask_data_options o = ask_data_defaults();
    o.strict = true;
    ask_dataset *d = ask_dataset_open(set, path, split, &o, &err);
    CHECK_OK(d, &err);
    size_t n_noticed, n;
    ask_dataset_report(d, &n_noticed);
    assert_int_equal(n_noticed, 0);
    assert_true(ask_dataset_has_videos(d));
    const ask_data_record *records = ask_dataset_records(d, &n);
    for (size_t i = 0; i < n; i++) CHECK_CASE(records[i].id, records[i].video_path);
    return d;
}
