/* config.json of Timeline: what is read from it, what is refused, and that what is written
 * reads back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/joint/timeline.h"
#include "support/testing.h"

static const char good[] =
    "{\"model_type\": \"timeline\", \"architectures\": [\"Timeline\"],"
    "\"cells\": {\"num_channels\": 3, \"image_size\": 64, \"widths\": [4, 6, 8]},"
    "\"kinds\": {"
    "\"color\": [{\"name\": \"red\", \"token\": 7}, {\"name\": \"green\", \"token\": 8}],"
    "\"shape\": [{\"name\": \"ball\", \"token\": 9}, {\"name\": \"star\", \"token\": 10}],"
    "\"size\": [{\"name\": \"small\", \"token\": 11}],"
    "\"texture\": [{\"name\": \"plain\", \"token\": 12}, {\"name\": \"dotted\", \"token\": "
    "13}],"
    "\"event\": [{\"name\": \"jumps\", \"token\": 14},"
    " {\"name\": \"pushes\", \"token\": 15, \"moves_other\": true, \"goes_somewhere\": "
    "true},"
    " {\"name\": \"turns\", \"token\": 16, \"changes_color\": true}],"
    "\"way\": [{\"name\": \"left\", \"token\": 17}, {\"name\": \"right\", \"token\": 18},"
    " {\"name\": \"up\", \"token\": 19}, {\"name\": \"down\", \"token\": 20}]},"
    "\"num_frames\": 6, \"num_sights\": 2, \"hidden_size\": 12, \"intermediate_size\": 20,"
    "\"num_attention_heads\": 3, \"glance_layers\": 2, \"memory_layers\": 3, "
    "\"focus_layers\": 5, "
    "\"text_layers\": 1,"
    "\"num_event_slots\": 12, \"num_toy_slots\": 4, \"num_counters\": 9,"
    "\"vocab_size\": 21, \"max_position_embeddings\": 15, \"pad_token_id\": 1,"
    "\"eos_token_id\": 2, \"dropout\": 0.25}";

static bool read_text(ask_timeline_config *out, const char *text, ask_error *err)
{
    ask_error parse_error = {0};
    ask_json *doc;
    CHECK_OK(doc = ask_json_parse(text, strlen(text), "config.json", NULL, &parse_error),
             &parse_error);
    bool ok = ask_timeline_config_read(out, ask_json_root(doc), err);
    ask_json_free(doc);
    return ok;
}

/* The good text with the first `from` in it replaced. Freed by the caller. */
static char *changed(const char *name, const char *from, const char *to)
{
    const char *at = strstr(good, from);
    CHECK_CASE(name, at != NULL);
    size_t size = sizeof good + strlen(to);
    char *text = malloc(size);
    assert_non_null(text);
    snprintf(text, size, "%.*s%s%s", (int)(at - good), good, to, at + strlen(from));
    return text;
}

static void check_good(const ask_timeline_config *c)
{
    const int n_values[] = {2, 2, 1, 2, 3, 4}, widths[] = {4, 6, 8};
    assert_memory_equal(c->kinds.n_values, n_values, sizeof n_values);
    assert_string_equal(c->names[ASK_KIND_OF_COLOR][1].name, "green");
    assert_int_equal(c->names[ASK_KIND_OF_COLOR][1].token, 8);
    const ask_timeline_name *event = c->names[ASK_KIND_OF_EVENT];
    const bool moves[] = {false, true, false}, changes[] = {false, false, true};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(event[i].moves_other, moves[i]);
        assert_int_equal(event[i].goes_somewhere, moves[i]);
        assert_int_equal(event[i].changes_color, changes[i]);
    }
    assert_string_equal(c->names[ASK_KIND_OF_WAY][3].name, "down");
    assert_int_equal(c->cells.n_channels, 3);
    assert_int_equal(c->cells.side_px, 64);
    assert_memory_equal(c->cells.widths, widths, sizeof widths);
    assert_int_equal(c->cells.n_outputs, 7 + 2 + 2 + 1 + 2 + 5);
    assert_int_equal(c->n_frames, 6);
    assert_int_equal(c->n_sights, 2);
    assert_int_equal(c->width, 12);
    assert_int_equal(c->inner, 20);
    assert_int_equal(c->n_heads, 3);
    assert_int_equal(c->glance_layers, 2);
    assert_int_equal(c->memory_layers, 3);
    assert_int_equal(c->focus_layers, 5);
    assert_int_equal(c->text_layers, 1);
    assert_int_equal(c->n_event_slots, 12);
    assert_int_equal(c->n_toy_slots, 4);
    assert_int_equal(c->n_counters, 9);
    assert_int_equal(c->n_vocab, 21);
    assert_int_equal(c->n_tokens, 15);
    assert_int_equal(c->pad_id, 1);
    assert_int_equal(c->end_id, 2);
    assert_true(c->dropout == 0.25);
}

