#include "support/tiny_memory.h"

#include <stdio.h>
#include <stdlib.h>

#include "model/model_priv.h"
#include "support/testing.h"

char *tiny_memory_dir;
char tiny_memory_path[512];
const char *tiny_memory_answers[TINY_ANSWERS];

static char texts[TINY_ANSWERS][32]; // of the answers

const bool tiny_memory_shown[TINY_SHOWN][TINY_FRAMES] = {
    {true, true, true, true, true, true},
    {true, true, true, false, false, false},
    {false, true, false, true, true, false},
    {false, false, true, false, false, false},
};

/* ---- the model ---- */

enum { DENIAL = 2, OTHER_DENIAL = 6 };

bool tiny_memory_denies(int i)
{
    return i == DENIAL || i == OTHER_DENIAL;
}

static void make_answers(void)
{
    static const char *const parts[] = {"red", "a dog", "nothing", "it jumps now"};
    for (int i = 0; i < TINY_ANSWERS; i++) {
        snprintf(texts[i], sizeof texts[i], "%s %d", parts[i % 4], i);
        tiny_memory_answers[i] = texts[i];
    }
    snprintf(texts[DENIAL], sizeof texts[DENIAL], "nothing");
}

int make_tiny_memory(void **state)
{
    (void)state;
    tiny_memory_dir = test_temp_dir_make();
    snprintf(tiny_memory_path, sizeof tiny_memory_path, "%s",
             test_path(tiny_memory_dir, "model"));
    make_answers();
    tiny_timeline_make(tiny_memory_path);
    const char *const denials[] = {texts[DENIAL], texts[OTHER_DENIAL]};
    memory_model_write_answers(tiny_memory_path, tiny_memory_answers, TINY_ANSWERS, denials,
                               TEST_COUNT(denials));
    return 0;
}

int remove_tiny_memory(void **state)
{
    (void)state;
    test_temp_dir_remove(tiny_memory_dir);
    return 0;
}

/* ---- what it is made of ---- */

const ask_timeline *tiny_memory_net(const memory_model *m)
{
    return &((const timeline_model *)m->model->net)->net;
}

size_t tiny_memory_sight_width(const memory_model *m)
{
    return (size_t)ask_sight_width(&tiny_memory_net(m)->config.kinds);
}

size_t tiny_memory_record_width(const memory_model *m)
{
    return (size_t)ask_record_width(&tiny_memory_net(m)->config.kinds);
}

/* ---- what it remembers ---- */

ask_sights tiny_memory_sights(const memory_model *m, int n, uint64_t seed)
{
    ask_error err = {0};
    ask_sights sights = {0};
    float *pixels = tiny_timeline_pixels(n, seed);
    CHECK_OK(ask_sights_add(&sights, m->session, pixels, n, NULL, &err), &err);
    free(pixels);
    return sights;
}

ask_memory tiny_memory_of_seed(const memory_model *m, uint64_t seed)
{
    ask_sights sights = tiny_memory_sights(m, TINY_FRAMES, seed);
    ask_memory memory = memory_model_remember(m->session, &sights, NULL);
    ask_sights_free(&sights);
    return memory;
}
