/* tokenizer_config.json of a GGUF file. */
#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "base/str.h"
#include "weights/gguf_config.h"
#include "weights/gguf_priv.h"

/* The roles of tokens that files know. */
static const struct {
    const char *key, *as;
} roles[] = {
    {"bos_token_id", "bos_token"},       {"eos_token_id", "eos_token"},
    {"unknown_token_id", "unk_token"},   {"padding_token_id", "pad_token"},
    {"seperator_token_id", "sep_token"}, // as the format spells it
};

static const struct {
    const char *key, *as;
} flags[] = {
    {"add_bos_token", "add_bos_token"},
    {"add_eos_token", "add_eos_token"},
    {"add_space_prefix", "add_prefix_space"},
};

static const ask_gguf_value *find_value(const ask_gguf *g, const char *key)
{
    char name[128];
    ask_format(name, sizeof name, "tokenizer.ggml.%s", key);
    return ask_gguf_find(g, name);
}

/* A text as a string of JSON. */
static bool put_text(ask_json_writer *w, const char *as, const ask_gguf_value *v,
                     ask_error *err)
{
    char *string = ask_gguf_to_string(v, err);
    if (!string) return false;
    ask_json_put_string(w, as, string);
    free(string);
    return true;
}

static bool put_role(ask_json_writer *w, const char *as, const ask_gguf_value *id,
                     const ask_gguf_value *tokens, ask_error *err)
{
    int64_t wanted;
    if (!ask_gguf_to_int(&wanted, id, 0, INT32_MAX, err)) return false;
    for (ask_gguf_walk t = {0}; tokens && ask_gguf_next(tokens, &t);)
        if (t.item.index == wanted) return put_text(w, as, &t.item, err);
    return ask_fail(err, ASK_ERR_MODEL, "%s: key \"%s\": there is no token %d",
                    ask_gguf_path(id->file), id->key, (int)wanted);
}

static bool put_roles(ask_json_writer *w, const ask_gguf *g, ask_error *err)
{
    const ask_gguf_value *tokens = find_value(g, "tokens");
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
        const ask_gguf_value *id = find_value(g, roles[i].key);
        if (!id)
            ask_json_put_null(w, roles[i].as);
        else if (!put_role(w, roles[i].as, id, tokens, err))
            return false;
    }
    return true;
}

static bool put_flags(ask_json_writer *w, const ask_gguf *g, ask_error *err)
{
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        const ask_gguf_value *v = find_value(g, flags[i].key);
        bool flag;
        if (!v) continue;
        if (!ask_gguf_to_bool(&flag, v, err)) return false;
        ask_json_put_bool(w, flags[i].as, flag);
    }
    return true;
}

char *ask_gguf_tokenizer_config(const ask_gguf *g, ask_error *err)
{
    ask_str text = {0};
    ask_json_writer w = {.out = &text, .pretty = true};
    const ask_gguf_value *chat = ask_gguf_find(g, "tokenizer.chat_template");
    ask_json_open_object(&w, NULL);
    if (put_roles(&w, g, err) && put_flags(&w, g, err) &&
        (!chat || put_text(&w, "chat_template", chat, err))) {
        ask_json_close(&w);
        return ask_str_take(&text, err);
    }
    ask_str_free(&text);
    return NULL;
}
