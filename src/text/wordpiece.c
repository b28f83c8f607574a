#include "text/wordpiece_priv.h"

#include <string.h>

#include "base/utf8.h"

/* ---- reading ---- */

bool ask_wordpiece_read_options(ask_wordpiece *out, ask_arena *arena, ask_json_value model,
                                ask_error *err)
{
    const char *unknown, *prefix;
    if (!ask_json_opt_string(&unknown, model, "unk_token", "[UNK]", err) ||
        !ask_json_opt_string(&prefix, model, "continuing_subword_prefix", "##", err) ||
        !ask_json_opt_int(&out->max_characters, model, "max_input_chars_per_word", 0,
                          INT64_MAX, 100, err))
        return false;
    out->unknown = ask_arena_strdup(arena, unknown);
    out->prefix = ask_arena_strdup(arena, prefix);
    return (out->unknown && out->prefix) || ask_fail_memory(err);
}

/* The node that a text leads to; -1: none. */
static int64_t walk(const ask_trie *t, const char *text)
{
    uint32_t node = 0;
    for (; *text; text++) {
        node = ask_trie_child(t, node, (uint8_t)*text);
        if (node == 0) return -1;
    }
    return node;
}

bool ask_wordpiece_prepare(ask_wordpiece *w, ask_arena *arena, ask_error *err)
{
    size_t n = 0;
    ask_trie_text *texts = calloc(w->vocab.n + 1, sizeof *texts);
    if (!texts) return ask_fail_memory(err);
    for (size_t i = 0; i < w->vocab.n; i++) {
        const ask_vocab_entry *e = &w->vocab.entries[i];
        if (e->n_bytes > 0) texts[n++] = (ask_trie_text){e->text, e->n_bytes, e->id};
    }
    bool ok = ask_trie_build(&w->trie, arena, texts, n, err);
    free(texts);
    if (!ok) return false;
    w->within = walk(&w->trie, w->prefix);
    w->unknown_id = ask_vocab_find(&w->vocab, w->unknown, strlen(w->unknown));
    return true;
}

bool ask_wordpiece_read(ask_wordpiece *out, ask_arena *arena, ask_json_value model,
                        ask_error *err)
{
    ask_json_value vocab;
    return ask_wordpiece_read_options(out, arena, model, err) &&
           ask_json_get_object(&vocab, model, "vocab", err) &&
           ask_vocab_read(&out->vocab, arena, vocab, err) &&
           ask_wordpiece_prepare(out, arena, err);
}

/* ---- encoding ---- */

/* The longest token that bytes begin with: its length, or 0 for none. */
static size_t longest(const ask_trie *t, uint32_t node, int32_t *id, const char *bytes,
                      size_t n_bytes)
{
    size_t length = 0;
    for (size_t at = 0; at < n_bytes;) {
        node = ask_trie_child(t, node, (uint8_t)bytes[at++]);
        if (node == 0) break;
        if (t->nodes[node].value < 0) continue;
        *id = t->nodes[node].value;
        length = at;
    }
    return length;
}

/* Adds the tokens of a word; false: it does not come out even. */
static bool cut(const ask_wordpiece *w, ask_word_tokens *out, const char *word,
                size_t n_bytes)
{
    for (size_t at = 0, n; at < n_bytes; at += n) {
        int32_t id = -1;
        if (at > 0 && w->within < 0) return false;
        n = longest(&w->trie, at > 0 ? (uint32_t)w->within : 0, &id, word + at,
                    n_bytes - at);
        if (n == 0) return false;
        ask_word_tokens_put(out, id, (uint32_t)at, (uint32_t)(at + n));
    }
    return true;
}

bool ask_wordpiece_encode(const ask_wordpiece *w, ask_word_tokens *out, const char *word,
                          size_t n_bytes, ask_error *err)
{
    out->n = 0;
    if (!ask_word_tokens_reserve(out, n_bytes, err)) return false;
    bool is_long = n_bytes > (uint64_t)w->max_characters &&
                   ask_utf8_length(word, n_bytes) > (uint64_t)w->max_characters;
    if (!is_long && cut(w, out, word, n_bytes)) return true;
    out->n = 0;
    out->unknown = true;
    if (w->unknown_id < 0)
        return ask_fail(err, ASK_ERR_MODEL,
                        "the tokenizer meets an unknown word, and its unknown token %s is "
                        "not in its vocabulary",
                        w->unknown);
    ask_word_tokens_put(out, w->unknown_id, 0, (uint32_t)n_bytes);
    return true;
}
