/* The config.json of a network. */
#include "base/json_write.h"
#include "net/joint/timeline_priv.h"

static void put_if(ask_json_writer *w, const char *key, bool value)
{
    if (value) ask_json_put_bool(w, key, true);
}

static void put_name(ask_json_writer *w, const ask_timeline_name *name)
{
    ask_json_open_object(w, NULL);
    ask_json_put_string(w, "name", name->name);
    if (name->token >= 0) ask_json_put_int(w, "token", name->token);
    put_if(w, "moves_other", name->moves_other);
    put_if(w, "changes_color", name->changes_color);
    put_if(w, "goes_somewhere", name->goes_somewhere);
    ask_json_close(w);
}

static void put_kinds(ask_json_writer *w, const ask_timeline_config *c)
{
    ask_json_open_object(w, "kinds");
    for (int kind = 0; kind < ASK_N_TIMELINE_KINDS; kind++) {
        ask_json_open_array(w, timeline_kind_keys[kind]);
        for (int i = 0; i < c->kinds.n_values[kind]; i++) put_name(w, &c->names[kind][i]);
        ask_json_close(w);
    }
    ask_json_close(w);
}

static void put_cells(ask_json_writer *w, const ask_cells_config *c)
{
    ask_json_open_object(w, "cells");
    ask_json_put_int(w, "num_channels", c->n_channels);
    ask_json_put_int(w, "image_size", c->side_px);
    ask_json_open_array(w, "widths");
    for (int i = 0; i < ASK_CELLS_N_LEVELS; i++) ask_json_put_int(w, NULL, c->widths[i]);
    ask_json_close(w);
    ask_json_close(w);
}

static void put_sizes(ask_json_writer *w, const ask_timeline_config *c)
{
    const struct {
        const char *key;
        int64_t value;
    } sizes[] = {
        {"num_frames", c->n_frames},         {"num_sights", c->n_sights},
        {"hidden_size", c->width},           {"intermediate_size", c->inner},
        {"num_attention_heads", c->n_heads}, {"glance_layers", c->glance_layers},
        {"memory_layers", c->memory_layers}, {"focus_layers", c->focus_layers},
        {"text_layers", c->text_layers},     {"num_event_slots", c->n_event_slots},
        {"num_toy_slots", c->n_toy_slots},   {"num_counters", c->n_counters},
        {"vocab_size", c->n_vocab},          {"max_position_embeddings", c->n_tokens},
        {"pad_token_id", c->pad_id},         {"eos_token_id", c->end_id},
    };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        ask_json_put_int(w, sizes[i].key, sizes[i].value);
}

static void put_find(ask_json_writer *w, const ask_timeline_config *c)
{
    if (c->find.n_embed == 0) return;
    ask_json_open_object(w, "find");
    ask_json_put_int(w, "projection_dim", c->find.n_embed);
    ask_json_put_int(w, "text_layers", c->find.text_layers);
    ask_json_close(w);
}

void ask_timeline_config_write(ask_str *out, const ask_timeline_config *c)
{
    ask_json_writer w = {.out = out, .pretty = true};
    ask_json_open_object(&w, NULL);
    ask_json_put_string(&w, "model_type", "timeline");
    ask_json_open_array(&w, "architectures");
    ask_json_put_string(&w, NULL, "Timeline");
    ask_json_close(&w);
    put_cells(&w, &c->cells);
    put_kinds(&w, c);
    put_sizes(&w, c);
    if (!c->has_memory) ask_json_put_bool(&w, "memory", false);
    ask_json_put_double(&w, "dropout", c->dropout);
    put_find(&w, c);
    ask_json_close(&w);
}
