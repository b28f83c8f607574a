/* The row of Timeline. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/path.h"
#include "model/answers.h"
#include "model/model_priv.h"
#include "model/timeline_priv.h"

/* ---- the configuration ---- */

/* The memory is put into the words of its names. */
static bool read_config(void *net, ask_json_value root, ask_error *err)
{
    timeline_model *m = net;
    *m = (timeline_model){0};
    ask_timeline_config *c = &m->net.config;
    if (!ask_timeline_config_read(c, root, err)) return false;
    if (!c->has_memory)
        return ask_config_fail(root, "memory", err,
                               "an ablation without one is trained, but not asked");
    return c->names[0][0].token >= 0 ||
           ask_config_fail(
               root, "kinds", err,
               "the names have no tokens; `askance train timeline` writes them");
}

static void bind(void *net, ask_params *p)
{
    timeline_model *m = net;
    const ask_timeline_config config = m->net.config;
    ask_timeline_bind(&m->net, p, &config, false);
    if (timeline_finds(m)) ask_timeline_find_bind(&m->find, p, &config);
}

static bool size_at(const void *net, size_t i, ask_model_size *out)
{
    const ask_timeline_config *c = &((const timeline_model *)net)->net.config;
    const ask_model_size list[] = {
        {"cells.channels", c->cells.n_channels},
        {"cells.side_px", c->cells.side_px},
        {"cells.width", c->cells.widths[ASK_CELLS_N_LEVELS - 1]},
        {"frames", c->n_frames},
        {"sights", c->n_sights},
        {"width", c->width},
        {"mlp_width", c->inner},
        {"heads", c->n_heads},
        {"glance.layers", c->glance_layers},
        {"memory.layers", c->memory_layers},
        {"focus.layers", c->focus_layers},
        {"focus.counters", c->n_counters},
        {"text.layers", c->text_layers},
        {"text.context", c->n_tokens},
        {"text.vocabulary", c->n_vocab},
        {"find.embedding", c->find.n_embed},
        {"find.text_layers", c->find.text_layers},
        {"event_slots", c->n_event_slots},
        {"toy_slots", c->n_toy_slots},
        {"colors", c->kinds.n_values[ASK_KIND_OF_COLOR]},
        {"shapes", c->kinds.n_values[ASK_KIND_OF_SHAPE]},
        {"event_kinds", c->kinds.n_values[ASK_KIND_OF_EVENT]},
    };
    if (i >= sizeof list / sizeof *list) return false;
    *out = list[i];
    return true;
}

/* ---- what lies beside the weights ---- */

/* An answer, and which it is. */
typedef struct {
    const char *text;
    int at;
} listed;

static int compare_texts(const void *a, const void *b)
{
    return strcmp(((const listed *)a)->text, ((const listed *)b)->text);
}

/* Of all answers, by their texts; NULL: there is no memory. */
static listed *sort_answers(const timeline_model *m, ask_arena *room)
{
    listed *all = ask_arena_array(room, (size_t)m->n_answers + 1, sizeof *all);
    if (!all) return NULL;
    for (int i = 0; i < m->n_answers; i++) all[i] = (listed){m->answers[i], i};
    qsort(all, (size_t)m->n_answers, sizeof *all, compare_texts);
    return all;
}

static bool check_words(const timeline_model *m, const listed *sorted, const char *path,
                        ask_error *err)
{
    for (int i = 0; i < m->n_answers; i++)
        if (!*m->answers[i])
            return ask_fail(err, ASK_ERR_MODEL, "%s: answer %d is empty", path, i + 1);
    for (int i = 1; i < m->n_answers; i++)
        if (strcmp(sorted[i - 1].text, sorted[i].text) == 0)
            return ask_fail(err, ASK_ERR_MODEL, "%s: \"%.60s\" comes twice", path,
                            sorted[i].text);
    return m->n_answers > 0 ||
           ask_fail(err, ASK_ERR_MODEL, "%s: expected answers, got none", path);
}

static bool read_denials(timeline_model *m, const listed *sorted, const char *path,
                         ask_arena *room, ask_error *err)
{
    const char **texts;
    int n;
    if (!ask_answers_read(&texts, &n, path, room, err)) return false;
    bool *denies = ask_arena_array(room, (size_t)m->n_answers, sizeof *denies);
    if (!denies) return ask_fail_memory(err);
    memset(denies, 0, (size_t)m->n_answers * sizeof *denies);
    for (int i = 0; i < n; i++) {
        const listed wanted = {.text = texts[i]},
                     *found = bsearch(&wanted, sorted, (size_t)m->n_answers, sizeof *sorted,
                                      compare_texts);
        if (!found)
            return ask_fail(err, ASK_ERR_MODEL, "%s: \"%.60s\" is none of the answers",
                            path, texts[i]);
        denies[found->at] = true;
    }
    m->denies = denies;
    return true;
}

static bool read_lists(timeline_model *m, const char *answers, const char *denials,
                       ask_arena *room, ask_error *err)
{
    const char **texts;
    bool has_answers = ask_file_exists(answers), has_denials = ask_file_exists(denials);
    if (has_answers != has_denials)
        return ask_fail(err, ASK_ERR_MODEL, "%s: there is none, but there is %s",
                        has_answers ? denials : answers, has_answers ? answers : denials);
    if (!has_answers) return true;
    if (!ask_answers_read(&texts, &m->n_answers, answers, room, err)) return false;
    m->answers = texts;
    const listed *sorted = sort_answers(m, room);
    if (!sorted) return ask_fail_memory(err);
    return check_words(m, sorted, answers, err) &&
           read_denials(m, sorted, denials, room, err);
}

