#include "base/sorted_lines.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static size_t count_ends(const char *text)
{
    size_t n = 0;
    for (const char *at = text; at && (at = strchr(at, '\n')); at++) n++;
    return n;
}

const char **ask_sorted_lines(char *text, size_t *n, ask_error *err)
{
    const char **lines = malloc((count_ends(text) + 1) * sizeof *lines);
    char *rest = NULL;
    size_t n_all = 0;
    *n = 0;
    if (!lines) {
        ask_fail_memory(err);
        return NULL;
    }
    for (char *line = text ? strtok_r(text, "\n", &rest) : NULL; line;
         line = strtok_r(NULL, "\n", &rest))
        lines[n_all++] = line;
    qsort(lines, n_all, sizeof *lines, compare);
    for (size_t i = 0; i < n_all; i++)
        if (i == 0 || strcmp(lines[i], lines[*n - 1]) != 0) lines[(*n)++] = lines[i];
    return lines;
}
