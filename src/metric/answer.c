#include "metric/answer.h"

#include <string.h>

const char *ask_match_name(ask_match match)
{
    static const char *const names[] = {"none", "exact", "normalised"};
    return names[match];
}

/* Of ASCII, so that no locale has a say in it. */
static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_mark(char c)
{
    return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') ||
           (c >= '{' && c <= '~');
}

static char small(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_article(const char *word)
{
    return strcmp(word, "a") == 0 || strcmp(word, "an") == 0 || strcmp(word, "the") == 0;
}

/* Appends the next word without its marks; returns what stands behind it. */
static const char *take_word(ask_str *out, const char *text)
{
    for (; *text && !is_blank(*text); text++)
        if (!is_mark(*text)) ask_str_append_char(out, small(*text));
    return text;
}

void ask_answer_normalise(ask_str *out, const char *text)
{
    ask_str word = {0};
    bool first = true;
    while (*text) {
        while (is_blank(*text)) text++;
        ask_str_clear(&word);
        text = take_word(&word, text);
        if (word.failed) out->failed = true;
        if (word.length == 0 || is_article(ask_str_text(&word))) continue;
        if (!first) ask_str_append_char(out, ' ');
        ask_str_append(out, ask_str_text(&word));
        first = false;
    }
    ask_str_free(&word);
}

bool ask_answer_match(ask_match *out, const char *given, const char *truth, ask_error *err)
{
    if (strcmp(given, truth) == 0) {
        *out = ASK_MATCH_EXACT;
        return true;
    }
    ask_str a = {0}, b = {0};
    ask_answer_normalise(&a, given);
    ask_answer_normalise(&b, truth);
    bool ok = !a.failed && !b.failed;
    if (ok)
        *out = a.length > 0 && strcmp(ask_str_text(&a), ask_str_text(&b)) == 0
                   ? ASK_MATCH_NORMALISED
                   : ASK_MATCH_NONE;
    ask_str_free(&a);
    ask_str_free(&b);
    return ok || ask_fail_memory(err);
}
