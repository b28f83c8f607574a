#include "text/bpe_train.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/file.h"
#include "base/options.h"
#include "base/path.h"
#include "base/utf8.h"
#include "text/bpe_learn_priv.h"
#include "text/byte_level_priv.h"
#include "text/recipe_priv.h"
#include "text/tokenizer_priv.h"
#include "text/word_count_priv.h"

static const char end_of_word[] = "</w>";

enum { N_BYTES = 256, PROGRESS_BYTES = 1 << 20 };

ask_bpe_train_options ask_bpe_train_defaults(void)
{
    return (ask_bpe_train_options){.struct_size = sizeof(ask_bpe_train_options),
                                   .kind = ASK_BPE_CLIP,
                                   .n_tokens = 8192,
                                   .min_frequency = 2};
}

typedef struct {
    ask_bpe_train_options options;
    ask_arena *arena;
    ask_tokenizer *cutter;    // a tokenizer without vocabulary, which cuts texts into words
    ask_added_token *special; // in the order of their ids, which come last
    int n_special;
    ask_recipe recipe;
    ask_word_count count;
    ask_vocab vocab;
    ask_bpe_pair *merges;
    size_t n_merges;
    ask_bpe_train_result result;
} training;

/* ---- special tokens and the pipeline ---- */

static bool is_given_twice(const training *t, const char *text)
{
    for (int i = 0; i < t->n_special; i++)
        if (strcmp(t->special[i].content, text) == 0) return true;
    return false;
}

static bool add_special(training *t, const char *text, ask_error *err)
{
    if (*text == '\0' || !ask_utf8_valid(text, strlen(text)) || is_given_twice(t, text))
        return ask_fail(err, ASK_ERR_USAGE,
                        "the special token \"%s\" is empty, not UTF-8 or there twice",
                        text);
    t->special[t->n_special++] =
        (ask_added_token){.content = text, .normalized = false, .special = true};
    return true;
}

/* The tokens with a role in the kind, each once, and then those that were asked for. */
static bool list_special(training *t, ask_error *err)
{
    size_t n = ASK_N_ROLES + (size_t)t->options.n_special;
    t->special = ask_arena_array(t->arena, n, sizeof *t->special);
    if (!t->special) return ask_fail_memory(err);
    for (int i = 0; i < ASK_N_ROLES; i++) {
        const char *text = ask_recipe_default(t->recipe.kind, (ask_role)i);
        t->recipe.roles[i].text = text;
        if (text && !is_given_twice(t, text) && !add_special(t, text, err)) return false;
        for (int k = 0; text && k < t->n_special; k++)
            if (strcmp(t->special[k].content, text) == 0)
                t->special[k] = ask_recipe_token(t->recipe.kind, (ask_role)i, text);
    }
    for (int i = 0; i < t->options.n_special; i++)
        if (!add_special(t, t->options.special[i], err)) return false;
    t->recipe.tokens = t->special;
    t->recipe.n_tokens = (size_t)t->n_special;
    return true;
}

/* Reads the kind's normalizers and pre-tokenizers as if from a file. */
static bool open_cutter(training *t, ask_error *err)
{
    ask_str text = {0};
    ask_json_writer w = {.out = &text};
    ask_json_open_object(&w, NULL);
    ask_recipe_write_sections(&w, &t->recipe);
    ask_json_close(&w);
    char *json = ask_str_take(&text, err);
    if (!json) return false;
    ask_json *doc = ask_json_parse(json, strlen(json), "training", NULL, err);
    free(json);
    t->cutter = doc ? ask_tokenizer_new(err) : NULL;
    bool ok = t->cutter && ask_tokenizer_read_front(t->cutter, ask_json_root(doc), err);
    ask_json_free(doc);
    return ok;
}

/* ---- reading ---- */

