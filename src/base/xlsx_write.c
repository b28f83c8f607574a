#include "base/xlsx_write.h"

#include <assert.h>

#include "base/zip_write.h"

#define DECLARATION "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
#define MAIN "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#define OFFICE "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define PACKAGE "http://schemas.openxmlformats.org/package/2006/"
#define SHEET_TYPE "application/vnd.openxmlformats-officedocument.spreadsheetml."

/* ---- cells ---- */

static void append_escaped(ask_str *out, const char *text)
{
    for (const char *c = text; *c; c++) {
        bool is_control = (unsigned char)*c < 0x20 && *c != '\t' && *c != '\n';
        if (*c == '&')
            ask_str_append(out, "&amp;");
        else if (*c == '<')
            ask_str_append(out, "&lt;");
        else if (*c == '>')
            ask_str_append(out, "&gt;");
        else if (*c == '"')
            ask_str_append(out, "&quot;");
        else if (!is_control)
            ask_str_append_char(out, *c);
    }
}

int ask_xlsx_add_sheet(ask_xlsx_writer *w, const char *name)
{
    assert(w->n_sheets < ASK_XLSX_MOST_SHEETS);
    append_escaped(&w->sheets[w->n_sheets].name, name);
    return w->n_sheets++;
}

static ask_str *begin_cell(ask_xlsx_writer *w, int sheet, const char *kind)
{
    assert(sheet < w->n_sheets && w->sheets[sheet].column < ASK_XLSX_MOST_COLUMNS);
    ask_str *rows = &w->sheets[sheet].rows;
    long long row = w->sheets[sheet].row + 1;
    int column = w->sheets[sheet].column++;
    if (column == 0) ask_str_printf(rows, "<row r=\"%lld\">", row);
    ask_str_printf(rows, "<c r=\"%c%lld\"%s><v>", 'A' + column, row, kind);
    return rows;
}

void ask_xlsx_put(ask_xlsx_writer *w, int sheet, const char *text)
{
    ask_str_printf(begin_cell(w, sheet, " t=\"s\""), "%lld</v></c>",
                   (long long)w->n_texts++);
    ask_str_append(&w->texts, "<si><t xml:space=\"preserve\">");
    append_escaped(&w->texts, text);
    ask_str_append(&w->texts, "</t></si>");
}

void ask_xlsx_put_int(ask_xlsx_writer *w, int sheet, int64_t value)
{
    ask_str_printf(begin_cell(w, sheet, ""), "%lld</v></c>", (long long)value);
}

void ask_xlsx_end_row(ask_xlsx_writer *w, int sheet)
{
    if (w->sheets[sheet].column > 0) ask_str_append(&w->sheets[sheet].rows, "</row>");
    w->sheets[sheet].column = 0;
    w->sheets[sheet].row++;
}

/* ---- the parts of the package ---- */

static void append_types(ask_str *out, const ask_xlsx_writer *w)
{
    ask_str_append(out, DECLARATION
                   "<Types xmlns=\"" PACKAGE "content-types\">"
                   "<Default Extension=\"rels\" ContentType=\"application/"
                   "vnd.openxmlformats-package.relationships+xml\"/>"
                   "<Default Extension=\"xml\" ContentType=\"application/xml\"/>"
                   "<Override PartName=\"/xl/workbook.xml\" ContentType=\"" SHEET_TYPE
                   "sheet.main+xml\"/><Override PartName=\"/xl/sharedStrings.xml\" "
                   "ContentType=\"" SHEET_TYPE "sharedStrings+xml\"/>");
    for (int i = 0; i < w->n_sheets; i++)
        ask_str_printf(out,
                       "<Override PartName=\"/xl/worksheets/sheet%d.xml\" "
                       "ContentType=\"" SHEET_TYPE "worksheet+xml\"/>",
                       i + 1);
    ask_str_append(out, "</Types>");
}

static void append_root(ask_str *out, const ask_xlsx_writer *w)
{
    (void)w;
    ask_str_append(out, DECLARATION "<Relationships xmlns=\"" PACKAGE "relationships\">"
                                    "<Relationship Id=\"rId1\" Type=\"" OFFICE
                                    "/officeDocument\" "
                                    "Target=\"xl/workbook.xml\"/></Relationships>");
}

