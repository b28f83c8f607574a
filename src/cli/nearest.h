/* cli/nearest.h - what a mistyped word was probably meant to be. */
#ifndef ASK_CLI_NEAREST_H
#define ASK_CLI_NEAREST_H

/* Letters to insert, delete, replace or swap with a neighbour to make b of a (at most one
 * edit per place). After: Damerau 1964, in the restricted form of optimal string alignment.
 * Words longer than 63 bytes count as far apart. */
int cli_edit_distance(const char *a, const char *b);

/* Keeps the best of the names offered. Start with {.word = what was typed}. */
typedef struct {
    const char *word;
    const char *name; // the nearest so far; NULL while none is near enough to be meant
    int distance;
} cli_nearest;

void cli_nearest_offer(cli_nearest *nearest, const char *name);

#endif
