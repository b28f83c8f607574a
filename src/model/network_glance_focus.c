/* The row of Glance-Focus. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/path.h"
#include "model/answers.h"
#include "model/glance_focus_priv.h"
#include "model/model_priv.h"

/* ---- the configuration ---- */

/* A text that fits into out, its NUL included. */
static bool read_text(char *out, size_t size, ask_json_value v, const char *key,
                      const char *fallback, ask_error *err)
{
    const char *text;
    if (!ask_json_opt_string(&text, v, key, fallback, err))
        return ask_fail_as(err, ASK_ERR_MODEL);
    if (strlen(text) >= size)
        return ask_config_fail(v, key, err, "longer than %zu bytes", size - 1);
    memcpy(out, text, strlen(text) + 1);
    return true;
}

static bool read_spans(bool *are_ends, ask_json_value v, bool is_theirs, ask_error *err)
{
    static const char key[] = "spans", centre[] = "centre_width", ends[] = "start_end";
    char text[32];
    if (!read_text(text, sizeof text, v, key, is_theirs ? ends : centre, err)) return false;
    *are_ends = strcmp(text, ends) == 0;
    return *are_ends || strcmp(text, centre) == 0 ||
           ask_config_fail(v, key, err, "\"%.40s\" is not known; \"%s\" and \"%s\" are",
                           text, centre, ends);
}

static bool read_features(glance_focus_model *m, ask_json_value root, ask_error *err)
{
    ask_json_value v;
    if (!ask_config_object(&v, root, "features", err)) return false;
    return read_text(m->features_id, sizeof m->features_id, v, "model_id", "", err) &&
           read_text(m->features_layout, sizeof m->features_layout, v, "layout", "", err);
}

static bool read_config(void *net, ask_json_value root, ask_error *err)
{
    glance_focus_model *m = net;
    *m = (glance_focus_model){0};
    bool is_theirs = ask_json_type_of(ask_json_find(root, "model_type")) == ASK_JSON_ABSENT;
    bool is_bare = ask_json_count(root) == 0; // there is no config.json
    if (is_bare)
        m->focus.config = ask_glance_focus_released();
    else if (!ask_glance_focus_config_read(&m->focus.config, root, err))
        return false;
    return read_text(m->option_joint, sizeof m->option_joint, root, "option_joint", " ",
                     err) &&
           read_spans(&m->spans_are_ends, root, is_theirs, err) &&
           read_features(m, root, err) && glance_focus_read_weights(&m->weights, root, err);
}

static bool set_compat(void *net, const char *compat, ask_error *err)
{
    bool released = strcmp(compat, "released") == 0;
    if (!released && strcmp(compat, "paper") != 0)
        return ask_fail(err, ASK_ERR_USAGE, "compat is released or paper, not \"%.40s\"",
                        compat);
    ((glance_focus_model *)net)->focus.config.compat =
        (ask_glance_focus_compat){released, released, released};
    return true;
}

static void bind(void *net, ask_params *p)
{
    ask_glance_focus *focus = &((glance_focus_model *)net)->focus;
    const ask_glance_focus_config config = focus->config;
    ask_glance_focus_bind(focus, p, &config);
}

static bool size_at(const void *net, size_t i, ask_model_size *out)
{
    const ask_glance_focus_config *c = &((const glance_focus_model *)net)->focus.config;
    const ask_model_size list[] = {
        {"width", c->width},
        {"mlp_width", c->inner},
        {"layers", c->n_layers},
        {"heads", c->n_heads},
        {"frames", c->n_frames},
        {"features", c->n_features},
        {"events", c->n_queries},
        {"event_classes", c->n_classes},
        {"text.layers", c->text.stack.n_layers},
        {"text.width", c->text.stack.width},
        {"text.context", ask_bert_n_context(&c->text)},
        {"text.vocabulary", c->text.n_vocab},
        {c->n_options ? "options" : "answers", c->n_options ? c->n_options : c->n_answers},
    };
    if (i >= sizeof list / sizeof *list) return false;
    *out = list[i];
    return true;
}

/* ---- what lies beside the weights ---- */

enum { MOST_BYTES = 1 << 24 };

