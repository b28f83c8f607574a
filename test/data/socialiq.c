/* Social-IQ 1.0: a text for each video, and the same questions as vectors. */
#include <stdio.h>
#include <string.h>

#include "base/hdf5.h"
#include "support/data.h"
#include "support/testing.h"

#define A1                                                                                 \
    "qa/-a1_trimmed.txt:1: -a1_q1_0 | -a1 in vision/raw/-a1_trimmed-out.mp4 | en choice: " \
    "How does the man feel: glad or sad? | options Glad; Sad; Bored | right 0 | answer "   \
    "Glad\n"                                                                               \
    "qa/-a1_trimmed.txt:1: -a1_q1_1 | -a1 in vision/raw/-a1_trimmed-out.mp4 | en choice: " \
    "How does the man feel: glad or sad? | options Sad; He is glad.; Bored | right 1 | "   \
    "answer He is glad.\n"                                                                 \
    "qa/-a1_trimmed.txt:6: -a1_q2_0 | -a1 in vision/raw/-a1_trimmed-out.mp4 | en choice: " \
    "Why does she laugh? | options He told a joke; She is nervous; He fell | right 0 | "   \
    "answer He told a joke\n"
#define B2                                                                                 \
    "qa/b2_trimmed.txt:1: b2_q1_0 | b2 | en choice: Who is angry? | options The café "    \
    "owner; No one; Both; She | right 0 | answer The café owner\n"
#define B2_NOTICED                                                                         \
    "mismatch: qa/b2_trimmed.txt:6: neither a question (q1:) nor an answer (a:, i:), "     \
    "passed over: \"and also this\"\n"                                                     \
    "mismatch: qa/b2_trimmed.txt:7: q2 has 0 right and 1 wrong answers; left out\n"
#define B2_MISSING "missing_video: qa/b2_trimmed.txt:1: no video \"b2\" in vision/raw\n"

static void every_right_answer_is_a_choice_of_its_own(void **state)
{
    (void)state;
    check_shown("socialiq", test_fixture("data/socialiq"), NULL, NULL,
                A1 B2 B2_NOTICED B2_MISSING);
}

static void the_lists_of_the_toolkit_say_which_videos_a_split_has(void **state)
{
    (void)state;
    check_shown("socialiq", test_fixture("data/socialiq"), "train", NULL,
                A1 "mismatch: qa: no questions on \"c3\" of standard_train_fold\n");
    check_shown("socialiq", test_fixture("data/socialiq"), "val", NULL,
                B2 B2_NOTICED B2_MISSING);
}

static void one_text_is_read_alone(void **state)
{
    (void)state;
    static const data_case cases[] = {
        {"an answer alone", "a: Yes\n", "v_trimmed.txt:1: an answer before any question"},
        {"nothing", "", "v_trimmed.txt: no questions in it"},
        {"latin-1", "q1: caf\xe9?\n",
         "v_trimmed.txt:1: not UTF-8; convert the file, for example with iconv"},
    };
    check_refused("socialiq", "v_trimmed.txt", cases, TEST_COUNT(cases));
    static const data_case odd[] = {
        {"the same number twice", "q1: A?\na: x\ni: y\nq1: B?\na: x\ni: y\n",
         "duplicate_id: v_trimmed.txt:4: question id \"v_q1_0\" was there before"},
        {"a mark without a text", "q1: A?\na: x\ni: y\ni:\n",
         "mismatch: v_trimmed.txt:4: neither a question (q1:) nor an answer (a:, i:), "
         "passed over: \"i:\""},
    };
    check_noticed("socialiq", "v_trimmed.txt", odd, TEST_COUNT(odd));
}

static void places_of_right_answers_are_even(void **state)
{
    (void)state;
    char *dir = test_temp_dir_make();
    test_write_text(test_path(dir, "v.txt"),
                    "q1: Q?\na: 1\na: 2\na: 3\na: 4\na: 5\ni: x\ni: y\ni: z\n");
    check_shown("socialiq", test_path(dir, "v.txt"), NULL, NULL,
                "1: v_q1_0 | v | en choice: Q? | options 1; x; y; z | right 0 | answer 1\n"
                "1: v_q1_1 | v | en choice: Q? | options x; 2; y; z | right 1 | answer 2\n"
                "1: v_q1_2 | v | en choice: Q? | options x; y; 3; z | right 2 | answer 3\n"
                "1: v_q1_3 | v | en choice: Q? | options x; y; z; 4 | right 3 | answer 4\n"
                "1: v_q1_4 | v | en choice: Q? | options 5; x; y; z | right 0 | answer "
                "5\n");
    test_temp_dir_remove(dir);
}

/* ---- lists ---- */

