#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "focus/survey.h"
#include "vqa/question_priv.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static const char *skip_blanks(const char *text)
{
    while (is_blank(*text)) text++;
    return text;
}

/* Whether two texts differ only in case and in how their words are set apart. */
static bool is_same(const char *a, const char *b)
{
    a = skip_blanks(a);
    b = skip_blanks(b);
    while (*a && *b) {
        if (is_blank(*a) && is_blank(*b)) {
            a = skip_blanks(a);
            b = skip_blanks(b);
        } else if (lower(*a++) != lower(*b++)) {
            return false;
        }
    }
    return *skip_blanks(a) == *skip_blanks(b);
}

static bool check_choice(const char *const *choices, int i, ask_error *err)
{
    char what[32];
    ask_format(what, sizeof what, "choice %d", i + 1);
    if (!ask_survey_check_text(choices[i], what, err)) return false;
    for (int k = 0; k < i; k++)
        if (is_same(choices[i], choices[k]))
            return ask_fail(err, ASK_ERR_USAGE,
                            "choices %d and %d are the same, \"%.40s\": give each once",
                            k + 1, i + 1, choices[i]);
    return true;
}

bool question_check(const char *question, const char *const *choices, int n_choices,
                    ask_error *err)
{
    if (!ask_survey_check_text(question, "the question", err)) return false;
    if (n_choices == 1 || n_choices < 0 || n_choices > ASK_MOST_CHOICES)
        return ask_fail(err, ASK_ERR_USAGE, "%d choice%s: give 2 to %d to choose from",
                        n_choices, n_choices == 1 ? "" : "s", ASK_MOST_CHOICES);
    for (int i = 0; i < n_choices; i++)
        if (!check_choice(choices, i, err)) return false;
    return true;
}

const char **question_texts(const char *question, const char *const *choices, int n_choices,
                            ask_error *err)
{
    size_t n_texts = 1 + (size_t)n_choices, n_question = strlen(question);
    size_t n_bytes = n_texts * sizeof(char *) + n_question + 1;
    for (int i = 0; i < n_choices; i++) n_bytes += n_question + strlen(choices[i]) + 2;
    const char **texts = malloc(n_bytes);
    if (!texts) {
        ask_fail_memory(err);
        return NULL;
    }
    char *at = (char *)(texts + n_texts), *end = (char *)texts + n_bytes;
    texts[0] = at;
    at += 1 + ask_format(at, (size_t)(end - at), "%s", question);
    for (int i = 0; i < n_choices; i++) {
        texts[1 + i] = at;
        at += 1 + ask_format(at, (size_t)(end - at), "%s %s", question, choices[i]);
    }
    return texts;
}
