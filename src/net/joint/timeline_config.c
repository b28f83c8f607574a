/* What config.json says. */
#include <string.h>

#include "net/joint/timeline_priv.h"

enum {
    N_WAYS = 4,
    NO_TOKEN = -1,
    MOST_SIGHTS = 64, // of a frame
    MOST_COUNTERS = 64,
};

const char *const timeline_kind_keys[ASK_N_TIMELINE_KINDS] = {
    [ASK_KIND_OF_COLOR] = "color", [ASK_KIND_OF_SHAPE] = "shape",
    [ASK_KIND_OF_SIZE] = "size",   [ASK_KIND_OF_TEXTURE] = "texture",
    [ASK_KIND_OF_EVENT] = "event", [ASK_KIND_OF_WAY] = "way",
};

/* ---- kinds ---- */

static bool read_word(char *out, size_t size, ask_json_value v, ask_error *err)
{
    const char *word;
    if (!ask_json_get_string(&word, v, "name", err)) return ask_fail_as(err, ASK_ERR_MODEL);
    if (!*word || strlen(word) >= size)
        return ask_config_fail(v, "name", err, "expected 1 to %zu bytes, got %zu", size - 1,
                               strlen(word));
    ask_format(out, size, "%s", word);
    return true;
}

static bool read_name(ask_timeline_name *out, ask_timeline_kind kind, int n_vocab,
                      ask_json_value v, ask_error *err)
{
    if (!read_word(out->name, sizeof out->name, v, err) ||
        !ask_config_int(&out->token, v, "token", 0, n_vocab - 1, NO_TOKEN, err))
        return false;
    return kind != ASK_KIND_OF_EVENT ||
           (ask_config_bool(&out->moves_other, v, "moves_other", false, err) &&
            ask_config_bool(&out->changes_color, v, "changes_color", false, err) &&
            ask_config_bool(&out->goes_somewhere, v, "goes_somewhere", false, err));
}

/* Against those before it. */
static bool check_name(const ask_timeline_name *names, int i, ask_json_value v,
                       ask_error *err)
{
    for (int j = 0; j < i; j++) {
        if (strcmp(names[i].name, names[j].name) == 0)
            return ask_config_fail(v, "name", err, "\"%s\" comes twice", names[i].name);
        if (names[i].token != NO_TOKEN && names[i].token == names[j].token)
            return ask_config_fail(v, "token", err, "\"%s\" has that of \"%s\", %lld",
                                   names[i].name, names[j].name, (long long)names[i].token);
    }
    return true;
}

static bool check_count(size_t n, ask_timeline_kind kind, ask_json_value kinds,
                        ask_error *err)
{
    if (kind == ASK_KIND_OF_WAY && n != N_WAYS)
        return ask_config_fail(kinds, timeline_kind_keys[kind], err,
                               "expected %d names, got %zu", N_WAYS, n);
    return (n >= 1 && n <= ASK_TIMELINE_MOST_VALUES) ||
           ask_config_fail(kinds, timeline_kind_keys[kind], err,
                           "expected 1 to %d names, got %zu", ASK_TIMELINE_MOST_VALUES, n);
}

static bool read_kind(ask_timeline_config *c, ask_timeline_kind kind, ask_json_value kinds,
                      ask_error *err)
{
    ask_json_value list;
    if (!ask_json_get_array(&list, kinds, timeline_kind_keys[kind], err))
        return ask_fail_as(err, ASK_ERR_MODEL);
    size_t n = ask_json_count(list);
    if (!check_count(n, kind, kinds, err)) return false;
    ask_timeline_name *names = c->names[kind];
    for (int i = 0; i < (int)n; i++) {
        ask_json_value item = ask_json_item(list, (size_t)i);
        if (!read_name(&names[i], kind, c->n_vocab, item, err) ||
            !check_name(names, i, item, err))
            return false;
    }
    c->kinds.n_values[kind] = (int)n;
    return true;
}

/* Names have their tokens all together, or none. */
static bool check_tokens(const ask_timeline_config *c, ask_json_value kinds, ask_error *err)
{
    bool has_any = c->names[0][0].token != NO_TOKEN;
    for (int kind = 0; kind < ASK_N_TIMELINE_KINDS; kind++)
        for (int i = 0; i < c->kinds.n_values[kind]; i++) {
            const ask_timeline_name *name = &c->names[kind][i];
            if ((name->token != NO_TOKEN) != has_any)
                return ask_config_fail(kinds, timeline_kind_keys[kind], err,
                                       "\"%s\" has %s token, but \"%s\" has %s", name->name,
                                       has_any ? "no" : "a", c->names[0][0].name,
                                       has_any ? "one" : "none");
        }
    return true;
}

static bool read_kinds(ask_timeline_config *c, ask_json_value root, ask_error *err)
{
    ask_json_value kinds;
    if (!ask_json_get_object(&kinds, root, "kinds", err))
        return ask_fail_as(err, ASK_ERR_MODEL);
    for (int kind = 0; kind < ASK_N_TIMELINE_KINDS; kind++)
        if (!read_kind(c, (ask_timeline_kind)kind, kinds, err)) return false;
    return check_tokens(c, kinds, err);
}

/* ---- sizes ---- */

