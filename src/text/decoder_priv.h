/* text/decoder_priv.h - decoders: texts of tokens back to a text.
 *
 * Read from tokenizer.json's "decoder"; a Sequence in it becomes the list. Each rewrites
 * the texts that the one before it gives; in the end they are joined. They work on one
 * token after the other, and each holds back only what later tokens can still change. */
#ifndef ASK_TEXT_DECODER_PRIV_H
#define ASK_TEXT_DECODER_PRIV_H

#include "text/parts_priv.h"
#include "text/pre_tokenizer_priv.h"

typedef enum {
    ASK_DECODER_BYTE_LEVEL,
    ASK_DECODER_BPE,
    ASK_DECODER_REPLACE,
    ASK_DECODER_FUSE,
    ASK_DECODER_STRIP,
    ASK_DECODER_BYTE_FALLBACK,
    ASK_DECODER_METASPACE,
    ASK_DECODER_WORDPIECE,
    ASK_N_DECODERS,
} ask_decoder_kind;

typedef struct {
    ask_decoder_kind kind;
    const ask_regex *pattern; // Replace
    const char *content;      // Replace; BPEDecoder: the suffix; WordPiece: the prefix
    bool cleanup;             // WordPiece: English is written without spaces before marks
    uint32_t character;       // Strip, Metaspace
    int64_t start, stop;      // Strip: at most so many at each end
    ask_prepend prepend;      // Metaspace
} ask_decoder;

typedef struct {
    bool none; // tokens are joined with spaces
    ask_decoder *items;
    size_t n, capacity;
} ask_decoders;

/* v may be absent or null. */
bool ask_decoders_read(ask_decoders *out, ask_parts *parts, ask_json_value v,
                       ask_error *err);

/* ---- decoding ---- */

/* Tokens on their way to a text. The decoders are borrowed. */
typedef struct ask_decoding ask_decoding;
ask_decoding *ask_decoding_new(const ask_decoders *d, ask_error *err);
void ask_decoding_free(ask_decoding *d); // NULL is fine

/* A token, and the end of them, after which tokens of another text may come. Appends to the
 * text what is certain; all of it is valid UTF-8. After a failure (ASK_ERR_NOMEM, and
 * ASK_ERR_LIMIT of regular expressions) every call fails. */
bool ask_decoding_add(ask_decoding *d, const char *token, size_t n_bytes, ask_error *err);
bool ask_decoding_end(ask_decoding *d, ask_error *err);

/* The text so far, to be taken or emptied. */
ask_str *ask_decoding_text(ask_decoding *d);

#endif
