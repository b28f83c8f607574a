/* Tables of comma-separated text: what is read, written and read again must be the same. */
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"

static void write_again(ask_str *out, const ask_csv *t)
{
    ask_csv_writer w = {.out = out, .separator = ','};
    for (int c = 0; c < ask_csv_n_columns(t); c++)
        ask_csv_put(&w, ask_csv_column_name(t, c));
    ask_csv_end_row(&w);
    for (size_t r = 0; r < ask_csv_n_rows(t); r++) {
        if (r > 0 && ask_csv_line(t, r) <= ask_csv_line(t, r - 1)) abort();
        for (int c = 0; c < ask_csv_n_columns(t); c++)
            ask_csv_put(&w, ask_csv_cell(t, r, c));
        ask_csv_end_row(&w);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ask_error err;
    ask_csv *t = ask_csv_parse((const char *)data, size, "fuzz", ',', &err);
    if (!t) return 0;
    ask_str once = {0}, twice = {0};
    write_again(&once, t);
    // A byte order mark inside the first cell is one at the beginning when written.
    if (strncmp(ask_str_text(&once), "\xEF\xBB\xBF", 3) != 0) {
        ask_csv *again = ask_csv_parse(once.data, once.length, "again", ',', &err);
        if (!again) abort();
        write_again(&twice, again);
        if (strcmp(once.data, ask_str_text(&twice)) != 0) abort();
        ask_csv_free(again);
    }
    ask_csv_free(t);
    ask_str_free(&once);
    ask_str_free(&twice);
    return 0;
}