static void every_key_is_read(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_timeline_config c;
    CHECK_OK(read_text(&c, good, &err), &err);
    check_good(&c);
}

static void what_is_written_reads_back(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_timeline_config c, again;
    ask_str text = {0};
    CHECK_OK(read_text(&c, good, &err), &err);
    ask_timeline_config_write(&text, &c);
    CHECK_OK(read_text(&again, ask_str_text(&text), &err), &err);
    check_good(&again);
    assert_true(again.has_memory && again.find.n_embed == 0);
    ask_str_free(&text);

    c.has_memory = false;
    c.find.n_embed = 24;
    c.find.text_layers = 3;
    ask_timeline_config_write(&text, &c);
    CHECK_OK(read_text(&again, ask_str_text(&text), &err), &err);
    check_good(&again);
    assert_false(again.has_memory);
    assert_int_equal(again.find.n_embed, 24);
    assert_int_equal(again.find.text_layers, 3);
    ask_str_free(&text);
}

/* As a template has them, before there is a tokenizer. */
static void names_may_wait_for_their_tokens(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_timeline_config c, again;
    ask_str text = {0};
    CHECK_OK(read_text(&c, good, &err), &err);
    for (int kind = 0; kind < ASK_N_TIMELINE_KINDS; kind++)
        for (int i = 0; i < c.kinds.n_values[kind]; i++) c.names[kind][i].token = -1;
    ask_timeline_config_write(&text, &c);
    assert_null(strstr(ask_str_text(&text), "\"token\""));
    CHECK_OK(read_text(&again, ask_str_text(&text), &err), &err);
    assert_int_equal(again.names[ASK_KIND_OF_SHAPE][1].token, -1);
    ask_str_free(&text);
}

static void absent_sizes_are_those_of_the_default_model(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_timeline_config c;
    const char *kinds = strstr(good, "\"kinds\""), *end = strstr(good, ",\"num_frames\"");
    char *text = malloc(sizeof good);
    assert_non_null(text);
    snprintf(text, sizeof good, "{\"model_type\": \"timeline\", %.*s}", (int)(end - kinds),
             kinds);
    char *toys = strstr(text, "\"shape\""); // 2 shapes would be too few for 8 toys
    assert_non_null(toys);
    bool ok = read_text(&c, text, &err);
    assert_false(ok);
    assert_non_null(strstr(err.message, "num_toy_slots"));
    size_t n = strlen(text);
    snprintf(text + n - 1, sizeof good - n, ", \"num_toy_slots\": 4}");
    CHECK_OK(read_text(&c, text, &err), &err);
    assert_int_equal(c.cells.side_px, 128);
    assert_int_equal(c.n_frames, 24);
    assert_int_equal(c.n_sights, 7);
    assert_int_equal(c.width, 160);
    assert_int_equal(c.n_event_slots, 12);
    free(text);
}