typedef struct {
    const char *name, *lists, *says;
} list_case;

static void malformed_lists_are_refused(void **state)
{
    (void)state;
    static const list_case cases[] = {
        {"no list", "standard_valid_fold=['a']\n",
         "socialiq_std_folds.py: no list \"standard_train_fold\" in it"},
        {"a longer name", "standard_train_folds=['a']\n",
         "socialiq_std_folds.py: no list \"standard_train_fold\" in it"},
        {"nothing in it", "standard_train_fold=[]\n",
         "socialiq_std_folds.py: \"standard_train_fold\" has no videos"},
        {"a call", "\nstandard_train_fold=[f('a')]\n",
         "socialiq_std_folds.py:2: expected a name in quotes"},
        {"no end of a name", "standard_train_fold=['a\n'",
         "socialiq_std_folds.py:1: expected a name that ends in the same line"},
        {"no end", "standard_train_fold=['a'",
         "socialiq_std_folds.py:1: expected \",\" or \"]\""},
        {"an escape", "standard_train_fold=['a\\x41']",
         "socialiq_std_folds.py:1: expected a name that ends in the same line"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char *dir = test_temp_dir_make();
        ask_error err = {0};
        test_write_text(test_path(dir, "qa/a_trimmed.txt"), "q1: Q?\na: x\ni: y\n");
        test_write_text(test_path(dir, "socialiq_std_folds.py"), cases[i].lists);
        CHECK_CASE(cases[i].name, !ask_dataset_open("socialiq", dir, "train", NULL, &err));
        if (strcmp(err.message + strlen(dir) + 1, cases[i].says) != 0)
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
        test_temp_dir_remove(dir);
    }
}

static void a_split_without_lists_is_refused(void **state)
{
    (void)state;
    char *dir = test_temp_dir_make();
    ask_error err = {0};
    test_write_text(test_path(dir, "qa/a_trimmed.txt"), "q1: Q?\na: x\ni: y\n");
    assert_null(ask_dataset_open("socialiq", dir, "val", NULL, &err));
    assert_int_equal(err.code, ASK_ERR_IO);
    assert_string_equal(err.message + strlen(dir),
                        ": no file socialiq_std_folds.py in it, which says what is for "
                        "val; copy it from the toolkit of the set, or read all");
    test_temp_dir_remove(dir);
}

/* ---- vectors: written by tools/golden/socialiq.py ---- */

#define BINARY "SOCIAL-IQ_QA_BERT_LASTLAYER_BINARY_CHOICE"
#define VECTORS(row, id, video, clip, place)                                               \
    BINARY ".csd:/" BINARY "/data/" video "/features:" row ": " id " | " video clip        \
           " | en choice:  | vectors /" BINARY "/data/" video "/features" place            \
           " 4 x 5 | options ;  | right 0 | answer \n"
#define C3                                                                                 \
    "mismatch: " BINARY ".csd: /" BINARY "/data/c3/features is not [1, questions, "        \
    "choices, 1 + options, tokens, width]; left out\n"

static bool has_hdf5(void)
{
    ask_library library;
    return ask_hdf5_library(&library);
}

static void vectors_are_told_by_where_they_are(void **state)
{
    (void)state;
    if (!has_hdf5()) skip();
    check_shown("socialiq-binary", test_fixture("data/socialiq-vectors"), NULL, NULL,
                VECTORS("0", "-a1_q1_0", "-a1", " from 0-60.5", "[0, 0, 0]")
                    VECTORS("1", "-a1_q1_1", "-a1", " from 0-60.5", "[0, 0, 1]")
                        VECTORS("2", "-a1_q2_0", "-a1", " from 0-60.5", "[0, 1, 0]")
                            VECTORS("3", "-a1_q2_1", "-a1", " from 0-60.5", "[0, 1, 1]")
                                VECTORS("0", "b2_q1_0", "b2", "", "[0, 0, 0]") C3);
    check_shown("socialiq-binary", test_fixture("data/socialiq-vectors"), "val", NULL,
                VECTORS("0", "b2_q1_0", "b2", "", "[0, 0, 0]"));
}

static void a_sequence_may_be_named_as_python_shows_bytes(void **state)
{
    (void)state;
    if (!has_hdf5()) skip();
    ask_error err = {0};
    ask_dataset *d = ask_dataset_open(
        "socialiq-multiple", test_fixture("data/socialiq-vectors"), NULL, NULL, &err);
    CHECK_OK(d, &err);
    size_t n;
    const ask_data_record *r = ask_dataset_records(d, &n);
    assert_int_equal(n, 2);
    assert_int_equal(r[1].n_options, 4);
    assert_int_equal(r[1].vectors->choice, 1);
    assert_string_equal(r[1].vectors->array,
                        "/b'SOCIAL-IQ_QA_BERT_MULTIPLE_CHOICE'/data/-a1/features");
    ask_dataset_close(d);
}

/* What a record says of its vectors is enough to read them. */
static void the_vectors_are_where_the_record_says(void **state)
{
    (void)state;
    if (!has_hdf5()) skip();
    ask_error err = {0};
    ask_dataset *d = ask_dataset_open(
        "socialiq-binary", test_fixture("data/socialiq-vectors"), NULL, NULL, &err);
    CHECK_OK(d, &err);
    size_t n;
    const ask_data_record *r = &ask_dataset_records(d, &n)[3];
    ask_hdf5 *file = ask_hdf5_open(ask_dataset_file(d), &err);
    CHECK_OK(file, &err);
    ask_npy a;
    CHECK_OK(ask_hdf5_read(&a, file, r->vectors->array, 1 << 20, &err), &err);
    int64_t at = r->vectors->question * a.shape[2] + r->vectors->choice;
    int64_t one = r->vectors->n_tokens * r->vectors->width;
    assert_int_equal(a.shape[3], 1 + r->n_options);
    assert_true(((const float *)a.data)[at * a.shape[3] * one] == 180); // it counts up
    ask_npy_free(&a);
    ask_hdf5_close(file);
    ask_dataset_close(d);
}

/* A video that the authors leave out, and one of 2^21 choices that would be 2^21 records.
 */
static void odd_videos_are_noticed(void **state)
{
    (void)state;
    if (!has_hdf5()) skip();
    ask_error err = {0};
    const char *path = test_fixture("data/socialiq-vectors/odd.csd");
    ask_dataset *d = ask_dataset_open("socialiq-binary", path, NULL, NULL, &err);
    CHECK_OK(d, &err);
    size_t n;
    assert_string_equal(ask_dataset_records(d, &n)->video, "f5NJQiY9AuY");
    assert_int_equal(n, 1);
    const ask_data_notice *noticed = ask_dataset_report(d, &n);
    assert_int_equal(n, 2);
    assert_non_null(strstr(noticed[0].text, "the set's authors leave out \"f5NJQiY9AuY\""));
    assert_non_null(strstr(noticed[1].text, "/huge/features is not"));
    ask_dataset_close(d);
}

static void what_holds_no_questions_is_refused(void **state)
{
    (void)state;
    ask_error err = {0};
    const char *path = test_fixture("data/socialiq-vectors/SOCIAL_IQ_DENSENET161_1FPS.csd");
    assert_null(ask_dataset_open("socialiq-binary", path, NULL, NULL, &err));
    char says[600];
    snprintf(says, sizeof says,
             has_hdf5() ? "%s: no questions in it"
                        : "%s: this askance "
                          "was built without HDF5; install libhdf5-dev and build it again",
             path);
    assert_string_equal(err.message, says);
    if (has_hdf5()) assert_int_equal(err.code, ASK_ERR_FORMAT);
}

/* ---- memory ---- */

typedef struct {
    const char *set, *path, *split;
} opened;

static bool open_once(void *user, ask_error *err)
{
    const opened *o = user;
    ask_dataset *d = ask_dataset_open(o->set, o->path, o->split, NULL, err);
    ask_dataset_close(d);
    return d;
}

static void memory_that_runs_out_is_an_error(void **state)
{
    (void)state;
    char texts[300], vectors[300];
    snprintf(texts, sizeof texts, "%s", test_fixture("data/socialiq"));
    snprintf(vectors, sizeof vectors, "%s", test_fixture("data/socialiq-vectors"));
    opened o = {"socialiq", texts, "train"};
    assert_true(test_each_alloc_fails("texts of a split", open_once, &o) > 10);
    o = (opened){"socialiq-binary", vectors, "train"};
    if (has_hdf5()) assert_true(test_each_alloc_fails("vectors", open_once, &o) > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_right_answer_is_a_choice_of_its_own),
        cmocka_unit_test(the_lists_of_the_toolkit_say_which_videos_a_split_has),
        cmocka_unit_test(one_text_is_read_alone),
        cmocka_unit_test(places_of_right_answers_are_even),
        cmocka_unit_test(malformed_lists_are_refused),
        cmocka_unit_test(a_split_without_lists_is_refused),
        cmocka_unit_test(vectors_are_told_by_where_they_are),
        cmocka_unit_test(a_sequence_may_be_named_as_python_shows_bytes),
        cmocka_unit_test(the_vectors_are_where_the_record_says),
        cmocka_unit_test(odd_videos_are_noticed),
        cmocka_unit_test(what_holds_no_questions_is_refused),
        cmocka_unit_test(memory_that_runs_out_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
