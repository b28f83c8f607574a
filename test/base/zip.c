#include "base/zip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/testing.h"

/* Archives in test/fixtures/zip were made with Python's zipfile (tools/golden/zip.py). */
static const char *fixture(const char *name)
{
    char file[64];
    snprintf(file, sizeof file, "zip/%s.zip", name);
    return test_fixture(file);
}

enum { LINES_BYTES = 1690, ENOUGH = 1 << 20 };

/* What "b.txt" of the fixtures holds: "line 0\n" to "line 199\n". Freed by the caller. */
static char *make_lines(void)
{
    char *text = malloc(LINES_BYTES + 1);
    size_t n = 0;
    for (int i = 0; i < 200; i++)
        n += (size_t)snprintf(text + n, LINES_BYTES + 1 - n, "line %d\n", i);
    assert_int_equal(n, LINES_BYTES);
    return text;
}

/* Reads an entry by name and compares it. */
static void check_entry(const char *where, ask_zip *zip, const char *name,
                        const void *expected, size_t n_expected)
{
    size_t i, n_bytes;
    char *bytes;
    ask_error err;
    CHECK_CASE(where, ask_zip_find(&i, zip, name));
    const ask_zip_entry *e = ask_zip_at(zip, i);
    CHECK_CASE(where, strcmp(e->name, name) == 0 && e->n_bytes == n_expected);
    CHECK_OK(ask_zip_read(&bytes, &n_bytes, zip, i, n_expected, &err), &err);
    CHECK_CASE(where, n_bytes == n_expected && bytes[n_bytes] == '\0');
    CHECK_CASE(where, memcmp(bytes, expected, n_bytes) == 0);
    const uint8_t *stored = ask_zip_stored(zip, i);
    CHECK_CASE(where, (stored != NULL) == e->is_stored);
    if (stored) {
        CHECK_CASE(where, e->packed_bytes == n_bytes);
        CHECK_CASE(where, memcmp(stored, expected, n_bytes) == 0);
    }
    free(bytes);
}

static void archives_are_read_however_they_were_written(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool a_has_lines; // "a.txt" holds what "b.txt" does, not "hello"
        bool has_b;
    } cases[] = {
        {"two", false, true},
        {"zip64", false, true},
        {"streamed", true, true},
        {"prefixed", false, false},
    };
    char *lines = make_lines();
    for (size_t c = 0; c < TEST_COUNT(cases); c++) {
        const char *name = cases[c].name;
        ask_error err;
        ask_zip *zip = ask_zip_open(fixture(name), &err);
        CHECK_OK(zip, &err);
        CHECK_CASE(name, ask_zip_count(zip) == (cases[c].has_b ? 2 : 1));
        if (cases[c].a_has_lines)
            check_entry(name, zip, "a.txt", lines, LINES_BYTES);
        else
            check_entry(name, zip, "a.txt", "hello", 5);
        CHECK_CASE(name, ask_zip_at(zip, 0)->is_stored);
        if (cases[c].has_b) {
            check_entry(name, zip, "b.txt", lines, LINES_BYTES);
            CHECK_CASE(name, !ask_zip_at(zip, 1)->is_stored);
        }
        size_t i = 77;
        CHECK_CASE(name, !ask_zip_find(&i, zip, "c.txt") && i == 77);
        ask_zip_close(zip);
    }
    free(lines);
}

static void folders_empty_entries_and_names_beyond_ascii_are_listed(void **state)
{
    (void)state;
    static const char *const names[] = {"folder/", "folder/empty", "folder/empty too",
                                        "\xc3\xbc"
                                        "ber.txt"};
    ask_error err;
    ask_zip *zip = ask_zip_open(fixture("mixed"), &err);
    CHECK_OK(zip, &err);
    assert_int_equal(ask_zip_count(zip), TEST_COUNT(names));
    for (size_t i = 0; i < TEST_COUNT(names); i++)
        assert_string_equal(ask_zip_at(zip, i)->name, names[i]);
    for (size_t i = 0; i < 3; i++) check_entry(names[i], zip, names[i], "", 0);
    char *zeros = calloc(1, 100000);
    check_entry(names[3], zip, names[3], zeros, 100000);
    free(zeros);
    ask_zip_close(zip);
}

static void an_archive_may_be_empty(void **state)
{
    (void)state;
    ask_error err;
    ask_zip *zip = ask_zip_open(fixture("empty"), &err);
    CHECK_OK(zip, &err);
    assert_int_equal(ask_zip_count(zip), 0);
    size_t i;
    assert_false(ask_zip_find(&i, zip, "a.txt"));
    ask_zip_close(zip);
}

