/* train/timeline_words.h - all words of the playroom, full worlds included: what a
 * tokenizer for Timeline is trained on, so that each is one token; and its answers. */
#ifndef ASK_TRAIN_TIMELINE_WORDS_H
#define ASK_TRAIN_TIMELINE_WORDS_H

#include "base/str.h"

/* Appends the words of questions, options, answers, queries and captions, one a line, each
 * once, in the order of bytes. Digits and punctuation are not among them. */
ASK_API void ask_timeline_words(ask_str *out);

/* Appends the lists answers.json and denials.json of a model's folder (model/answers.h):
 * every answer of ask_family_answers and every denial, in the order of bytes; and of these
 * the denials. */
ASK_API void ask_timeline_answers(ask_str *out);
ASK_API void ask_timeline_denials(ask_str *out);

#endif