bool ask_feature_qa_answers_read(const char ***out, const char *path, int n_answers,
                                 ask_arena *room, ask_error *err)
{
    const char **answers;
    int n;
    if (!ask_answers_read(&answers, &n, path, room, err)) return false;
    if (n != n_answers)
        return ask_fail(err, ASK_ERR_MODEL,
                        "%s: %d answers, but the network tells %d apart", path, n,
                        n_answers);
    *out = answers;
    return true;
}

static bool read_answers(glance_focus_model *m, const char *path, ask_arena *room,
                         ask_error *err)
{
    const ask_glance_focus_config *c = &m->focus.config;
    const char **answers;
    if (c->head != ASK_ANSWER_VOCABULARY) return true;
    if (!ask_feature_qa_answers_read(&answers, path, c->n_answers, room, err)) return false;
    m->answers = answers;
    return true;
}

/* The next line of *text, without its end; NULL behind the last. */
static char *next_line(char **text)
{
    char *line = *text;
    if (!*line) return NULL;
    size_t n = strcspn(line, "\n");
    *text = line + n + (line[n] == '\n');
    line[n] = 0;
    if (n > 0 && line[n - 1] == '\r') line[n - 1] = 0;
    return line;
}

/* Lines "a013 Throwing a pillow somewhere", of which the name counts. The authors count the
 * published file, which ends without a line feed, one line short: its last class is the
 * background of their networks, and is not taken. */
static bool take_classes(glance_focus_model *m, char *text, const char *path,
                         ask_arena *room, ask_error *err)
{
    int n = 0, n_classes = m->focus.config.n_classes - 1;
    const char **names = ask_arena_array(room, (size_t)n_classes + 1, sizeof *names);
    if (!names) return ask_fail_memory(err);
    for (char *line; (line = next_line(&text)); n++) {
        char *space = strchr(line, ' ');
        if (!space)
            return ask_fail(err, ASK_ERR_MODEL, "%s:%d: expected an id, a space and a name",
                            path, n + 1);
        if (n > n_classes) continue;
        if (!(names[n] = ask_arena_strdup(room, space + 1))) return ask_fail_memory(err);
    }
    if (n != n_classes && n != n_classes + 1)
        return ask_fail(err, ASK_ERR_MODEL,
                        "%s: %d classes, but the network has %d and the background", path,
                        n, n_classes);
    m->classes = names;
    return true;
}

static bool read_classes(glance_focus_model *m, const char *path, ask_arena *room,
                         ask_error *err)
{
    char *text = NULL;
    size_t n_bytes;
    bool ok = ask_file_read(&text, &n_bytes, path, MOST_BYTES, err) &&
              take_classes(m, text, path, room, err);
    free(text);
    return ok;
}

static bool read_beside(void *net, const char *dir, ask_arena *room, ask_error *err)
{
    char *answers = ask_path_join(dir, MODEL_ANSWERS_FILE, err);
    char *classes = answers ? ask_path_join(dir, MODEL_CLASSES_FILE, err) : NULL;
    bool ok = classes &&
              (!ask_file_exists(answers) || read_answers(net, answers, room, err)) &&
              (!ask_file_exists(classes) || read_classes(net, classes, room, err));
    free(answers);
    free(classes);
    return ok || ask_fail_as(err, ASK_ERR_MODEL);
}

/* ---- answering ---- */

