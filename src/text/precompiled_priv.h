/* text/precompiled_priv.h - sentencepiece's charsmap as the tokenizers library applies it,
 * the normalizer "Precompiled".
 *
 * Unlike sentencepiece it looks at one character after the other, as users see them
 * (grapheme clusters, UAX 29): a short one is replaced as a whole by what its shortest
 * beginning stands for; of the others, code point after code point is. */
#ifndef ASK_TEXT_PRECOMPILED_PRIV_H
#define ASK_TEXT_PRECOMPILED_PRIV_H

#include "text/charsmap_priv.h"
#include "text/parts_priv.h"
#include "text/piece_priv.h"

typedef struct {
    ask_charsmap map;
    bool maps[0x80]; // the characters of ASCII that are replaced by themselves
} ask_precompiled;

/* Reads the member "precompiled_charsmap", which is base64; it lives as long as the parts.
 */
bool ask_precompiled_read(ask_precompiled **out, ask_parts *parts, ask_json_value v,
                          ask_error *err);

bool ask_precompiled_apply(const ask_precompiled *m, ask_piece *p, ask_arena *arena,
                           ask_error *err);

#endif
