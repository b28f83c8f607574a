/* text/decoder_priv.h - decoders: texts of tokens back to a text.
 *
 * Read from tokenizer.json's "decoder"; a Sequence in it becomes the list. Each rewrites
 * the list of texts; in the end they are joined. */
#ifndef ASK_TEXT_DECODER_PRIV_H
#define ASK_TEXT_DECODER_PRIV_H

#include "text/parts_priv.h"
#include "text/pre_tokenizer_priv.h"

typedef struct {
    const char *bytes;
    size_t n;
} ask_bytes;

typedef struct {
    ask_arena *arena; // borrowed: that of the call
    ask_bytes *items;
    size_t n, capacity;
} ask_texts;

bool ask_texts_add(ask_texts *list, const char *bytes, size_t n, ask_error *err);

typedef struct ask_decoder ask_decoder;
struct ask_decoder {
    bool (*apply)(const ask_decoder *d, ask_texts *texts, ask_error *err);
    const ask_regex *pattern; // Replace
    const char *content;      // Replace; BPEDecoder: the suffix
    uint32_t character;       // Strip, Metaspace
    int64_t start, stop;      // Strip: at most so many at each end
    ask_prepend prepend;      // Metaspace
};

typedef struct {
    bool none; // tokens are joined with spaces
    ask_decoder *items;
    size_t n, capacity;
} ask_decoders;

/* v may be absent or null. */
bool ask_decoders_read(ask_decoders *out, ask_parts *parts, ask_json_value v,
                       ask_error *err);

/* The text, UTF-8, freed with free(). *texts is changed. */
char *ask_decode(const ask_decoders *d, ask_texts *texts, ask_error *err);

#endif
