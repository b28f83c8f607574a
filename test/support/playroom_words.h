/* support/playroom_words.h - a tokenizer for what is said in the playroom. */
#ifndef TEST_PLAYROOM_WORDS_H
#define TEST_PLAYROOM_WORDS_H

#include "text/tokenizer.h"

/* Writes its files into a folder: learnt from models/mini/words.txt as `askance train
 * bpe --tokens 4000 --min-frequency 1` does it. */
void playroom_words_write(const char *dir);

/* The same, opened; closed by the caller. */
ask_tokenizer *playroom_tokenizer(void);

#endif
