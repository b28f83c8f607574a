#include "support/glance_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "support/testing.h"
#include "weights/safetensors.h"

const glance_world_set glance_world_sets[] = {
    {"star-lines", "star/txt_db", ASK_ANSWER_OPTIONS, NULL},
    {"star", "star", ASK_ANSWER_OPTIONS, "star/txt_db/events.json"},
    {"nextqa", "nextqa", ASK_ANSWER_OPTIONS, "nextqa/events.json"},
    {"nextqa-open", "nextqa", ASK_ANSWER_VOCABULARY, "nextqa/events.json"},
    {"tgifqa-action", "tgifqa", ASK_ANSWER_OPTIONS, "tgifqa/events.json"},
    {"tgifqa-transition", "tgifqa", ASK_ANSWER_OPTIONS, "tgifqa/events.json"},
    {"tgifqa-count", "tgifqa", ASK_ANSWER_COUNT, "tgifqa/events.json"},
    {"tgifqa-frame", "tgifqa", ASK_ANSWER_VOCABULARY, "tgifqa/events.json"},
    {"qvhighlights", "qvhighlights", ASK_ANSWER_MOMENT, NULL},
    {"socialiq2", "socialiq2", ASK_ANSWER_OPTIONS, "socialiq2/events.json"},
    {"video-chatgpt", "video-chatgpt", ASK_ANSWER_VOCABULARY, "video-chatgpt/events.json"},
};
const int n_glance_world_sets = TEST_COUNT(glance_world_sets);

/* ---- features ---- */

enum { ROW_FRAMES = 6 };

static float *rows_of(const ask_world_clip *c, int64_t *n)
{
    *n = c->scene.n_frames / ROW_FRAMES;
    float *rows = calloc((size_t)*n * GLANCE_WORLD_WIDTH, sizeof *rows);
    assert_non_null(rows);
    ask_rng rng = ask_rng_new((uint64_t)c->scene.index);
    for (int64_t t = 0; t < *n; t++) {
        float *row = rows + t * GLANCE_WORLD_WIDTH;
        for (int k = 0; k < GLANCE_WORLD_WIDTH; k++)
            row[k] = (float)(0.05 * ask_rng_normal(&rng));
        for (int i = 0; i < c->scene.n_events; i++) {
            const ask_event *e = &c->scene.events[i];
            int frame = (int)t * ROW_FRAMES;
            if (frame >= e->begin && frame < e->end) row[(int)e->kind] += 1;
        }
    }
    return rows;
}

static void write_features(const glance_world *w)
{
    ask_error err = {0};
    ask_weights_entry entries[GLANCE_WORLD_CLIPS] = {0};
    char names[GLANCE_WORLD_CLIPS][32];
    for (int i = 0; i < GLANCE_WORLD_CLIPS; i++) {
        int64_t n;
        snprintf(names[i], sizeof names[i], "%s", layouts_video(&w->world, i));
        entries[i] = (ask_weights_entry){.name = names[i], .type = ASK_F32, .n_dims = 2};
        entries[i].data = rows_of(&w->world.clips[i], &n);
        entries[i].shape[0] = n;
        entries[i].shape[1] = GLANCE_WORLD_WIDTH;
    }
    CHECK_OK(ask_safetensors_write(w->features, entries, GLANCE_WORLD_CLIPS, NULL, 0, &err),
             &err);
    for (int i = 0; i < GLANCE_WORLD_CLIPS; i++) free((void *)entries[i].data);
}

/* ---- all of it ---- */

void glance_world_make(glance_world *w)
{
    layouts_make(&w->world, ASK_SPLIT_TRAIN, GLANCE_WORLD_CLIPS,
                 "star,nextqa,tgifqa,qvhighlights,socialiq2,video-chatgpt");
    snprintf(w->features, sizeof w->features, "%s",
             layouts_path(&w->world, "features.safetensors"));
    write_features(w);
}

void glance_world_free(glance_world *w)
{
    layouts_free(&w->world);
}

const char *glance_world_data(const glance_world *w, const glance_world_set *s)
{
    return layouts_path(&w->world, "%s", s->folder);
}

const char *glance_world_events(const glance_world *w, const glance_world_set *s)
{
    static char path[512];
    if (!s->events) return NULL;
    snprintf(path, sizeof path, "%s", layouts_path(&w->world, "%s", s->events));
    return path;
}