static bool count_text(training *t, ask_arena *scratch, const char *text, size_t n_bytes,
                       ask_error *err)
{
    ask_arena_reset(scratch);
    ask_pieces pieces = {.arena = scratch};
    if (!ask_tokenizer_cut(t->cutter, &pieces, text, n_bytes, err)) return false;
    for (size_t i = 0; i < pieces.n; i++)
        if (!ask_word_count_add(&t->count, pieces.items[i].text, pieces.items[i].n_bytes,
                                err))
            return false;
    return true;
}

static bool count_texts(training *t, ask_arena *scratch, ask_text_source texts,
                        ask_error *err)
{
    int64_t told = 0;
    for (;;) {
        const char *text;
        size_t n_bytes;
        if (!ask_cancel_check(t->options.cancel, err) ||
            !texts.next(texts.user, &text, &n_bytes, err))
            return false;
        if (!text) break;
        if (!count_text(t, scratch, text, n_bytes, err)) return false;
        t->result.n_texts++;
        t->result.n_bytes += (int64_t)n_bytes;
        if (t->result.n_bytes - told < PROGRESS_BYTES) continue;
        told = t->result.n_bytes;
        ask_progress_send(t->options.progress, told, 0, "bytes", "reading texts");
    }
    return t->count.n > 0 ||
           ask_fail(err, ASK_ERR_FORMAT, "the texts have no words to learn from");
}

static bool read_texts(training *t, ask_text_source texts, ask_error *err)
{
    ask_arena *scratch = ask_arena_new(0);
    if (!scratch) return ask_fail_memory(err);
    bool ok = count_texts(t, scratch, texts, err);
    ask_arena_free(scratch);
    return ok;
}

/* ---- learning ---- */

/* A byte as it is written in the vocabulary, at the end of a word or not. */
static const char *spell_byte(char out[16], uint8_t byte, const char *suffix)
{
    char c[5] = {0};
    ask_utf8_encode(c, ask_byte_character(byte));
    ask_format(out, 16, "%s%s", c, suffix);
    return out;
}

/* Every byte is a token, and, for CLIP, every byte that ends a word. */
static bool add_alphabet(training *t, ask_error *err)
{
    if (!ask_vocab_init(&t->vocab, t->arena, (size_t)t->options.n_tokens,
                        t->options.n_tokens - 1, err))
        return false;
    int n_suffixes = t->options.kind == ASK_BPE_CLIP ? 2 : 1;
    for (int s = 0; s < n_suffixes; s++) {
        for (int i = 0; i < N_BYTES; i++) {
            char text[16];
            spell_byte(text, ask_byte_at(i), s == 0 ? "" : end_of_word);
            if (!ask_vocab_add(&t->vocab, t->arena, text, (int32_t)t->vocab.n, err))
                return false;
        }
    }
    return true;
}

/* A word as the tokens of its bytes. */
static bool spell_word(training *t, ask_bpe_word *out, const ask_counted_word *word,
                       ask_error *err)
{
    *out = (ask_bpe_word){.tokens =
                              ask_arena_array(t->arena, word->n_bytes, sizeof *out->tokens),
                          .count = word->count};
    if (!out->tokens) return ask_fail_memory(err);
    for (size_t at = 0; at < word->n_bytes;) {
        uint32_t c;
        char text[16];
        at += (size_t)ask_utf8_decode(&c, word->text + at, word->n_bytes - at);
        bool ends = t->options.kind == ASK_BPE_CLIP && at == word->n_bytes;
        spell_byte(text, (uint8_t)ask_byte_of_character(c), ends ? end_of_word : "");
        out->tokens[out->n++] = ask_vocab_find(&t->vocab, text, strlen(text));
    }
    return true;
}

static bool learn(training *t, ask_error *err)
{
    if (!add_alphabet(t, err)) return false;
    ask_bpe_word *words = ask_arena_array(t->arena, t->count.n, sizeof *words);
    if (!words) return ask_fail_memory(err);
    for (size_t i = 0; i < t->count.n; i++)
        if (!spell_word(t, &words[i], &t->count.words[i], err)) return false;
    const ask_bpe_learning l = {
        .arena = t->arena,
        .vocab = &t->vocab,
        .words = words,
        .n_words = t->count.n,
        .n_tokens = (size_t)(t->options.n_tokens - t->n_special),
        .min_frequency = t->options.min_frequency,
        .progress = t->options.progress,
        .cancel = t->options.cancel,
    };
    return ask_bpe_learn(&t->merges, &t->n_merges, &l, err);
}

