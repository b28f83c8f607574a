#include "cli/nearest.h"

#include <limits.h>
#include <string.h>

enum { MAX_WORD_BYTES = 63 };

static int least(int a, int b)
{
    return a < b ? a : b;
}

int cli_edit_distance(const char *a, const char *b)
{
    size_t n_a = strlen(a), n_b = strlen(b);
    if (n_a > MAX_WORD_BYTES || n_b > MAX_WORD_BYTES) return INT_MAX;

    // d[i][j]: the distance between the first i bytes of a and the first j of b.
    int d[MAX_WORD_BYTES + 1][MAX_WORD_BYTES + 1];
    for (size_t i = 0; i <= n_a; i++) d[i][0] = (int)i;
    for (size_t j = 0; j <= n_b; j++) d[0][j] = (int)j;
    for (size_t i = 1; i <= n_a; i++) {
        for (size_t j = 1; j <= n_b; j++) {
            int replace = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            d[i][j] = least(replace, 1 + least(d[i - 1][j], d[i][j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
        }
    }
    return d[n_a][n_b];
}

void cli_nearest_offer(cli_nearest *nearest, const char *name)
{
    int distance = cli_edit_distance(nearest->word, name);
    int near_enough = strlen(name) < 6 ? 2 : 3; // of a long name more may be mistyped
    if (distance > near_enough || distance >= (int)strlen(name)) return;
    if (nearest->name && distance >= nearest->distance) return;
    nearest->name = name;
    nearest->distance = distance;
}
