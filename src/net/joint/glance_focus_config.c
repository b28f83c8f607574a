/* What config.json says. */
#include <string.h>

#include "net/joint/glance_focus.h"

/* The index of the text at key in a list that ends with NULL; that of the fallback when
 * there is none. */
static bool read_word(int *out, ask_json_value v, const char *key, const char *const *words,
                      int fallback, ask_error *err)
{
    const char *text;
    if (!ask_json_opt_string(&text, v, key, words[fallback], err))
        return ask_fail_as(err, ASK_ERR_MODEL);
    for (int i = 0; words[i]; i++)
        if (strcmp(text, words[i]) == 0) {
            *out = i;
            return true;
        }
    return ask_config_fail(v, key, err, "\"%.40s\" is not known; \"%s\" is", text,
                           words[fallback]);
}

/* ---- what both kinds of files say ---- */

static bool read_sizes(ask_glance_focus_config *c, ask_json_value v, ask_error *err)
{
    if (!ask_config_size(&c->width, v, "d_model", ASK_MAX_WIDTH, c->width, err) ||
        !ask_config_size(&c->n_heads, v, "nhead", ASK_MAX_WIDTH, c->n_heads, err) ||
        !ask_config_size(&c->n_layers, v, "num_layers", ASK_MAX_LAYERS, c->n_layers, err) ||
        !ask_config_size(&c->inner, v, "dim_feedforward", ASK_MAX_WIDTH, c->inner, err) ||
        !ask_config_size(&c->n_queries, v, "num_queries", ASK_MAX_CHANNELS, c->n_queries,
                         err) ||
        !ask_config_size(&c->n_features, v, "feature_dim", ASK_MAX_WIDTH, c->n_features,
                         err) ||
        !ask_config_size(&c->n_frames, v, "max_feats", ASK_MAX_CONTEXT, c->n_frames, err) ||
        !ask_config_size(&c->n_classes, v, "event_pred_dim", ASK_MAX_VOCAB, c->n_classes,
                         err) ||
        !ask_config_double(&c->dropout, v, "dropout", 0, 1, c->dropout, err))
        return false;
    return ask_config_shared(v, "d_model", c->width, c->n_heads, err);
}

static bool read_text_encoder(ask_bert_config *out, ask_json_value v, ask_error *err)
{
    static const char *const kinds[] = {
        [ASK_BERT] = "bert", [ASK_ROBERTA] = "roberta", NULL};
    int kind;
    ask_json_value text;
    if (!ask_config_object(&text, v, "text_encoder", err)) return false;
    if (ask_json_type_of(text) == ASK_JSON_ABSENT) return true; // as in the paper
    return read_word(&kind, text, "model_type", kinds, ASK_ROBERTA, err) &&
           ask_bert_config_read(out, (ask_bert_kind)kind, text, err);
}

/* ---- the authors' ---- */

static bool read_their_head(ask_glance_focus_config *c, ask_json_value v, ask_error *err)
{
    static const struct {
        const char *name;
        int n_options;
    } with_options[] = {{"star", 4}, {"nextqa", 5}};
    const char *set;
    if (!ask_json_opt_string(&set, v, "qa_dataset", with_options[0].name, err))
        return ask_fail_as(err, ASK_ERR_MODEL);
    for (size_t i = 0; i < sizeof with_options / sizeof *with_options; i++)
        if (strcmp(set, with_options[i].name) == 0) {
            c->n_options = with_options[i].n_options;
            return true;
        }
    c->head = ASK_ANSWER_VOCABULARY;
    c->n_options = 0;
    return ask_config_size(&c->n_answers, v, "output_dim", ASK_MAX_VOCAB, 1, err);
}

static bool read_theirs(ask_glance_focus_config *c, ask_json_value v, ask_error *err)
{
    static const char *const masks[] = {"float ones", "bool", NULL};
    int mask;
    if (!read_their_head(c, v, err) || !read_word(&mask, v, "masks", masks, 0, err))
        return false;
    c->compat = (ask_glance_focus_compat){
        .added_masks = mask == 0, .tail_memory = true, .first_layer = true};
    return true;
}

/* ---- ours ---- */

static bool read_our_head(ask_glance_focus_config *c, ask_json_value v, ask_error *err)
{
    static const char *const heads[] = {
        [ASK_ANSWER_OPTIONS] = "options",
        [ASK_ANSWER_VOCABULARY] = "vocabulary",
        [ASK_ANSWER_COUNT] = "count",
        [ASK_ANSWER_MOMENT] = "moment",
        NULL,
    };
    int head;
    if (!read_word(&head, v, "head", heads, ASK_ANSWER_OPTIONS, err)) return false;
    c->head = (ask_answer_head)head;
    if (c->head == ASK_ANSWER_OPTIONS)
        return ask_config_size(&c->n_options, v, "num_options", ASK_MAX_CHANNELS,
                               c->n_options, err);
    c->n_options = 0;
    return c->head != ASK_ANSWER_VOCABULARY ||
           ask_config_size(&c->n_answers, v, "output_dim", ASK_MAX_VOCAB, 1, err);
}

static bool read_compat(ask_glance_focus_compat *c, ask_json_value v, ask_error *err)
{
    static const char key[] = "compat";
    static const char *const words[] = {"paper", "released", NULL};
    if (ask_json_type_of(ask_json_find(v, key)) != ASK_JSON_OBJECT) {
        int word;
        if (!read_word(&word, v, key, words, 0, err)) return false;
        c->added_masks = c->tail_memory = c->first_layer = word == 1;
        return true;
    }
    return ask_config_bool(&c->added_masks, v, "compat.added_masks", false, err) &&
           ask_config_bool(&c->tail_memory, v, "compat.tail_memory", false, err) &&
           ask_config_bool(&c->first_layer, v, "compat.first_layer", false, err);
}

static bool read_ours(ask_glance_focus_config *c, ask_json_value v, ask_error *err)
{
    static const char *const places[] = {
        [ASK_FRAMES_BARE] = "none", [ASK_FRAMES_WAVES] = "sine", NULL};
    int place;
    if (!read_our_head(c, v, err) || !read_compat(&c->compat, v, err) ||
        !read_word(&place, v, "frame_positions", places, ASK_FRAMES_BARE, err) ||
        !ask_config_bool(&c->has_memory, v, "memory", true, err))
        return false;
    c->places = (ask_frame_places)place;
    return c->places == ASK_FRAMES_BARE ||
           (int64_t)c->n_frames * c->width <= ASK_GLANCE_MOST_WAVES ||
           ask_config_fail(v, "max_feats", err,
                           "%d frames that carry their places, of width %d: at most %d",
                           c->n_frames, c->width, ASK_GLANCE_MOST_WAVES / c->width);
}

bool ask_glance_focus_config_read(ask_glance_focus_config *out, ask_json_value root,
                                  ask_error *err)
{
    ask_glance_focus_config c = ask_glance_focus_paper();
    bool is_ours = ask_json_type_of(ask_json_find(root, "model_type")) != ASK_JSON_ABSENT;
    if (!read_sizes(&c, root, err) || !read_text_encoder(&c.text, root, err) ||
        !(is_ours ? read_ours : read_theirs)(&c, root, err))
        return false;
    *out = c;
    return true;
}
