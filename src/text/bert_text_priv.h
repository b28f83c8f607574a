/* text/bert_text_priv.h - what BERT does with a text before it is cut, the normalizer
 * "BertNormalizer" (Devlin et al. 2019). */
#ifndef ASK_TEXT_BERT_TEXT_PRIV_H
#define ASK_TEXT_BERT_TEXT_PRIV_H

#include "text/piece_priv.h"

/* clean: control characters go, white space of any kind becomes spaces. cjk: ideographs get
 * spaces around them. */
bool ask_bert_clean(ask_piece *p, ask_arena *arena, bool clean, bool cjk, ask_error *err);

#endif