static bool read_beside(void *net, const char *dir, ask_arena *room, ask_error *err)
{
    char *answers = ask_path_join(dir, MODEL_ANSWERS_FILE, err);
    char *denials = answers ? ask_path_join(dir, MODEL_DENIALS_FILE, err) : NULL;
    bool ok = denials && read_lists(net, answers, denials, room, err);
    free(answers);
    free(denials);
    return ok;
}

/* ---- remembering ---- */

static network_memory_sizes sizes(const void *net)
{
    enum { SHORT_TEXT = 12 }; // tokens
    const timeline_model *m = net;
    const ask_timeline_config *c = &m->net.config;
    const int n_text = c->n_tokens < SHORT_TEXT ? c->n_tokens : SHORT_TEXT;
    return (network_memory_sizes){
        .info = {.n_frames = c->n_frames,
                 .n_sights = c->n_sights,
                 .n_features = c->cells.widths[ASK_CELLS_N_LEVELS - 1],
                 .n_slots = ask_timeline_n_slots(c),
                 .n_events = c->n_event_slots,
                 .n_tokens = c->n_tokens,
                 .n_answers = m->n_answers,
                 .answers = m->answers,
                 .denies = m->denies,
                 .frame_gflop = ask_cells_flops(&c->cells) / 1e9,
                 .memory_gflop = ask_timeline_glance_flops(c) / 1e9,
                 .answer_gflop = ask_timeline_focus_flops(c, n_text, m->n_answers) / 1e9},
        .n_channels = c->cells.n_channels,
        .image_px = c->cells.side_px,
        .sight = ask_sight_width(&c->kinds),
        .feature = c->cells.widths[ASK_CELLS_N_LEVELS - 1],
        .record = ask_record_width(&c->kinds),
        .vector = c->width,
        .text = {.n_context = c->n_tokens,
                 .n_vocab = c->n_vocab,
                 .end_id = -1,
                 .pad_id = c->pad_id,
                 .bare = true,
                 .vocab_key = "vocab_size",
                 .token_flops = ask_timeline_text_flops(c, n_text) / n_text},
    };
}

/* Each frame as a video of its own: what is picked of it depends on no other. */
static void build_frames(network_frames_output *out, ask_graph *g, const void *net,
                         ask_tensor *pixels)
{
    const ask_timeline *t = &((const timeline_model *)net)->net;
    ask_timeline_config single = t->config;
    single.n_frames = 1;
    ask_cells_seen cells;
    ask_timeline_sights sights;
    ask_cells_build(&cells, g, &t->cells, pixels, ASK_NORM_RUNNING);
    ask_timeline_pick(&sights, g, &single, cells.outputs, cells.features,
                      ask_tensor_dim(pixels, 0));
    *out = (network_frames_output){sights.sights, sights.features};
}

static void build_memory(network_remember_output *out, ask_graph *g, const void *net,
                         const network_remember_input *in)
{
    const ask_timeline *t = &((const timeline_model *)net)->net;
    const ask_timeline_sights sights = {
        .sights = in->sights, .features = in->features, .mask = in->mask};
    ask_timeline_memory memory;
    ask_timeline_glance_build(&memory, g, &t->glance, &sights, NULL);
    *out = (network_remember_output){.records = memory.records,
                                     .mask = memory.mask,
                                     .event_sights = memory.events,
                                     .thing_sights = memory.toy_sights};
}

static ask_tensor *build_texts(ask_graph *g, const void *net, ask_tensor *ids,
                               ask_tensor *mask, int64_t room)
{
    const ask_timeline_texts texts = {.ids = ids, .mask = mask, .room = room};
    return ask_timeline_texts_build(g, &((const timeline_model *)net)->net.focus, &texts,
                                    NULL);
}

/* [1, L] -> [1, 1, L]: the only question of the only video */
static ask_tensor *only(ask_graph *g, ask_tensor *x)
{
    return ask_reshape(g, x, 3, (int64_t[]){1, 1, -1});
}

static void build_recall(network_recall_output *out, ask_graph *g, const void *net,
                         const network_recall_input *in)
{
    const int64_t all = -1;
    const ask_timeline_asking asking = {
        .records = in->records,
        .mask = in->mask,
        .questions = {.ids = only(g, in->ids), .mask = only(g, in->text_mask)},
        .answers = in->answers,
    };
    ask_timeline_answered answered;
    if (!in->answers) return;
    ask_timeline_focus_build(&answered, g, &((const timeline_model *)net)->net.focus,
                             &asking, NULL);
    *out = (network_recall_output){
        .scores = ask_reshape(g, answered.logits, 1, &all),
        .pointer = ask_reshape(g, answered.pointer, 1, &all),
        .fits = ask_reshape(g, answered.fits, 2,
                            (int64_t[]){-1, ask_tensor_dim(in->answers, 0)}),
    };
}

static const network_memory memory = {.sizes = sizes,
                                      .frames = build_frames,
                                      .remember = build_memory,
                                      .texts = build_texts,
                                      .recall = build_recall,
                                      .sight = timeline_read_sight,
                                      .slot = timeline_read_slot};

const network network_timeline = {
    .name = "timeline",
    .model_type = "timeline",
    .architectures = (const char *const[]){"Timeline", NULL},
    .tensors = (const char *const[]){"cells.level0.conv.weight", "glance.seen_scale",
                                     "focus.no_slot.weight", "text.places.weight", NULL},
    .ignored = ask_timeline_ignored,
    .net_bytes = sizeof(timeline_model),
    .read_config = read_config,
    .bind = bind,
    .read_beside = read_beside,
    .size_at = size_at,
    .processor = ASK_PROCESSOR_CLIP,
    .embeds = timeline_finds,
    .text = &timeline_texts,
    .dual = &timeline_dual,
    .memory = &memory,
    .runs = timeline_runs,
    .n_runs = TIMELINE_N_RUNS,
};
