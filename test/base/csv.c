#include "base/csv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/testing.h"

static ask_csv *parse(const char *text, char separator, ask_error *err)
{
    return ask_csv_parse(text, strlen(text), "t.csv", separator, err);
}

/* All cells of a table, names first: "a|b/1|2/". */
static char *show(const ask_csv *t)
{
    ask_str out = {0};
    for (int c = 0; c < ask_csv_n_columns(t); c++)
        ask_str_printf(&out, "%s%s", c > 0 ? "|" : "", ask_csv_column_name(t, c));
    ask_str_append(&out, "/");
    for (size_t r = 0; r < ask_csv_n_rows(t); r++) {
        for (int c = 0; c < ask_csv_n_columns(t); c++)
            ask_str_printf(&out, "%s%s", c > 0 ? "|" : "", ask_csv_cell(t, r, c));
        ask_str_append(&out, "/");
    }
    return ask_str_take(&out, NULL);
}

static void tables_are_cut_into_cells(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text;
        char separator;
        const char *shown;
    } cases[] = {
        {"plain", "a,b\n1,2\n3,4\n", ',', "a|b/1|2/3|4/"},
        {"no end of line at the end", "a,b\n1,2", ',', "a|b/1|2/"},
        {"CRLF and byte order mark",
         "\xEF\xBB\xBF"
         "a,b\r\n1,2\r\n",
         ',', "a|b/1|2/"},
        {"CR alone", "a,b\r1,2\r", ',', "a|b/1|2/"},
        {"empty cells", "a,b,c\n,,\n,2,\n", ',', "a|b|c/||/|2|/"},
        {"an empty last cell at the end", "a,b\n1,", ',', "a|b/1|/"},
        {"empty lines", "\n\na\n\n1\r\n\r\n2\n\n", ',', "a/1/2/"},
        {"quotes", "a,b\n\"x,y\",\"say \"\"hi\"\"\"\n", ',', "a|b/x,y|say \"hi\"/"},
        {"lines in quotes", "a,b\n\"1\n2\r\n3\",4\n", ',', "a|b/1\n2\r\n3|4/"},
        {"empty quotes", "a\n\"\"\n", ',', "a//"},
        {"a quote inside", "a,b\n5\" disk,x\"\n", ',', "a|b/5\" disk|x\"/"},
        {"spaces stay", "a, b\n 1 ,2\n", ',', "a| b/ 1 |2/"},
        {"tabs", "a\tb\n1,5\t\"2\t3\"\n", '\t', "a|b/1,5|2\t3/"},
        {"names only", "a,b\n", ',', "a|b/"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err;
        ask_csv *t = parse(cases[i].text, cases[i].separator, &err);
        CHECK_OK(t, &err);
        char *shown = show(t);
        if (strcmp(shown, cases[i].shown) != 0)
            fail_msg("case \"%s\": %s", cases[i].name, shown);
        free(shown);
        ask_csv_free(t);
    }
}

static void malformed_tables_are_refused_with_their_line(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text;
        size_t bytes; // 0: strlen
        const char *message;
    } cases[] = {
        {"empty", "", 0, "t.csv: empty, a row of column names is needed"},
        {"empty lines only", "\n\r\n", 0, "t.csv: empty, a row of column names is needed"},
        {"narrow row", "a,b\n1,2\n3\n", 0, "t.csv:3: 1 column, but the first row has 2"},
        {"wide row", "a,b\n\"1\n\n\",2\n3,4,5\n", 0,
         "t.csv:5: 3 columns, but the first row has 2"},
        {"open quote", "a,b\n1,\"2\n3,4\n", 0,
         "t.csv:2: a quote is opened here and never closed"},
        {"text behind a quote", "a,b\n\"1\"x,2\n", 0,
         "t.csv:2: text behind a closing quote; quotes inside a cell are doubled"},
        {"NUL", "a,b\n1\0,2\n", 9, "t.csv:2: a NUL byte in a cell"},
        {"Latin-1", "a,b\ncaf\xe9,2\n", 0,
         "t.csv:2: not UTF-8 text; convert the file, with iconv for example"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        size_t bytes = cases[i].bytes ? cases[i].bytes : strlen(cases[i].text);
        CHECK_CASE(cases[i].name, !ask_csv_parse(cases[i].text, bytes, "t.csv", ',', &err));
        CHECK_CASE(cases[i].name, err.code == ASK_ERR_FORMAT);
        if (strcmp(err.message, cases[i].message) != 0)
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
    }
}

static void columns_are_found_by_name(void **state)
{
    (void)state;
    ask_error err;
    ask_csv *t = parse("video,question,video\n1,why?,2\n", ',', &err);
    CHECK_OK(t, &err);
    int column = 77;
    assert_int_equal(ask_csv_column(t, "question"), 1);
    assert_int_equal(ask_csv_column(t, "video"), 0);
    assert_int_equal(ask_csv_column(t, "Question"), -1);
    CHECK_OK(ask_csv_find_column(&column, t, "question", &err), &err);
    assert_string_equal(ask_csv_cell(t, 0, column), "why?");
    assert_false(ask_csv_find_column(&column, t, "answer", &err));
    assert_int_equal(column, 1);
    assert_int_equal(err.code, ASK_ERR_FORMAT);
    assert_string_equal(err.message,
                        "t.csv: no column \"answer\" (columns: video, question, video)");
    ask_csv_free(t);
}