/* Gives the special tokens the last ids. One whose text was learned keeps that id. */
static bool number_special(training *t, ask_error *err)
{
    for (int i = 0; i < t->n_special; i++) {
        ask_added_token *k = &t->special[i];
        k->id = ask_vocab_find(&t->vocab, k->content, strlen(k->content));
        if (k->id < 0) {
            k->id = (int32_t)t->vocab.n;
            if (!ask_vocab_add(&t->vocab, t->arena, k->content, k->id, err)) return false;
        }
        for (int r = 0; r < ASK_N_ROLES; r++)
            if (t->recipe.roles[r].text && strcmp(t->recipe.roles[r].text, k->content) == 0)
                t->recipe.roles[r].id = k->id;
    }
    t->result.n_tokens = (int)t->vocab.n;
    t->result.n_merges = (int)t->n_merges;
    return true;
}

/* ---- writing ---- */

static void put_vocab(const training *t, ask_json_writer *w, const char *key)
{
    ask_json_open_object(w, key);
    for (size_t i = 0; i < t->vocab.n; i++)
        ask_json_put_int(w, t->vocab.entries[i].text, t->vocab.entries[i].id);
    ask_json_close(w);
}

static const char *text_of(const training *t, int32_t id)
{
    return ask_vocab_at(&t->vocab, id)->text;
}

static void write_vocab(const training *t, ask_str *out)
{
    put_vocab(t, &(ask_json_writer){.out = out}, NULL);
    ask_str_append_char(out, '\n');
}

static void append_merge(const training *t, ask_str *out, size_t i)
{
    ask_str_append(out, text_of(t, t->merges[i].left));
    ask_str_append_char(out, ' ');
    ask_str_append(out, text_of(t, t->merges[i].right));
}

static void write_merges(const training *t, ask_str *out)
{
    ask_str_append(out, "#version: 0.2\n");
    for (size_t i = 0; i < t->n_merges; i++) {
        append_merge(t, out, i);
        ask_str_append_char(out, '\n');
    }
}

/* "a b": older readers know merges only so, and no token has a space. */
static void put_merges(const training *t, ask_json_writer *w)
{
    ask_json_open_array(w, "merges");
    for (size_t i = 0; i < t->n_merges; i++) {
        ask_str merge = {0};
        append_merge(t, &merge, i);
        ask_json_put_string(w, NULL, ask_str_text(&merge));
        w->out->failed |= merge.failed;
        ask_str_free(&merge);
    }
    ask_json_close(w);
}

static void write_tokenizer(const training *t, ask_str *out)
{
    ask_json_writer w = {.out = out};
    ask_json_open_object(&w, NULL);
    ask_recipe_write_sections(&w, &t->recipe);
    ask_json_open_object(&w, "model");
    ask_recipe_write_model(&w, &t->recipe);
    put_vocab(t, &w, "vocab");
    put_merges(t, &w);
    ask_json_close(&w);
    ask_json_close(&w);
    ask_str_append_char(out, '\n');
}

static void write_config(const training *t, ask_str *out)
{
    ask_json_writer w = {.out = out, .pretty = true};
    ask_json_open_object(&w, NULL);
    ask_json_put_string(&w, "tokenizer_class", ask_recipe_class(t->recipe.kind));
    for (int i = 0; i < ASK_N_ROLES; i++) {
        char key[16];
        ask_format(key, sizeof key, "%s_token", ask_role_name((ask_role)i));
        if (t->recipe.roles[i].text) ask_json_put_string(&w, key, t->recipe.roles[i].text);
    }
    ask_json_open_array(&w, "additional_special_tokens");
    for (int i = 0; i < t->options.n_special; i++)
        ask_json_put_string(&w, NULL, t->options.special[i]);
    ask_json_close(&w);
    ask_json_close(&w);
    ask_str_append_char(out, '\n');
}