static void a_stored_entry_lies_where_it_is_said_to(void **state)
{
    (void)state;
    size_t n_bytes, i;
    char *file = test_read(fixture("two"), &n_bytes);
    ask_error err;
    ask_zip *zip = ask_zip_open_memory(file, n_bytes, "two", &err);
    CHECK_OK(zip, &err);
    assert_string_equal(ask_zip_name(zip), "two");
    assert_true(ask_zip_find(&i, zip, "a.txt"));
    const ask_zip_entry *e = ask_zip_at(zip, i);
    assert_memory_equal(file + e->offset, "hello", 5);
    assert_ptr_equal(ask_zip_stored(zip, i), file + e->offset);
    assert_int_equal(e->crc, 0x3610a686);
    ask_zip_close(zip);
    free(file);
}

static void more_than_was_allowed_is_not_unpacked(void **state)
{
    (void)state;
    ask_error err;
    ask_zip *zip = ask_zip_open(fixture("mixed"), &err);
    CHECK_OK(zip, &err);
    char *bytes = (char *)&err;
    size_t n_bytes = 77;
    assert_false(ask_zip_read(&bytes, &n_bytes, zip, 3, 99999, &err));
    assert_int_equal(err.code, ASK_ERR_LIMIT);
    assert_non_null(strstr(err.message, "mixed.zip: an entry unpacks to 100000 bytes, more "
                                        "than the 99999 allowed: \"\xc3\xbc"
                                        "ber.txt\""));
    assert_ptr_equal(bytes, &err);
    assert_int_equal(n_bytes, 77);
    ask_zip_close(zip);
}

/* ---- archives that lie ---- */

/* The records of an archive, by their signatures. */
typedef enum { LOCAL = 1, LISTED, END, END64, LOCATOR } record;

/* n bytes, little-endian, at a place of the i-th record of a kind; n = 0 ends a list. */
typedef struct {
    record record;
    int i, at, n;
    uint64_t value;
} patch;

static uint8_t *find_record(uint8_t *file, size_t n_bytes, record r, int i)
{
    static const char signatures[][5] = {
        [LOCAL] = "PK\3\4", [LISTED] = "PK\1\2",  [END] = "PK\5\6",
        [END64] = "PK\6\6", [LOCATOR] = "PK\6\7",
    };
    uint8_t *at = file;
    for (;; i--, at += 4) {
        at = memmem(at, n_bytes - (size_t)(at - file), signatures[r], 4);
        if (!at) fail_msg("no such record");
        if (i == 0) return at;
    }
}

static void apply(const patch *p, uint8_t *file, size_t n_bytes)
{
    for (; p->n > 0; p++) {
        uint8_t *to = find_record(file, n_bytes, p->record, p->i) + p->at;
        for (int b = 0; b < p->n; b++) to[b] = (uint8_t)(p->value >> 8 * b);
    }
}

/* Opens the archive and reads all that is in it. */
static bool read_all(const void *bytes, size_t n_bytes, ask_error *err)
{
    ask_zip *zip = ask_zip_open_memory(bytes, n_bytes, "t", err);
    bool ok = zip != NULL;
    for (size_t i = 0; ok && i < ask_zip_count(zip); i++) {
        char *unpacked;
        size_t n_unpacked;
        ok = ask_zip_read(&unpacked, &n_unpacked, zip, i, ENOUGH, err);
        if (ok) free(unpacked);
    }
    ask_zip_close(zip);
    return ok;
}

