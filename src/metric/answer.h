/* metric/answer.h - whether an answer in words is the right one.
 *
 * By name of the rule that finds them equal, the first of:
 *
 *     exact        the same bytes
 *     normalised   the same words: small ASCII letters, no ASCII punctuation, no "a", "an",
 *                  "the", blanks as one. Two texts of which nothing is left are not equal
 *
 * After: Rajpurkar et al. 2016 (SQuAD), whose scorer normalises so. */
#ifndef ASK_METRIC_ANSWER_H
#define ASK_METRIC_ANSWER_H

#include "base/str.h"

typedef enum {
    ASK_MATCH_NONE,
    ASK_MATCH_EXACT,
    ASK_MATCH_NORMALISED,
} ask_match;

ASK_API const char *ask_match_name(ask_match match); // "none", "exact", "normalised"

/* Appends the words that are left, with one blank between them. */
ASK_API void ask_answer_normalise(ask_str *out, const char *text);

/* Both are UTF-8. Fails: ASK_ERR_NOMEM. */
ASK_API bool ask_answer_match(ask_match *out, const char *given, const char *truth,
                              ask_error *err);

#endif
