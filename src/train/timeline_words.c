#include "train/timeline_words.h"

#include <stdlib.h>
#include <string.h>

#include "world/question.h"

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static size_t count_lines(const char *text)
{
    size_t n = 0;
    for (const char *at = text; (at = strchr(at, '\n')); at++) n++;
    return n;
}

/* Appends the lines of a text in their order, each once; cuts the text up. */
static void append_sorted(ask_str *out, char *text)
{
    size_t n = 0, n_lines = count_lines(text);
    const char **lines = malloc((n_lines + 1) * sizeof *lines);
    char *rest = NULL;
    if (!lines) {
        out->failed = true;
        return;
    }
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        lines[n++] = line;
    qsort(lines, n, sizeof *lines, compare);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || strcmp(lines[i], lines[i - 1]) != 0)
            ask_str_printf(out, "%s\n", lines[i]);
    free(lines);
}

void ask_timeline_words(ask_str *out)
{
    ask_str all = {0};
    ask_world_words(&all);
    ask_question_words(&all);
    ask_family_words(&all);
    if (all.failed)
        out->failed = true;
    else
        append_sorted(out, all.data);
    ask_str_free(&all);
}
