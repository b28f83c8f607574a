/* support/words.h - whether a text has only words of a list. */
#ifndef TEST_WORDS_H
#define TEST_WORDS_H

/* Fails the test for a word of the text that is no line of known. A text that is NULL has
 * none. */
void words_check(const char *known, const char *text);

#endif