static const struct {
    const char *name, *from, *to, *message;
} bad[] = {
    {"another network", "\"timeline\"", "\"clip\"", "model_type"},
    {"no type", "\"model_type\": \"timeline\", ", "", "model_type"},
    {"no kinds", "\"kinds\"", "\"kind\"", "kinds"},
    {"kinds are no object", "\"kinds\": {", "\"kinds\": 3, \"k\": {", "kinds"},
    {"a kind is missing", "\"texture\"", "\"textures\"", "kinds.texture"},
    {"a kind is no list", "\"size\": [{\"name\": \"small\", \"token\": 11}]",
     "\"size\": \"small\"", "size"},
    {"a kind without values", "[{\"name\": \"small\", \"token\": 11}]", "[]", "size"},
    {"three ways", ", {\"name\": \"right\", \"token\": 18}", "", "way"},
    {"a name is missing", "{\"name\": \"red\", \"token\": 7}", "{\"token\": 7}", "name"},
    {"a name is empty", "\"red\"", "\"\"", "name"},
    {"a name is too long", "\"red\"", "\"a very long name of a very long thing\"", "name"},
    {"a name comes twice", "\"green\"", "\"red\"", "comes twice"},
    {"a token comes twice", "\"token\": 8", "\"token\": 7", "token"},
    {"a token is no token", "\"token\": 20", "\"token\": 21", "token"},
    {"a token below 0", "\"token\": 20", "\"token\": -1", "token"},
    {"some names have tokens", ", \"token\": 20", "", "\"down\" has no token"},
    {"a trait is no boolean", "\"moves_other\": true", "\"moves_other\": 1", "moves_other"},
    {"cells are no object", "\"cells\": {", "\"cells\": 1, \"c\": {", "cells"},
    {"cells of no size", "\"image_size\": 64", "\"image_size\": 60", "image_size"},
    {"no frames", "\"num_frames\": 6", "\"num_frames\": 0", "num_frames"},
    {"too many frames", "\"num_frames\": 6", "\"num_frames\": 257", "num_frames"},
    {"more sights than cells", "\"num_sights\": 2", "\"num_sights\": 17", "num_sights"},
    {"more sights than are taken", "\"num_sights\": 2", "\"num_sights\": 65", "num_sights"},
    {"heads do not fit", "\"num_attention_heads\": 3", "\"num_attention_heads\": 5",
     "hidden_size"},
    {"no layers", "\"glance_layers\": 2", "\"glance_layers\": 0", "glance_layers"},
    {"no counters", "\"num_counters\": 9", "\"num_counters\": 0", "num_counters"},
    {"more events than sights", "\"num_event_slots\": 12", "\"num_event_slots\": 13",
     "num_event_slots"},
    {"more toys than pairs", "\"num_toy_slots\": 4", "\"num_toy_slots\": 5",
     "num_toy_slots"},
    {"padding is no token", "\"pad_token_id\": 1", "\"pad_token_id\": 21", "pad_token_id"},
    {"the end is no token", "\"eos_token_id\": 2", "\"eos_token_id\": 21", "eos_token_id"},
    {"all is dropped and more", "\"dropout\": 0.25", "\"dropout\": 1.5", "dropout"},
    {"a memory is no boolean", "\"num_frames\": 6", "\"num_frames\": 6, \"memory\": 1",
     "memory"},
    {"what it finds by is no object", "\"num_frames\": 6", "\"num_frames\": 6, \"find\": 3",
     "find"},
    {"vectors of no length", "\"num_frames\": 6",
     "\"num_frames\": 6, \"find\": {\"projection_dim\": 0}", "projection_dim"},
    {"a size is a text", "\"hidden_size\": 12", "\"hidden_size\": \"12\"", "hidden_size"},
};

static void what_no_network_can_be_made_of_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        ask_error err = {0};
        ask_timeline_config c, before;
        memset(&c, 7, sizeof c);
        before = c;
        char *text = changed(bad[i].name, bad[i].from, bad[i].to);
        CHECK_CASE(bad[i].name, !read_text(&c, text, &err));
        CHECK_CASE(bad[i].name, err.code == ASK_ERR_MODEL);
        if (!strstr(err.message, bad[i].message))
            fail_msg("case \"%s\": %s", bad[i].name, err.message);
        CHECK_CASE(bad[i].name, memcmp(&c, &before, sizeof c) == 0);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_is_read),
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(names_may_wait_for_their_tokens),
        cmocka_unit_test(absent_sizes_are_those_of_the_default_model),
        cmocka_unit_test(what_no_network_can_be_made_of_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