static void lies_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *name, *archive;
        patch patches[5];
        ask_error_code code;
        const char *message;
    } cases[] = {
        {"wrong checksum",
         "two",
         {{LOCAL, 1, 14, 4, 1}, {LISTED, 1, 16, 4, 1}},
         ASK_ERR_FORMAT,
         "t: an entry is damaged: its checksum differs: \"b.txt\""},
        {"wrong checksum of stored bytes",
         "two",
         {{LOCAL, 0, 35, 1, 'H'}},
         ASK_ERR_FORMAT,
         "t: an entry is damaged: its checksum differs: \"a.txt\""},
        {"no deflate",
         "two",
         {{LOCAL, 1, 35, 1, 0xff}},
         ASK_ERR_FORMAT,
         "t: an entry is damaged: \"b.txt\""},
        {"unpacks to less",
         "two",
         {{LOCAL, 1, 22, 4, 1691}, {LISTED, 1, 24, 4, 1691}},
         ASK_ERR_FORMAT,
         "t: an entry is damaged: \"b.txt\""},
        {"unpacks to more",
         "two",
         {{LOCAL, 1, 22, 4, 1689}, {LISTED, 1, 24, 4, 1689}},
         ASK_ERR_FORMAT,
         "t: an entry is damaged: \"b.txt\""},
        {"a size beyond deflate",
         "two",
         {{LOCAL, 1, 22, 4, 0xfffffff0}, {LISTED, 1, 24, 4, 0xfffffff0}},
         ASK_ERR_FORMAT,
         "t: an entry claims a size that deflate cannot reach: \"b.txt\""},
        {"two sizes",
         "two",
         {{LISTED, 0, 24, 4, 6}},
         ASK_ERR_FORMAT,
         "t: an entry is stored, yet has two sizes: \"a.txt\""},
        {"other sizes in the list",
         "two",
         {{LISTED, 0, 20, 4, 6}, {LISTED, 0, 24, 4, 6}},
         ASK_ERR_FORMAT,
         "t: an entry differs from its header: \"a.txt\""},
        {"another name in the list",
         "two",
         {{LISTED, 0, 46, 1, 'c'}},
         ASK_ERR_FORMAT,
         "t: an entry differs from its header: \"c.txt\""},
        {"beyond the end",
         "two",
         {{LOCAL, 0, 18, 4, 9999},
          {LOCAL, 0, 22, 4, 9999},
          {LISTED, 0, 20, 4, 9999},
          {LISTED, 0, 24, 4, 9999}},
         ASK_ERR_FORMAT,
         "t: an entry is cut off: \"a.txt\""},
        {"over another",
         "two",
         {{LOCAL, 0, 18, 4, 50},
          {LOCAL, 0, 22, 4, 50},
          {LISTED, 0, 20, 4, 50},
          {LISTED, 0, 24, 4, 50}},
         ASK_ERR_FORMAT,
         "t: an entry overlaps another: \"b.txt\""},
        {"one entry, listed twice",
         "two",
         {{LISTED, 1, 42, 4, 0}},
         ASK_ERR_FORMAT,
         "t: an entry differs from its header: \"b.txt\""},
        {"a header that is none",
         "two",
         {{LISTED, 1, 42, 4, 3}},
         ASK_ERR_FORMAT,
         "t: an entry differs from its header: \"b.txt\""},
        {"one name twice",
         "two",
         {{LOCAL, 1, 30, 1, 'a'}, {LISTED, 1, 46, 1, 'a'}},
         ASK_ERR_FORMAT,
         "t: an entry is there twice: \"a.txt\""},
        {"NUL in a name",
         "two",
         {{LOCAL, 0, 31, 1, 0}, {LISTED, 0, 47, 1, 0}},
         ASK_ERR_FORMAT,
         "t: an entry has a NUL in its name: \"a\""},
        {"no name",
         "two",
         {{LISTED, 0, 28, 2, 0}, {LISTED, 0, 30, 2, 5}},
         ASK_ERR_FORMAT,
         "t: an entry has no name: \"\""},
        {"encrypted",
         "two",
         {{LOCAL, 0, 6, 2, 1}, {LISTED, 0, 8, 2, 1}},
         ASK_ERR_UNSUPPORTED,
         "t: an entry is encrypted: \"a.txt\""},
        {"secretly encrypted",
         "two",
         {{LOCAL, 0, 6, 2, 1}},
         ASK_ERR_UNSUPPORTED,
         "t: an entry is encrypted: \"a.txt\""},
        {"more entries than there can be",
         "two",
         {{END, 0, 8, 2, 60000}, {END, 0, 10, 2, 60000}},
         ASK_ERR_FORMAT,
         "t: claims 60000 entries, for which its list is too short"},
        {"a list that is none",
         "two",
         {{LISTED, 1, 0, 1, 'Q'}},
         ASK_ERR_FORMAT,
         "t: the list of entries is damaged"},
        {"fewer entries than there are",
         "two",
         {{END, 0, 8, 2, 1}, {END, 0, 10, 2, 1}},
         ASK_ERR_FORMAT,
         "t: the list has more than the 1 entries it claims"},
        {"something behind the archive",
         "two",
         {{END, 0, 20, 2, 1}},
         ASK_ERR_FORMAT,
         "t: not a .zip archive, or cut off"},
        {"two counts of entries",
         "two",
         {{END, 0, 8, 2, 1}},
         ASK_ERR_UNSUPPORTED,
         "t: one of several parts; join them"},
        {"a list that is elsewhere",
         "two",
         {{END, 0, 16, 4, 0xfffffff}},
         ASK_ERR_FORMAT,
         "t: the list of entries is not in it"},
        {"zip64: all entries that can be counted",
         "zip64",
         {{END64, 0, 24, 8, UINT64_MAX}, {END64, 0, 32, 8, UINT64_MAX}},
         ASK_ERR_FORMAT,
         "t: claims 18446744073709551615 entries, for which its list is too short"},
        {"zip64: a list beyond memory",
         "zip64",
         {{END64, 0, 40, 8, UINT64_MAX}},
         ASK_ERR_FORMAT,
         "t: its zip64 end record is not where it should be"},
        {"zip64: the end is elsewhere",
         "zip64",
         {{LOCATOR, 0, 8, 8, UINT64_MAX - 8}},
         ASK_ERR_FORMAT,
         "t: its zip64 end record is not where it should be"},
        {"zip64: no end",
         "zip64",
         {{END64, 0, 0, 1, 'Q'}},
         ASK_ERR_FORMAT,
         "t: its zip64 end record is not where it should be"},
        {"zip64: a size beyond memory",
         "zip64",
         {{LISTED, 0, 55, 8, UINT64_MAX}, {LISTED, 0, 63, 8, UINT64_MAX}},
         ASK_ERR_FORMAT,
         "t: an entry is cut off: \"a.txt\""},
        {"zip64: a place beyond memory",
         "zip64",
         {{LISTED, 0, 71, 8, UINT64_MAX - 20}},
         ASK_ERR_FORMAT,
         "t: an entry is not in the archive: \"a.txt\""},
        {"zip64: a size beyond deflate",
         "zip64",
         {{LISTED, 1, 55, 8, (uint64_t)1 << 40}},
         ASK_ERR_FORMAT,
         "t: an entry claims a size that deflate cannot reach: \"b.txt\""},
        {"zip64: no room for the sizes",
         "zip64",
         {{LISTED, 0, 53, 2, 7}},
         ASK_ERR_FORMAT,
         "t: an entry has no room for its sizes: \"a.txt\""},
    };
    for (size_t c = 0; c < TEST_COUNT(cases); c++) {
        size_t n_bytes;
        uint8_t *file = (uint8_t *)test_read(fixture(cases[c].archive), &n_bytes);
        apply(cases[c].patches, file, n_bytes);
        ask_error err = {0};
        CHECK_CASE(cases[c].name, !read_all(file, n_bytes, &err));
        if (strncmp(err.message, cases[c].message, strlen(cases[c].message)) != 0)
            fail_msg("case \"%s\": %s", cases[c].name, err.message);
        CHECK_CASE(cases[c].name, err.code == cases[c].code);
        free(file);
    }
}