static network_qa_rules rules(const void *net)
{
    static const ask_qa_kind kinds[] = {
        [ASK_ANSWER_OPTIONS] = ASK_QA_OPTIONS,
        [ASK_ANSWER_VOCABULARY] = ASK_QA_VOCABULARY,
        [ASK_ANSWER_COUNT] = ASK_QA_COUNT,
        [ASK_ANSWER_MOMENT] = ASK_QA_MOMENT,
    };
    enum { SHORT_TEXT = 16 }; // tokens
    const glance_focus_model *m = net;
    const ask_glance_focus_config *c = &m->focus.config;
    return (network_qa_rules){
        .info = {.kind = kinds[c->head],
                 .n_options = c->n_options,
                 .width = c->n_features,
                 .n_frames = c->n_frames,
                 .n_events = c->n_queries,
                 .n_answers = c->head == ASK_ANSWER_VOCABULARY ? c->n_answers : 0,
                 .answers = m->answers,
                 .n_classes = c->n_classes - 1,
                 .classes = m->classes,
                 .features = m->features_id[0] ? m->features_id : NULL,
                 .features_layout = m->features_layout[0] ? m->features_layout : NULL,
                 .video_gflop = ask_glance_flops(c, c->n_frames) / 1e9,
                 .text_gflop = ask_focus_flops(c, c->n_frames, SHORT_TEXT) / 1e9},
        .text = {.n_context = ask_bert_n_context(&c->text),
                 .n_vocab = c->text.n_vocab,
                 .end_id = -1,
                 .pad_id = c->text.pad_id,
                 .vocab_key = "text_encoder.vocab_size",
                 .token_flops = ask_bert_flops(&c->text, SHORT_TEXT) / SHORT_TEXT},
        .option_joint = m->option_joint,
        .spans_are_ends = m->spans_are_ends,
        .sees_padding = c->compat.added_masks || c->compat.tail_memory,
    };
}

/* Columns from .. to of attention, [R, H, L, N]. */
static ask_tensor *columns(ask_graph *g, ask_tensor *attention, int64_t from, int64_t to)
{
    return ask_slice(g, attention, 3, from, to);
}

/* With tail_memory, what stands for the frames are frames, prompts and the first tokens;
 * with a text of fewer tokens than prompts, the last of these are among what stands for the
 * events. */
static void find_tail_attention(network_qa_output *out, ask_graph *g,
                                const ask_focus *focus, int64_t n_frames, int64_t n_events)
{
    ask_tensor *frames = focus->frame_attention, *tail = focus->event_attention;
    if (!frames || !tail) return;
    int64_t n = ask_tensor_dim(frames, 3), end = n_frames + n_events;
    out->frame_attention = columns(g, frames, 0, n_frames);
    out->event_attention = columns(g, frames, n_frames, n < end ? n : end);
    if (n >= end) return;
    ask_tensor *parts[2] = {out->event_attention, columns(g, tail, 0, end - n)};
    out->event_attention = ask_concat(g, parts, 2, 3);
}

static void build_qa(network_qa_output *out, ask_graph *g, const void *net,
                     const network_qa_input *in)
{
    const ask_glance_focus *n = &((const glance_focus_model *)net)->focus;
    ask_glance glance;
    ask_focus focus;
    ask_graph_want(g, "focus.event_attention");
    ask_graph_want(g, "focus.frame_attention");
    ask_glance_build(&glance, g, n, in->features, in->mask, NULL);
    const ask_bert_input tokens = {.ids = in->ids, .mask = in->text_mask};
    ask_tensor *text = ask_focus_text(g, n, &tokens);
    ask_focus_build(&focus, g, n, &glance, text, in->text_mask, NULL);
    *out = (network_qa_output){
        .answer = focus.answer,
        .class_logits = glance.class_logits,
        .spans = glance.spans,
        .order = glance.order,
        .event_attention = focus.event_attention,
        .frame_attention = focus.frame_attention,
    };
    if (n->config.compat.tail_memory && in->features)
        find_tail_attention(out, g, &focus, ask_tensor_dim(in->features, 1),
                            n->config.n_queries);
}

static const network_qa qa = {.rules = rules, .build = build_qa};

const network network_glance_focus = {
    .name = "glance_focus",
    .model_type = "glance_focus",
    .architectures = (const char *const[]){"GlanceFocus", NULL},
    .tensors = (const char *const[]){"transformer.decoder.layers.0.cross_attn_image."
                                     "in_proj_weight",
                                     "event_class_embed.weight", "qa_embed.weight",
                                     "input_proj.main.0.weight_v", NULL},
    .bare = true,
    .ignored = ask_glance_focus_ignored,
    .net_bytes = sizeof(glance_focus_model),
    .read_config = read_config,
    .set_compat = set_compat,
    .bind = bind,
    .read_beside = read_beside,
    .size_at = size_at,
    .qa = &qa,
    .runs = &glance_focus_run,
    .n_runs = 1,
};
