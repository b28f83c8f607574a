#include "train/timeline_stage_priv.h"

#include <string.h>

#include "base/str.h"

/* ---- the table ---- */

#define FOCUS "focus.*", "text.*", "words.*"
#define STATISTICS "*.running_*"

static const char *const all_but_cells[] = {"glance.*", FOCUS, "find.*", STATISTICS, NULL};
static const char *const all_but_glance[] = {"cells.*", FOCUS, "find.*", NULL};
static const char *const all_but_focus[] = {"cells.*", "glance.*", "find.*", NULL};
static const char *const all_but_find[] = {"cells.*", "glance.*", FOCUS, NULL};
static const char *const all_but_glance_and_focus[] = {"cells.*", "find.*", NULL};
static const char *const statistics_and_find[] = {"find.*", STATISTICS, NULL};

static const timeline_stage stages[ASK_N_TIMELINE_STAGES] = {
    [ASK_TIMELINE_CELLS] = {.name = "cells",
                            .parts = {.pictures = true, .cells = true},
                            .norms = ASK_NORM_BATCH,
                            .frozen = all_but_cells,
                            .rate = 2e-3,
                            .n_clips = 32,
                            .n_frames = 5,
                            .best_by = "score",
                            .losses = timeline_losses_cells},
    [ASK_TIMELINE_GLANCE] = {.name = "glance",
                             .parts = {.sights = true, .glimpses = true},
                             .frozen = all_but_glance,
                             .rate = 1e-3,
                             .n_clips = 8,
                             .best_by = "map",
                             .losses = timeline_losses_glance},
    [ASK_TIMELINE_GLANCE_SEEN] = {.name = "glance-seen",
                                  .parts = {.pictures = true, .glimpses = true},
                                  .frozen = all_but_glance,
                                  .rate = 1e-3,
                                  .n_clips = 8,
                                  .best_by = "map",
                                  .losses = timeline_losses_glance},
    [ASK_TIMELINE_FOCUS] = {.name = "focus",
                            .parts = {.memory = true, .questions = true},
                            .frozen = all_but_focus,
                            .rate = 4e-4,
                            .n_clips = 8,
                            .best_by = "accuracy",
                            .losses = timeline_losses_focus},
    [ASK_TIMELINE_FOCUS_SEEN] = {.name = "focus-seen",
                                 .parts = {.pictures = true,
                                           .glimpses = true,
                                           .questions = true},
                                 .frozen = all_but_focus,
                                 .rate = 4e-4,
                                 .n_clips = 8,
                                 .best_by = "accuracy",
                                 .losses = timeline_losses_focus},
    [ASK_TIMELINE_GLANCE_FOCUS_SEEN] = {.name = "glance-focus-seen",
                                        .parts = {.pictures = true,
                                                  .glimpses = true,
                                                  .questions = true},
                                        .frozen = all_but_glance_and_focus,
                                        .rate = 4e-4,
                                        .n_clips = 8,
                                        .best_by = "accuracy",
                                        .losses = timeline_losses_glance_focus},
    [ASK_TIMELINE_JOINT] =
        {.name = "joint",
         .parts = {.pictures = true, .cells = true, .glimpses = true, .questions = true},
         .frozen = statistics_and_find,
         .rate = 3e-4,
         .n_clips = 8,
         .best_by = "accuracy",
         .losses = timeline_losses_joint},
    [ASK_TIMELINE_FIND] = {.name = "find",
                           .finds = true,
                           .frozen = all_but_find,
                           .rate = 1e-3,
                           .n_clips = 16,
                           .n_frames = 5,
                           .best_by = "hit"},
};

const timeline_stage *timeline_stage_of(ask_timeline_stage stage)
{
    return &stages[stage];
}

const char *ask_timeline_stage_name(ask_timeline_stage stage)
{
    return stages[stage].name;
}

bool ask_timeline_stage_find(ask_timeline_stage *out, const char *name, ask_error *err)
{
    ask_str there = {0};
    for (int i = 0; i < ASK_N_TIMELINE_STAGES; i++) {
        if (strcmp(stages[i].name, name) == 0) {
            *out = (ask_timeline_stage)i;
            ask_str_free(&there);
            return true;
        }
        ask_str_printf(&there, "%s%s", i ? ", " : "", stages[i].name);
    }
    ask_fail(err, ASK_ERR_USAGE, "there is no stage \"%.60s\"; there are: %s", name,
             ask_str_text(&there));
    ask_str_free(&there);
    return false;
}

/* ---- the network, as far as a stage goes ---- */

/* The sights, and what is true of them. */
static void build_sights(ask_timeline_sights *sights, timeline_made *out, ask_graph *g,
                         const ask_timeline *net, const timeline_inputs *in)
{
    const ask_glimpse_truth *truth = &in->glimpses;
    if (in->sights) {
        *sights = (ask_timeline_sights){.sights = in->sights};
        out->glimpses = *truth;
        return;
    }
    int64_t n_clips = ask_tensor_dim(truth->event, 0);
    int64_t n_cells = out->cells.outputs ? ask_tensor_dim(out->cells.outputs, 1) : 0;
    ask_timeline_pick(sights, g, &net->config, out->cells.outputs, out->cells.features,
                      n_clips);
    ask_glimpse_truth_pick(&out->glimpses, g, truth, sights->cells, n_cells);
}

static void build_memory(timeline_made *out, ask_graph *g, const ask_timeline *net,
                         const timeline_inputs *in, ask_dropping *dropping)
{
    ask_timeline_sights sights;
    if (in->records) {
        out->memory.records = in->records;
        out->slots = in->slots;
        return;
    }
    build_sights(&sights, out, g, net, in);
    if (!net->config.has_memory) {
        ask_timeline_unremembered(&out->memory, g, &net->config, &sights);
        ask_slot_truth_of_sights(&out->slots, g, &net->config.kinds, &out->glimpses);
        return;
    }
    ask_timeline_glance_build(&out->memory, g, &net->glance, &sights, dropping);
    ask_slot_truth_pick(&out->slots, g, &net->config.kinds, &out->memory, &out->glimpses);
}

static void build_answers(timeline_made *out, ask_graph *g, const ask_timeline *net,
                          const timeline_inputs *in, ask_dropping *dropping)
{
    const ask_timeline_asking asking = {
        .records = out->memory.records,
        .mask = out->memory.mask,
        .questions = in->asked,
        .answers = ask_timeline_texts_build(g, &net->focus, &in->answers, dropping),
    };
    ask_timeline_focus_build(&out->answered, g, &net->focus, &asking, dropping);
}

void timeline_build(timeline_made *out, ask_graph *g, const ask_timeline *net,
                    const timeline_stage *stage, const timeline_inputs *in,
                    ask_dropping *dropping)
{
    const timeline_parts *parts = &stage->parts;
    *out = (timeline_made){0};
    if (parts->pictures)
        ask_cells_build(&out->cells, g, &net->cells, in->pixels,
                        dropping ? stage->norms : ASK_NORM_RUNNING);
    if (parts->glimpses || parts->memory) build_memory(out, g, net, in, dropping);
    if (parts->questions) build_answers(out, g, net, in, dropping);
}