static bool read_texts(ask_timeline_config *c, ask_json_value v, ask_error *err)
{
    return ask_config_size(&c->n_vocab, v, "vocab_size", ASK_MAX_VOCAB, 1024, err) &&
           ask_config_size(&c->n_tokens, v, "max_position_embeddings", ASK_MAX_CONTEXT, 32,
                           err) &&
           ask_config_int(&c->pad_id, v, "pad_token_id", 0, c->n_vocab - 1, 0, err) &&
           ask_config_int(&c->end_id, v, "eos_token_id", 0, c->n_vocab - 1, 0, err);
}

static bool read_layers(ask_timeline_config *c, ask_json_value v, ask_error *err)
{
    if (!ask_config_size(&c->width, v, "hidden_size", ASK_MAX_WIDTH, 160, err) ||
        !ask_config_size(&c->inner, v, "intermediate_size", ASK_MAX_WIDTH, 320, err) ||
        !ask_config_size(&c->n_heads, v, "num_attention_heads", ASK_MAX_WIDTH, 8, err) ||
        !ask_config_size(&c->glance_layers, v, "glance_layers", ASK_MAX_LAYERS, 4, err) ||
        !ask_config_size(&c->memory_layers, v, "memory_layers", ASK_MAX_LAYERS, 2, err) ||
        !ask_config_size(&c->focus_layers, v, "focus_layers", ASK_MAX_LAYERS, 4, err) ||
        !ask_config_size(&c->text_layers, v, "text_layers", ASK_MAX_LAYERS, 2, err) ||
        !ask_config_size(&c->n_counters, v, "num_counters", MOST_COUNTERS, 8, err) ||
        !ask_config_double(&c->dropout, v, "dropout", 0, 1, 0, err))
        return false;
    return ask_config_shared(v, "hidden_size", c->width, c->n_heads, err);
}

static bool read_sights(ask_timeline_config *c, ask_json_value v, ask_error *err)
{
    if (!ask_config_size(&c->n_frames, v, "num_frames", ASK_TIMELINE_MOST_FRAMES, 24,
                         err) ||
        !ask_config_size(&c->n_sights, v, "num_sights", MOST_SIGHTS, 7, err))
        return false;
    int side = c->cells.side_px / ASK_CELLS_PX;
    return c->n_sights <= side * side ||
           ask_config_fail(v, "num_sights", err, "%d of a frame, which has %d cells",
                           c->n_sights, side * side);
}

static bool read_slots(ask_timeline_config *c, ask_json_value v, ask_error *err)
{
    const int *n = c->kinds.n_values;
    int n_sights = c->n_frames * c->n_sights;
    int n_pairs = n[ASK_KIND_OF_COLOR] * n[ASK_KIND_OF_SHAPE];
    if (!ask_config_size(&c->n_event_slots, v, "num_event_slots", ASK_MAX_CHANNELS, 12,
                         err) ||
        !ask_config_size(&c->n_toy_slots, v, "num_toy_slots", ASK_MAX_CHANNELS, 8, err))
        return false;
    if (c->n_event_slots > n_sights)
        return ask_config_fail(v, "num_event_slots", err, "%d of %d sights",
                               c->n_event_slots, n_sights);
    if (!ask_config_bool(&c->has_memory, v, "memory", true, err)) return false;
    return c->n_toy_slots <= n_pairs ||
           ask_config_fail(v, "num_toy_slots", err, "%d of %d pairs of colour and shape",
                           c->n_toy_slots, n_pairs);
}

/* Absent: it cannot find. */
static bool read_find(ask_timeline_config *c, ask_json_value root, ask_error *err)
{
    ask_json_value v;
    if (!ask_config_object(&v, root, "find", err)) return false;
    if (ask_json_type_of(v) == ASK_JSON_ABSENT) return true;
    return ask_config_size(&c->find.n_embed, v, "projection_dim", ASK_MAX_WIDTH, 128,
                           err) &&
           ask_config_size(&c->find.text_layers, v, "text_layers", ASK_MAX_LAYERS, 2, err);
}

static bool read_type(ask_json_value root, ask_error *err)
{
    const char *type;
    if (!ask_json_get_string(&type, root, "model_type", err))
        return ask_fail_as(err, ASK_ERR_MODEL);
    return strcmp(type, "timeline") == 0 ||
           ask_config_fail(root, "model_type", err, "\"%.40s\", not \"timeline\"", type);
}

int ask_timeline_n_slots(const ask_timeline_config *c)
{
    return c->has_memory ? c->n_event_slots + c->n_toy_slots : c->n_frames * c->n_sights;
}

bool ask_timeline_config_read(ask_timeline_config *out, ask_json_value root, ask_error *err)
{
    ask_timeline_config c = {0};
    ask_json_value cells;
    if (!read_type(root, err) || !read_texts(&c, root, err) || !read_kinds(&c, root, err) ||
        !ask_config_object(&cells, root, "cells", err) ||
        !ask_cells_config_read(&c.cells, cells, err) || !read_layers(&c, root, err) ||
        !read_sights(&c, root, err) || !read_slots(&c, root, err) ||
        !read_find(&c, root, err))
        return false;
    c.cells.n_outputs = ask_sight_width(&c.kinds);
    *out = c;
    return true;
}
