/* base/xlsx_write.h - tables as a workbook (.xlsx), as some sets publish their texts.
 *
 *     ask_str book = {0};
 *     ask_xlsx_writer w = {0};
 *     int toys = ask_xlsx_add_sheet(&w, "toys");
 *     ask_xlsx_put(&w, toys, "image"), ask_xlsx_put(&w, toys, "text");
 *     ask_xlsx_end_row(&w, toys);
 *     bool ok = ask_xlsx_end(&w, &book, err);
 *
 * Values only: no formulas, no formats. The same calls give the same bytes. After: ECMA-376
 * part 1, SpreadsheetML, and part 2, packages. */
#ifndef ASK_BASE_XLSX_WRITE_H
#define ASK_BASE_XLSX_WRITE_H

#include <stdint.h>

#include "base/api.h"
#include "base/error.h"
#include "base/str.h"

enum { ASK_XLSX_MOST_SHEETS = 8, ASK_XLSX_MOST_COLUMNS = 26 };

/* Starts as {0}. Memory that runs out shows at the end. */
typedef struct {
    int n_sheets;
    struct {
        ask_str name, rows; // as XML
        int64_t row;        // from 0
        int column;
    } sheets[ASK_XLSX_MOST_SHEETS]; // private
    ask_str texts; // private: of all sheets, which name them by their number
    int64_t n_texts;
} ask_xlsx_writer;

/* Its number. At most ASK_XLSX_MOST_SHEETS, each with a name of its own, of at most 31
 * characters. */
ASK_API int ask_xlsx_add_sheet(ask_xlsx_writer *w, const char *name);

/* The next cell of a sheet's row; at most ASK_XLSX_MOST_COLUMNS. Texts are UTF-8; control
 * characters, which XML cannot hold, are left out. */
ASK_API void ask_xlsx_put(ask_xlsx_writer *w, int sheet, const char *text);
ASK_API void ask_xlsx_put_int(ask_xlsx_writer *w, int sheet, int64_t value);
ASK_API void ask_xlsx_end_row(ask_xlsx_writer *w, int sheet);

/* Appends the workbook's bytes to an empty *out, and frees what the writer holds. Fails:
 * ASK_ERR_NOMEM, ASK_ERR_LIMIT. */
ASK_API bool ask_xlsx_end(ask_xlsx_writer *w, ask_str *out, ask_error *err);

ASK_API void ask_xlsx_free(ask_xlsx_writer *w); // gives up; leaves {0}

#endif
