#include "train/timeline_words.h"

#include <stdlib.h>

#include "base/json_write.h"
#include "base/sorted_lines.h"
#include "world/question.h"

/* Puts the lines of a text, each once, in the order of bytes: as a JSON list, or as lines.
 */
static void put_sorted(ask_str *out, ask_str *text, bool json)
{
    ask_json_writer w = {.out = out};
    size_t n = 0;
    const char **lines = text->failed ? NULL : ask_sorted_lines(text->data, &n, NULL);
    if (!lines) out->failed = true;
    if (json) ask_json_open_array(&w, NULL);
    for (size_t i = 0; i < n && json; i++) ask_json_put_string(&w, NULL, lines[i]);
    for (size_t i = 0; i < n && !json; i++) ask_str_printf(out, "%s\n", lines[i]);
    if (json) ask_json_close(&w);
    if (json) ask_str_append_char(out, '\n');
    free(lines);
}

void ask_timeline_words(ask_str *out)
{
    ask_str all = {0};
    ask_world_words(&all);
    ask_question_words(&all);
    ask_family_words(&all);
    put_sorted(out, &all, false);
    ask_str_free(&all);
}

void ask_timeline_answers(ask_str *out)
{
    ask_str all = {0};
    ask_family_answers(&all);
    ask_family_denials(&all);
    put_sorted(out, &all, true);
    ask_str_free(&all);
}

void ask_timeline_denials(ask_str *out)
{
    ask_str all = {0};
    ask_family_denials(&all);
    put_sorted(out, &all, true);
    ask_str_free(&all);
}
