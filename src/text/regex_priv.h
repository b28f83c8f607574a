/* text/regex_priv.h - regular expressions of tokenizer files. The only door to PCRE2.
 *
 * The files are written for Oniguruma in its Ruby syntax, over Unicode. Expressions are
 * translated (regex_syntax.c), and what cannot be is refused. Characters newer than PCRE2's
 * Unicode belong to no category.
 *
 * An expression is read-only and shared between threads. No expression can hang: a search
 * that takes too many steps fails. */
#ifndef ASK_TEXT_REGEX_PRIV_H
#define ASK_TEXT_REGEX_PRIV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"
#include "base/version.h"

typedef struct ask_regex ask_regex;

/* literal: the pattern stands for itself. Fails: ASK_ERR_FORMAT with what is wrong, and
 * ASK_ERR_NOMEM. */
ask_regex *ask_regex_new(const char *pattern, bool literal, ask_error *err);
void ask_regex_free(ask_regex *re); // NULL is fine

/* A walk over what an expression finds in a text, which is valid UTF-8. Both are borrowed.
 * A match of nothing directly behind the last match does not count. */
typedef struct ask_regex_search ask_regex_search;
ask_regex_search *ask_regex_search_open(const ask_regex *re, const char *text,
                                        size_t n_bytes, ask_error *err);
void ask_regex_search_close(ask_regex_search *s); // NULL is fine

/* The next match: *found, and then *begin and *end. Fails: ASK_ERR_LIMIT, ASK_ERR_NOMEM. */
bool ask_regex_search_next(ask_regex_search *s, bool *found, size_t *begin, size_t *end,
                           ask_error *err);

/* Appends the PCRE2 form of a pattern in Oniguruma's syntax (regex_syntax.c). Fails:
 * ASK_ERR_FORMAT for what PCRE2 cannot say; memory shows in *out. */
bool ask_regex_translate(ask_str *out, const char *pattern, ask_error *err);

ask_library ask_regex_library(void); // PCRE2

#endif