static void numbers_in_cells_are_checked(void **state)
{
    (void)state;
    ask_error err;
    ask_csv *t = parse("n,x\n\n3,2.5\n,\n9, 1\n", ',', &err);
    CHECK_OK(t, &err);
    int64_t n = 77;
    double x = 77;
    CHECK_OK(ask_csv_get_int(&n, t, 0, 0, 0, 4, &err), &err);
    CHECK_OK(ask_csv_get_double(&x, t, 0, 1, &err), &err);
    assert_true(n == 3 && x == 2.5);
    static const struct {
        size_t row;
        const char *n, *x; // what is said of each
    } cases[] = {
        {1, "t.csv:4: column \"n\": expected an integer from 0 to 4, got \"\"",
         "t.csv:4: column \"x\": expected a number, got \"\""},
        {2, "t.csv:5: column \"n\": expected an integer from 0 to 4, got \"9\"",
         "t.csv:5: column \"x\": expected a number, got \" 1\""},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        assert_false(ask_csv_get_int(&n, t, cases[i].row, 0, 0, 4, &err));
        assert_string_equal(err.message, cases[i].n);
        assert_false(ask_csv_get_double(&x, t, cases[i].row, 1, &err));
        assert_string_equal(err.message, cases[i].x);
        assert_int_equal(err.code, ASK_ERR_FORMAT);
    }
    assert_true(n == 3 && x == 2.5);
    ask_csv_free(t);
}

static void what_is_written_reads_back_the_same(void **state)
{
    (void)state;
    static const char *const cells[] = {
        "plain", "", "a,b", "say \"hi\"", "two\nlines", "cr\r", " spaces ", "é", "a\tb",
    };
    static const char separators[] = ",\t;";
    for (const char *separator = separators; *separator; separator++) {
        for (int n_columns = 1; n_columns <= 3; n_columns++) {
            ask_str text = {0};
            ask_csv_writer w = {.out = &text, .separator = *separator};
            for (int c = 0; c < n_columns; c++) ask_csv_put_int(&w, c);
            ask_csv_end_row(&w);
            for (size_t i = 0; i < TEST_COUNT(cells); i++) {
                ask_csv_put(&w, cells[i]);
                if (i % (size_t)n_columns == (size_t)n_columns - 1) ask_csv_end_row(&w);
            }
            if (TEST_COUNT(cells) % (size_t)n_columns) {
                ask_csv_put(&w, "");
                ask_csv_end_row(&w);
            }
            ask_error err;
            ask_csv *t = ask_csv_parse(text.data, text.length, "t", *separator, &err);
            CHECK_OK(t, &err);
            for (size_t i = 0; i < TEST_COUNT(cells); i++) {
                assert_string_equal(
                    ask_csv_cell(t, i / (size_t)n_columns, (int)(i % (size_t)n_columns)),
                    cells[i]);
            }
            ask_csv_free(t);
            ask_str_free(&text);
        }
    }
}

static void cells_are_quoted_only_where_needed(void **state)
{
    (void)state;
    ask_str text = {0};
    ask_csv_writer w = {.out = &text, .separator = ','};
    ask_csv_put(&w, "plain text");
    ask_csv_put_double(&w, 0.1);
    ask_csv_put_double(&w, NAN);
    ask_csv_put_int(&w, INT64_MIN);
    ask_csv_put(&w, "a,b");
    ask_csv_end_row(&w);
    ask_csv_put(&w, "");
    ask_csv_end_row(&w);
    assert_string_equal(ask_str_text(&text),
                        "plain text,0.1,,-9223372036854775808,\"a,b\"\n\"\"\n");
    ask_str_free(&text);
}

static void files_are_read_and_named_in_messages(void **state)
{
    (void)state;
    char *dir = test_temp_dir_make();
    const char *path = test_path(dir, "val.csv");
    test_write_text(path, "a\n1,2\n");
    ask_error err;
    assert_null(ask_csv_read(path, ',', &err));
    assert_non_null(strstr(err.message, "val.csv:2: 2 columns, but the first row has 1"));
    assert_null(ask_csv_read(test_path(dir, "none.csv"), ',', &err));
    assert_int_equal(err.code, ASK_ERR_IO);
    test_write_text(path, "a\n1\n");
    ask_csv *t = ask_csv_read(path, ',', &err);
    CHECK_OK(t, &err);
    assert_int_equal(ask_csv_n_rows(t), 1);
    ask_csv_free(t);
    test_temp_dir_remove(dir);
}

static bool read_some(void *user, ask_error *err)
{
    (void)user;
    ask_str text = {0};
    ask_csv_writer w = {.out = &text, .separator = ','};
    for (int i = 0; i < 200; i++) {
        ask_csv_put_int(&w, i);
        ask_csv_end_row(&w);
    }
    size_t bytes = text.length;
    char *owned = ask_str_take(&text, err);
    if (!owned) return false;
    ask_csv *t = ask_csv_parse(owned, bytes, "t.csv", ',', err);
    free(owned);
    ask_csv_free(t);
    return t != NULL;
}

static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    assert_in_range(test_each_alloc_fails("csv", read_some, NULL), 6, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_are_cut_into_cells),
        cmocka_unit_test(malformed_tables_are_refused_with_their_line),
        cmocka_unit_test(columns_are_found_by_name),
        cmocka_unit_test(numbers_in_cells_are_checked),
        cmocka_unit_test(what_is_written_reads_back_the_same),
        cmocka_unit_test(cells_are_quoted_only_where_needed),
        cmocka_unit_test(files_are_read_and_named_in_messages),
        cmocka_unit_test(running_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
