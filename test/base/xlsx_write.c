/* Workbooks, taken apart again: the parts that a reader follows, and the cells in them. */
#include "base/xlsx_write.h"

#include <stdlib.h>
#include <string.h>

#include "base/zip.h"
#include "support/testing.h"

static bool write_book(void *user, ask_error *err)
{
    ask_str *out = user;
    ask_str_free(out);
    ask_xlsx_writer w = {0};
    int a = ask_xlsx_add_sheet(&w, "first & best"), b = ask_xlsx_add_sheet(&w, "second");
    ask_xlsx_put(&w, a, "image");
    ask_xlsx_put(&w, b, "<one> \"two\"\x01");
    ask_xlsx_end_row(&w, a);
    ask_xlsx_put_int(&w, a, -7);
    ask_xlsx_put(&w, a, " caf\xc3\xa9");
    ask_xlsx_end_row(&w, a);
    ask_xlsx_end_row(&w, b);
    return ask_xlsx_end(&w, out, err);
}

/* The text of a part; freed with free(). */
static char *part_of(const ask_zip *zip, const char *name)
{
    size_t i, n;
    char *text;
    ask_error err = {0};
    CHECK_CASE(name, ask_zip_find(&i, zip, name));
    CHECK_OK(ask_zip_read(&text, &n, zip, i, 1 << 16, &err), &err);
    assert_int_equal(strlen(text), n);
    return text;
}

static void every_part_is_there_and_says_what_was_put(void **state)
{
    (void)state;
    static const struct {
        const char *part, *holds;
    } cases[] = {
        {"[Content_Types].xml", "PartName=\"/xl/worksheets/sheet2.xml\""},
        {"_rels/.rels", "Target=\"xl/workbook.xml\""},
        {"xl/workbook.xml", "<sheet name=\"first &amp; best\" sheetId=\"1\" r:id=\"rId1\"/>"
                            "<sheet name=\"second\" sheetId=\"2\" r:id=\"rId2\"/>"},
        {"xl/_rels/workbook.xml.rels", "Id=\"rId2\" Type=\"http://schemas.openxmlformats."
                                       "org/officeDocument/2006/relationships/worksheet\" "
                                       "Target=\"worksheets/sheet2.xml\""},
        {"xl/_rels/workbook.xml.rels", "Target=\"sharedStrings.xml\""},
        {"xl/sharedStrings.xml",
         "count=\"3\" uniqueCount=\"3\"><si><t xml:space=\"preserve\">image</t></si>"
         "<si><t xml:space=\"preserve\">&lt;one&gt; &quot;two&quot;</t></si>"
         "<si><t xml:space=\"preserve\"> caf\xc3\xa9</t></si></sst>"},
        {"xl/worksheets/sheet1.xml",
         "<sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row><row r=\"2\">"
         "<c r=\"A2\"><v>-7</v></c><c r=\"B2\" t=\"s\"><v>2</v></c></row></sheetData>"},
        {"xl/worksheets/sheet2.xml", "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>1</v></c></row>"},
    };
    ask_str book = {0};
    ask_error err = {0};
    CHECK_OK(write_book(&book, &err), &err);
    ask_zip *zip = ask_zip_open_memory(book.data, book.length, "book", &err);
    CHECK_OK(zip, &err);
    assert_int_equal(ask_zip_count(zip), 7);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char *text = part_of(zip, cases[i].part);
        if (!strstr(text, cases[i].holds))
            fail_msg("%s does not hold %s:\n%s", cases[i].part, cases[i].holds, text);
        free(text);
    }
    ask_zip_close(zip);
    ask_str_free(&book);
}

static void a_book_may_be_given_up(void **state)
{
    (void)state;
    ask_xlsx_writer w = {0};
    ask_xlsx_put(&w, ask_xlsx_add_sheet(&w, "s"), "x");
    ask_xlsx_free(&w);
    assert_int_equal(w.n_sheets, 0);
}

static void allocations_may_fail(void **state)
{
    (void)state;
    ask_str book = {0};
    assert_true(test_each_alloc_fails("xlsx", write_book, &book) > 5);
    ask_str_free(&book);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_part_is_there_and_says_what_was_put),
        cmocka_unit_test(a_book_may_be_given_up),
        cmocka_unit_test(allocations_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
