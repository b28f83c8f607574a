#include "cli/time_stats.h"

#include <stdlib.h>

static void measure_keys(cli_time_stats *out, const ask_time_table *table, double *scratch)
{
    int64_t first = -1, last = -1, n = 0;
    for (int64_t i = 0; i < table->n_frames; i++) {
        if (!table->frames[i].key) continue;
        if (last >= 0) scratch[n++] = table->frames[i].t_s - table->frames[last].t_s;
        if (first < 0) first = i;
        last = i;
    }
    if (n == 0) return;
    out->has_key_distance = true;
    out->key_distance_s = cli_spread_of(scratch, n);
    out->key_distance_frames = (double)(last - first) / (double)n;
}

bool cli_time_stats_of(cli_time_stats *out, const ask_time_table *table, ask_error *err)
{
    double *scratch = calloc((size_t)table->n_frames, sizeof *scratch);
    if (!scratch) return ask_fail_memory(err);
    *out = (cli_time_stats){0};
    measure_keys(out, table, scratch);
    for (int64_t i = 0; i < table->n_frames; i++) scratch[i] = table->frames[i].duration_s;
    out->frame_s = cli_spread_of(scratch, table->n_frames);
    free(scratch);
    return true;
}
