/* tokenizer.json files: what opens must encode and decode any text, or say why not. */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "text/tokenizer.h"

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

static void decode(const ask_tokenizer *t, const ask_tokens *tokens)
{
    int64_t *ids = malloc(((size_t)tokens->n + 1) * sizeof *ids);
    for (int i = 0; i < tokens->n; i++) ids[i] = tokens->tokens[i].id;
    for (int skip = 0; skip < 2; skip++) {
        char *text = ask_tokenizer_decode(t, ids, tokens->n, skip, NULL);
        if (text && !ask_utf8_valid(text, strlen(text))) abort();
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ask_tokenizer *t = ask_tokenizer_parse((const char *)data, size, "fuzz", NULL);
    if (!t) return 0;
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
    ask_tokenizer_close(t);
    return 0;
}
