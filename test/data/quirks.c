/* Files of every set as editors and tools leave them: a byte order mark, line ends of
 * Windows, a last line with or without an end, another encoding, a comma too many. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/data.h"
#include "support/testing.h"

typedef struct {
    const char *set, *dir, *file;
    bool is_json; // one value, an array or an object
} quirk_case;

static const quirk_case cases[] = {
    {"star", "star", "STAR_val.json", true},
    {"star-lines", "star-lines", "val.jsonl", false},
    {"nextqa", "nextqa", "val_mc.csv", false},
    {"nextqa-open", "nextqa-open", "test.csv", false},
    {"nextgqa", "nextgqa", "val.csv", false},
    {"agqa", "agqa", "test_balanced.txt", true},
    {"egotaskqa", "egotaskqa", "formatted_val_qas_encode.json", true},
    {"msvdqa", "msvdqa", "val_qa.json", true},
    {"msrvttqa", "msrvttqa", "val_qa.json", true},
    {"activitynetqa", "activitynetqa", "val_q.json", true},
    {"tgifqa-action", "tgifqa", "Test_action_question.csv", false},
    {"tgifqa-transition", "tgifqa", "Test_transition_question.csv", false},
    {"tgifqa-count", "tgifqa", "Test_count_question.csv", false},
    {"tgifqa-frame", "tgifqa", "Test_frameqa_question.csv", false},
    {"qvhighlights", "qvhighlights", "highlight_val_release.jsonl", false},
    {"socialiq2", "socialiq2/qa", "qa_val.json", false},
    {"socialiq", "socialiq/qa", "-a1_trimmed.txt", false},
    {"tinysocial", "tinysocial", "crowd.csv", false},
    {"video-chatgpt", "video-chatgpt", "generic_qa.json", true},
    {"video-chatgpt", "video-chatgpt", "VideoInstruct.json", true},
    {"lines", "own", "val.jsonl", false},
    {"table", "own", "val.csv", false},
};

static char *fixture_text(const quirk_case *c, size_t *n)
{
    char name[300];
    snprintf(name, sizeof name, "data/%s/%s", c->dir, c->file);
    return test_read(test_fixture(name), n);
}

/* Opens a text as the file of a case, alone in a folder, of which messages do not tell. */
static char *open_text(const quirk_case *c, const char *text, size_t n, ask_error *err)
{
    char *dir = test_temp_dir_make(), *shown = NULL;
    test_write(test_path(dir, c->file), text, n);
    ask_dataset *d = ask_dataset_open(c->set, test_path(dir, c->file), NULL, NULL, err);
    if (d) shown = data_shown(d);
    ask_dataset_close(d);
    char *names = d ? shown : err->message;
    size_t m = strlen(dir);
    for (char *at = names; (at = strstr(at, dir));)
        memmove(at, at + m + 1, strlen(at + m + 1) + 1);
    test_temp_dir_remove(dir);
    return shown;
}

/* Every one of these makes a text of at most twice and four bytes its size. */
typedef size_t change(char *out, const char *text, size_t n);

static size_t as_it_is(char *out, const char *text, size_t n)
{
    memcpy(out, text, n);
    return n;
}

static size_t with_a_byte_order_mark(char *out, const char *text, size_t n)
{
    memcpy(out, "\xEF\xBB\xBF", 3);
    memcpy(out + 3, text, n);
    return n + 3;
}

static size_t with_line_ends_of_windows(char *out, const char *text, size_t n)
{
    size_t m = 0;
    for (size_t i = 0; i < n; i++) {
        bool has_one = i > 0 && text[i - 1] == '\r';
        if (text[i] == '\n' && !has_one) out[m++] = '\r';
        out[m++] = text[i];
    }
    return m;
}

static size_t without_a_last_line_end(char *out, const char *text, size_t n)
{
    while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r')) n--;
    return as_it_is(out, text, n);
}

static size_t with_empty_lines_behind(char *out, const char *text, size_t n)
{
    n = without_a_last_line_end(out, text, n);
    memcpy(out + n, "\n\n\n", 3);
    return n + 3;
}

static char *read_changed(const quirk_case *c, change *how, ask_error *err)
{
    size_t n;
    char *text = fixture_text(c, &n), *changed = malloc(2 * n + 4);
    n = how(changed, text, n);
    char *shown = open_text(c, changed, n, err);
    free(text);
    free(changed);
    return shown;
}

static void what_editors_leave_behind_changes_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        change *how;
    } changes[] = {
        {"a byte order mark", with_a_byte_order_mark},
        {"line ends of Windows", with_line_ends_of_windows},
        {"no last line end", without_a_last_line_end},
        {"empty lines behind", with_empty_lines_behind},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        char *expected = read_changed(&cases[i], as_it_is, &err);
        if (!expected) fail_msg("%s: %s", cases[i].set, err.message);
        for (size_t k = 0; k < TEST_COUNT(changes); k++) {
            char *got = read_changed(&cases[i], changes[k].how, &err);
            if (!got)
                fail_msg("%s with %s: %s", cases[i].set, changes[k].name, err.message);
            if (strcmp(got, expected) != 0)
                fail_msg("%s with %s: expected\n%sgot\n%s", cases[i].set, changes[k].name,
                         expected, got);
            free(got);
        }
        free(expected);
    }
}

/* ---- what must be refused, with its place ---- */

static void check_place(const quirk_case *c, const char *what, const ask_error *err)
{
    size_t n = strlen(c->file);
    if (err->code != ASK_ERR_FORMAT || strncmp(err->message, c->file, n) != 0 ||
        !strchr(":[", err->message[n]))
        fail_msg("%s with %s: %s", c->set, what, err->message);
}

/* The last lower letter, which is in a value, as Latin-1 has another one. */
static size_t in_latin_1(char *out, const char *text, size_t n)
{
    as_it_is(out, text, n);
    size_t at = n;
    while (at > 0 && !(out[at - 1] >= 'a' && out[at - 1] <= 'z')) at--;
    out[at - 1] = '\xe9';
    return n;
}

static void another_encoding_is_refused_with_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        CHECK_CASE(cases[i].set, !read_changed(&cases[i], in_latin_1, &err));
        check_place(&cases[i], "Latin-1", &err);
    }
}

static size_t with_a_comma_behind_the_last(char *out, const char *text, size_t n)
{
    n = without_a_last_line_end(out, text, n);
    char closing = out[n - 1];
    out[n - 1] = ',';
    out[n] = closing;
    return n + 1;
}

static size_t with_the_end_cut_off(char *out, const char *text, size_t n)
{
    return as_it_is(out, text, n / 2);
}

static void commas_too_many_and_cut_off_files_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        if (!cases[i].is_json) continue;
        ask_error err = {0};
        CHECK_CASE(cases[i].set,
                   !read_changed(&cases[i], with_a_comma_behind_the_last, &err));
        check_place(&cases[i], "a comma too many", &err);
        CHECK_CASE(cases[i].set, !read_changed(&cases[i], with_the_end_cut_off, &err));
        check_place(&cases[i], "half of it", &err);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_editors_leave_behind_changes_nothing),
        cmocka_unit_test(another_encoding_is_refused_with_its_place),
        cmocka_unit_test(commas_too_many_and_cut_off_files_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