/* tokenizer.json, which readers look for first, comes last. */
static const struct {
    const char *name;
    void (*write)(const training *, ask_str *);
} files[] = {
    {"vocab.json", write_vocab},
    {"merges.txt", write_merges},
    {"tokenizer_config.json", write_config},
    {"tokenizer.json", write_tokenizer},
};

enum { N_FILES = sizeof files / sizeof *files };

static ask_file_writer *write_file(const training *t, const char *dir, int i,
                                   ask_error *err)
{
    ask_str text = {0};
    files[i].write(t, &text);
    if (text.failed) ask_fail_memory(err);
    char *path = text.failed ? NULL : ask_path_join(dir, files[i].name, err);
    ask_file_writer *w = path ? ask_file_writer_open(path, err) : NULL;
    if (w && (!ask_file_writer_write(w, text.data, text.length, err) ||
              !ask_file_writer_flush(w, err))) {
        ask_file_writer_abort(w);
        w = NULL;
    }
    free(path);
    ask_str_free(&text);
    return w;
}

/* They belong together: none takes its place before all are written. */
static bool write_all(const training *t, const char *dir, ask_error *err)
{
    ask_file_writer *writers[N_FILES] = {0};
    bool is_new = !ask_file_exists(dir), ok = ask_dir_make(dir, err);
    for (int i = 0; i < N_FILES && ok; i++) {
        writers[i] = write_file(t, dir, i, err);
        ok = writers[i];
    }
    for (int i = 0; i < N_FILES; i++) {
        if (ok)
            ok = ask_file_writer_commit(writers[i], err);
        else
            ask_file_writer_abort(writers[i]);
    }
    if (!ok && is_new) rmdir(dir);
    return ok;
}

/* ---- all of it ---- */

static bool check_options(const training *t, ask_error *err)
{
    const ask_bpe_train_options *o = &t->options;
    int n_alphabet = o->kind == ASK_BPE_CLIP ? 2 * N_BYTES : N_BYTES;
    if (o->n_tokens < n_alphabet + t->n_special || o->n_tokens > ASK_VOCAB_MAX_ID)
        return ask_fail(err, ASK_ERR_USAGE,
                        "a vocabulary of %d tokens; it needs %d for bytes and special "
                        "tokens, and may have %d",
                        o->n_tokens, n_alphabet + t->n_special, ASK_VOCAB_MAX_ID);
    if (o->min_frequency < 1)
        return ask_fail(err, ASK_ERR_USAGE, "the least frequency of a pair is 1, not %lld",
                        (long long)o->min_frequency);
    return true;
}

static bool train(training *t, const char *dir, ask_text_source texts, ask_error *err)
{
    t->arena = t->count.arena = ask_arena_new(0);
    if (!t->arena) return ask_fail_memory(err);
    return list_special(t, err) && check_options(t, err) && open_cutter(t, err) &&
           read_texts(t, texts, err) && learn(t, err) && number_special(t, err) &&
           write_all(t, dir, err);
}

bool ask_bpe_train(const char *dir, ask_text_source texts,
                   const ask_bpe_train_options *options, ask_bpe_train_result *result,
                   ask_error *err)
{
    training t = {.options = ask_bpe_train_defaults()};
    ask_options_take(&t.options, sizeof t.options, options);
    t.recipe.kind = t.options.kind == ASK_BPE_CLIP ? ASK_RECIPE_CLIP : ASK_RECIPE_GPT2;
    bool ok = train(&t, dir, texts, err);
    if (ok) *result = t.result;
    ask_tokenizer_close(t.cutter);
    ask_word_count_free(&t.count);
    free(t.merges);
    ask_arena_free(t.arena);
    return ok;
}