static void what_should_not_be_read_is_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        ask_error_code code;
        const char *message;
    } cases[] = {
        {"bzip2", ASK_ERR_UNSUPPORTED,
         "bzip2.zip: an entry is compressed by other means than deflate: \"a.txt\""},
        {"up", ASK_ERR_FORMAT, "up.zip: an entry has \"..\" in its name: \"a/../b.txt\""},
        {"absolute", ASK_ERR_FORMAT,
         "absolute.zip: an entry has an absolute name: \"/b.txt\""},
        {"none", ASK_ERR_IO, "none.zip: "},
        {".", ASK_ERR_IO, "..zip: "},
    };
    for (size_t c = 0; c < TEST_COUNT(cases); c++) {
        ask_error err = {0};
        CHECK_CASE(cases[c].name, !ask_zip_open(fixture(cases[c].name), &err));
        CHECK_CASE(cases[c].name, err.code == cases[c].code);
        if (!strstr(err.message, cases[c].message))
            fail_msg("case \"%s\": %s", cases[c].name, err.message);
    }
}

static void every_shortened_archive_is_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"two", "zip64", "empty"};
    for (size_t k = 0; k < TEST_COUNT(names); k++) {
        size_t n_bytes;
        char *file = test_read(fixture(names[k]), &n_bytes);
        for (size_t n = 0; n < n_bytes; n++) {
            char *part = malloc(n + 1); // not more, so that the sanitizer sees overreads
            memcpy(part, file, n);
            ask_error err = {0};
            CHECK_CASE(names[k], !read_all(part, n, &err));
            CHECK_CASE(names[k], err.code == ASK_ERR_FORMAT);
            free(part);
        }
        free(file);
    }
}

static bool open_and_read(void *user, ask_error *err)
{
    (void)user;
    ask_zip *zip = ask_zip_open(fixture("two"), err);
    char *bytes;
    size_t n_bytes;
    bool ok = zip && ask_zip_read(&bytes, &n_bytes, zip, 1, ENOUGH, err);
    if (ok) free(bytes);
    ask_zip_close(zip);
    return ok;
}

static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    assert_in_range(test_each_alloc_fails("zip", open_and_read, NULL), 3, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(archives_are_read_however_they_were_written),
        cmocka_unit_test(folders_empty_entries_and_names_beyond_ascii_are_listed),
        cmocka_unit_test(an_archive_may_be_empty),
        cmocka_unit_test(a_stored_entry_lies_where_it_is_said_to),
        cmocka_unit_test(more_than_was_allowed_is_not_unpacked),
        cmocka_unit_test(lies_are_told),
        cmocka_unit_test(what_should_not_be_read_is_refused_by_name),
        cmocka_unit_test(every_shortened_archive_is_refused),
        cmocka_unit_test(running_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
