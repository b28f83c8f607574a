/* metric/words_priv.h - words as numbers. */
#ifndef ASK_METRIC_WORDS_PRIV_H
#define ASK_METRIC_WORDS_PRIV_H

#include <stddef.h>

#include "metric/words.h"

enum { WORDS_MOST = 24 }; // of a text

typedef struct {
    uint64_t words[WORDS_MOST];
    int n;
} words_list;

/* Words are what stands between spaces and marks. */
words_list words_of(const char *text);

uint64_t words_hash(const char *text, size_t length);

#endif