static void append_book(ask_str *out, const ask_xlsx_writer *w)
{
    ask_str_append(out, DECLARATION "<workbook xmlns=\"" MAIN "\" xmlns:r=\"" OFFICE
                                    "\"><sheets>");
    for (int i = 0; i < w->n_sheets; i++)
        ask_str_printf(out, "<sheet name=\"%s\" sheetId=\"%d\" r:id=\"rId%d\"/>",
                       ask_str_text(&w->sheets[i].name), i + 1, i + 1);
    ask_str_append(out, "</sheets></workbook>");
}

static void append_parts(ask_str *out, const ask_xlsx_writer *w)
{
    ask_str_append(out, DECLARATION "<Relationships xmlns=\"" PACKAGE "relationships\">");
    for (int i = 0; i < w->n_sheets; i++)
        ask_str_printf(out,
                       "<Relationship Id=\"rId%d\" Type=\"" OFFICE "/worksheet\" "
                       "Target=\"worksheets/sheet%d.xml\"/>",
                       i + 1, i + 1);
    ask_str_printf(out,
                   "<Relationship Id=\"rId%d\" Type=\"" OFFICE "/sharedStrings\" "
                   "Target=\"sharedStrings.xml\"/></Relationships>",
                   w->n_sheets + 1);
}

static void append_texts(ask_str *out, const ask_xlsx_writer *w)
{
    ask_str_printf(out,
                   DECLARATION "<sst xmlns=\"" MAIN "\" count=\"%lld\" "
                               "uniqueCount=\"%lld\">",
                   (long long)w->n_texts, (long long)w->n_texts);
    ask_str_append(out, ask_str_text(&w->texts));
    ask_str_append(out, "</sst>");
}

static void append_sheet(ask_str *out, const ask_str *rows)
{
    ask_str_append(out, DECLARATION "<worksheet xmlns=\"" MAIN "\"><sheetData>");
    ask_str_append(out, ask_str_text(rows));
    ask_str_append(out, "</sheetData></worksheet>");
}

/* ---- the package ---- */

static void put_part(ask_zip_writer *zip, ask_str *part, const char *name)
{
    zip->out->failed |= part->failed;
    ask_zip_put(zip, name, ask_str_text(part), part->length);
    ask_str_clear(part);
}

static void put_sheets(ask_zip_writer *zip, ask_str *part, const ask_xlsx_writer *w)
{
    for (int i = 0; i < w->n_sheets; i++) {
        char name[64];
        ask_format(name, sizeof name, "xl/worksheets/sheet%d.xml", i + 1);
        append_sheet(part, &w->sheets[i].rows);
        put_part(zip, part, name);
    }
}

static bool has_failed(const ask_xlsx_writer *w)
{
    bool failed = w->texts.failed;
    for (int i = 0; i < w->n_sheets; i++)
        failed |= w->sheets[i].name.failed || w->sheets[i].rows.failed;
    return failed;
}

bool ask_xlsx_end(ask_xlsx_writer *w, ask_str *out, ask_error *err)
{
    static const struct {
        const char *name;
        void (*append)(ask_str *out, const ask_xlsx_writer *w);
    } parts[] = {
        {"[Content_Types].xml", append_types},
        {"_rels/.rels", append_root},
        {"xl/workbook.xml", append_book},
        {"xl/_rels/workbook.xml.rels", append_parts},
        {"xl/sharedStrings.xml", append_texts},
    };
    ask_zip_writer zip = {.out = out};
    ask_str part = {0};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        parts[i].append(&part, w);
        put_part(&zip, &part, parts[i].name);
    }
    put_sheets(&zip, &part, w);
    out->failed |= has_failed(w);
    ask_str_free(&part);
    ask_xlsx_free(w);
    return ask_zip_end(&zip, err);
}

void ask_xlsx_free(ask_xlsx_writer *w)
{
    for (int i = 0; i < ASK_XLSX_MOST_SHEETS; i++) {
        ask_str_free(&w->sheets[i].name);
        ask_str_free(&w->sheets[i].rows);
    }
    ask_str_free(&w->texts);
    *w = (ask_xlsx_writer){0};
}
