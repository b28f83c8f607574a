/* tokens.h - what every tokenizer that opens must be able to do with any text. */
#ifndef FUZZ_TOKENS_H
#define FUZZ_TOKENS_H

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/utf8.h"
#include "text/stream.h"

enum { MAX_TEXT = 512 };

/* Ids and offsets within what there is. */
static void check(const ask_tokens *tokens, const char *text, const char *pair)
{
    size_t n = ask_utf8_length(text, strlen(text)), m = ask_utf8_length(pair, strlen(pair));
    int32_t most = (int32_t)(n > m ? n : m) * 4 + 64; // bytes that count for themselves too
    for (int i = 0; i < tokens->n; i++) {
        const ask_token *k = &tokens->tokens[i];
        if (k->id < 0 || k->begin < 0 || k->begin > k->end || k->end > most) abort();
    }
}

/* Ids one by one give the same text. */
static void stream(const ask_tokenizer *t, const int64_t *ids, int n, bool skip,
                   const char *expected)
{
    ask_str all = {0};
    const char *part = "";
    ask_text_stream *s = ask_text_stream_open(t, skip, NULL);
    bool ok = s != NULL;
    for (int i = 0; i < n && ok; i++) {
        ok = ask_text_stream_add(s, ids[i], &part, NULL);
        if (ok && !ask_utf8_valid(part, strlen(part))) abort();
        if (ok) ask_str_append(&all, part);
    }
    ok = ok && ask_text_stream_end(s, &part, NULL);
    if (ok) ask_str_append(&all, part);
    if (ok && !all.failed && strcmp(ask_str_text(&all), expected) != 0) abort();
    ask_str_free(&all);
    ask_text_stream_close(s);
}

static void decode(const ask_tokenizer *t, const ask_tokens *tokens)
{
    int64_t *ids = malloc(((size_t)tokens->n + 1) * sizeof *ids);
    for (int i = 0; i < tokens->n; i++) ids[i] = tokens->tokens[i].id;
    for (int skip = 0; skip < 2; skip++) {
        char *text = ask_tokenizer_decode(t, ids, tokens->n, skip, NULL);
        if (text && !ask_utf8_valid(text, strlen(text))) abort();
        if (text) stream(t, ids, tokens->n, skip, text);
        free(text);
    }
    free(ids);
}

static void encode(const ask_tokenizer *t, const char *text, const char *pair)
{
    ask_tokens tokens = {0};
    for (int special = 0; special < 2; special++) {
        if (!ask_tokenizer_encode(t, text, pair, special, &tokens, NULL)) continue;
        check(&tokens, text, pair ? pair : "");
        decode(t, &tokens);
    }
    ask_tokens_free(&tokens);
}

/* Texts of ours, and the end of the input. */
static void use(const ask_tokenizer *t, const uint8_t *data, size_t size)
{
    char own[MAX_TEXT + 1];
    size_t n = size < MAX_TEXT ? size : MAX_TEXT;
    memcpy(own, data + size - n, n);
    own[n] = '\0';
    encode(t, "The cat's e\xCC\x81  12 \xF0\x9F\x98\x80<s> [x]\n", NULL);
    encode(t, "", "a");
    encode(t, own, "\xEF\xAC\x81 \xC4\xB0");
    for (int64_t id = -1; id <= ask_tokenizer_n_tokens(t) && id < 300; id++) {
        const char *token = ask_tokenizer_token(t, id);
        if (token && ask_tokenizer_id(t, token) < 0) abort();
    }
}

#endif
