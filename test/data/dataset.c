/* What is the same for all sets: which file, which videos, strictness, memory. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/data.h"
#include "support/testing.h"

static void check_fails(ask_error_code code, const char *says, const char *set,
                        const char *path, const char *split, const ask_data_options *opt)
{
    ask_error err = {0};
    if (ask_dataset_open(set, path, split, opt, &err)) fail_msg("was read: %s", says);
    assert_string_equal(err.message, says);
    assert_int_equal(err.code, code);
}

static void what_cannot_be_found_is_said(void **state)
{
    (void)state;
    const char *dir = test_fixture("data/star");
    char says[600];
    check_fails(ASK_ERR_USAGE,
                "no set of questions is called \"start\" (sets: star, star-lines, nextqa, "
                "nextqa-open, nextgqa, agqa, egotaskqa, msvdqa, msrvttqa, activitynetqa, "
                "tgifqa-action, tgifqa-transition, tgifqa-count, tgifqa-frame, "
                "qvhighlights, socialiq2, socialiq, socialiq-binary, "
                "socialiq-multiple, tinysocial, video-chatgpt, lines, table)",
                "start", dir, NULL, NULL);
    check_fails(ASK_ERR_USAGE, "star has no split \"dev\" (splits: val, test, train)",
                "star", dir, "dev", NULL);
    snprintf(says, sizeof says, "%s: no file STAR_train.json in it, as STAR has", dir);
    check_fails(ASK_ERR_IO, says, "star", dir, "train", NULL);
    snprintf(says, sizeof says,
             "%s: no file *_action_question.csv in it, as TGIF-QA (repeating action) has",
             dir);
    check_fails(ASK_ERR_IO, says, "tgifqa-action", dir, NULL, NULL);
    check_fails(ASK_ERR_IO, "/nowhere/x.json: cannot open: No such file or directory",
                "star", "/nowhere/x.json", NULL, NULL);
    ask_data_options opt = ask_data_defaults();
    opt.videos = "/nowhere";
    check_fails(ASK_ERR_IO, "/nowhere: no such folder of videos", "star", dir, NULL, &opt);
}

static const char *split_read(const char *path, const char *split)
{
    ask_error err = {0};
    ask_dataset *d = ask_dataset_open("star", path, split, NULL, &err);
    if (!d) fail_msg("%s", err.message);
    const char *read = ask_dataset_split(d) ? ask_dataset_split(d) : "none";
    ask_dataset_close(d); // the name is one of a table
    return read;
}

static void the_split_is_the_one_named_or_that_of_the_file(void **state)
{
    (void)state;
    const char *dir = test_fixture("data/star");
    assert_string_equal(split_read(dir, NULL), "val");
    assert_string_equal(split_read(dir, "test"), "test");
    assert_string_equal(split_read(test_path(dir, "STAR_test.json"), NULL), "test");
    assert_string_equal(split_read(test_path(dir, "STAR_test.json"), "train"), "train");
    char *other = test_temp_dir_make();
    size_t n;
    char *text = test_read(test_path(dir, "STAR_test.json"), &n);
    test_write(test_path(other, "mine.json"), text, n);
    assert_string_equal(split_read(test_path(other, "mine.json"), NULL), "none");
    free(text);
    test_temp_dir_remove(other);
}

/* Questions in a folder of their own, with subtitles and videos beside that folder. */
static void a_file_named_alone_has_what_is_beside_its_folder(void **state)
{
    (void)state;
    static const char *const paths[] = {"", "qa/qa_val.json"};
    for (size_t i = 0; i < TEST_COUNT(paths); i++) {
        ask_error err = {0};
        char path[512];
        snprintf(path, sizeof path, "%s", test_fixture("data/socialiq2"));
        if (*paths[i]) snprintf(path, sizeof path, "%s", test_path(path, paths[i]));
        ask_dataset *d = ask_dataset_open("socialiq2", path, NULL, NULL, &err);
        CHECK_OK(d, &err);
        size_t n;
        const ask_data_record *r = ask_dataset_records(d, &n);
        CHECK_CASE(paths[i], strcmp(ask_dataset_split(d), "val") == 0);
        CHECK_CASE(paths[i], ask_dataset_has_videos(d));
        CHECK_CASE(paths[i], r[0].video_path && strstr(r[0].video_path, "video/-a1.mp4"));
        CHECK_CASE(paths[i], r[0].subtitles && strstr(r[0].subtitles, "/-a1.vtt"));
        ask_dataset_close(d);
    }
}

static void videos_are_found_by_name_inside_their_folder(void **state)
{
    (void)state;
    char *dir = test_temp_dir_make();
    test_write_text(test_path(dir, "val.csv"),
                    "id,video,question,answer\n1,a,Q?,x\n2,b.webm,Q?,x\n3,a,Q?,x\n"
                    "4,c/d,Q?,x\n5,../val.csv,Q?,x\n6,/etc/hostname,Q?,x\n7,..,Q?,x\n"
                    "8,folder,Q?,x\n9,a..b,Q?,x\n10,c/../a,Q?,x\n11,gone,Q?,x\n"
                    "12,gone,Q?,x\n");
    static const char *const videos[] = {"a.mp4", "b.webm", "c/d.gif", "folder/x",
                                         "a..b.mov"};
    for (size_t i = 0; i < TEST_COUNT(videos); i++) {
        char path[64];
        snprintf(path, sizeof path, "films/%s", videos[i]);
        test_write_text(test_path(dir, path), "");
    }
    ask_data_options opt = ask_data_defaults();
    opt.videos = test_path(dir, "films");
    check_shown("table", dir, NULL, &opt,
                "2: 1 | a in films/a.mp4 | en open: Q? | answer x\n"
                "3: 2 | b.webm in films/b.webm | en open: Q? | answer x\n"
                "4: 3 | a in films/a.mp4 | en open: Q? | answer x\n"
                "5: 4 | c/d in films/c/d.gif | en open: Q? | answer x\n"
                "6: 5 | ../val.csv | en open: Q? | answer x\n"
                "7: 6 | /etc/hostname | en open: Q? | answer x\n"
                "8: 7 | .. | en open: Q? | answer x\n"
                "9: 8 | folder | en open: Q? | answer x\n"
                "10: 9 | a..b in films/a..b.mov | en open: Q? | answer x\n"
                "11: 10 | c/../a | en open: Q? | answer x\n"
                "12: 11 | gone | en open: Q? | answer x\n"
                "13: 12 | gone | en open: Q? | answer x\n"
                "missing_video: val.csv:6: no video \"../val.csv\" in films\n"
                "missing_video: val.csv:7: no video \"/etc/hostname\" in films\n"
                "missing_video: val.csv:8: no video \"..\" in films\n"
                "missing_video: val.csv:9: no video \"folder\" in films\n"
                "missing_video: val.csv:11: no video \"c/../a\" in films\n"
                "missing_video: val.csv:12: no video \"gone\" in films\n");
    test_temp_dir_remove(dir);
}

static void under_strict_the_first_oddity_is_the_error(void **state)
{
    (void)state;
    ask_data_options opt = ask_data_defaults();
    opt.strict = true;
    const char *dir = test_fixture("data/socialiq2");
    char says[600];
    snprintf(says, sizeof says,
             "%s/qa/qa_val.json:2: question id \"-a1_q1_0\" was there before "
             "(duplicate_id; 2 in all)",
             dir);
    check_fails(ASK_ERR_FORMAT, says, "socialiq2", dir, "val", &opt);
}

static void a_wish_to_stop_is_heard(void **state)
{
    (void)state;
    ask_cancel cancel = {0};
    ask_cancel_raise(&cancel, SIGINT);
    ask_data_options opt = ask_data_defaults();
    opt.cancel = &cancel;
    ask_error err = {0};
    assert_null(ask_dataset_open("star", test_fixture("data/star"), "val", &opt, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
}

static void many_questions_are_kept_in_order(void **state)
{
    (void)state;
    enum { N = 3000 };
    char *dir = test_temp_dir_make();
    char *text = malloc((size_t)N * 64 + 64), *at = text;
    at += sprintf(at, "id,video,question,answer\n");
    for (int i = 0; i < N; i++)
        at += sprintf(at, "q%d,v%d,Q %d?,a%d\n", i % 2900, i / 7, i, i);
    test_write_text(test_path(dir, "train.csv"), text);
    free(text);
    ask_error err = {0};
    ask_dataset *d = ask_dataset_open("table", dir, NULL, NULL, &err);
    CHECK_OK(d, &err);
    size_t n;
    const ask_data_record *r = ask_dataset_records(d, &n);
    assert_int_equal(n, N);
    for (int i = 0; i < N; i++) {
        char answer[16];
        snprintf(answer, sizeof answer, "a%d", i);
        assert_string_equal(r[i].answer, answer);
        assert_int_equal(r[i].row, i + 2);
    }
    ask_dataset_report(d, &n);
    assert_int_equal(n, 100); // ids that come twice
    assert_false(ask_dataset_has_videos(d));
    ask_dataset_close(d);
    test_temp_dir_remove(dir);
}

static void the_table_of_sets_is_told(void **state)
{
    (void)state;
    ask_data_set_info info;
    assert_true(ask_data_set_at(&info, 2));
    assert_string_equal(info.name, "nextqa");
    assert_string_equal(info.title, "NExT-QA (multiple choice)");
    assert_string_equal(info.file, "*_mc.csv");
    size_t n = 0;
    while (ask_data_set_at(&info, n)) n++;
    assert_int_equal(n, 23);
}

/* ---- memory ---- */

typedef struct {
    const char *set, *path;
} opened;

static bool open_once(void *user, ask_error *err)
{
    const opened *o = user;
    ask_dataset *d = ask_dataset_open(o->set, o->path, NULL, NULL, err);
    ask_dataset_close(d);
    return d;
}

static void memory_that_runs_out_is_an_error(void **state)
{
    (void)state;
    static const char *const sets[][2] = {
        {"star", "data/star"},
        {"star-lines", "data/star-lines"},
        {"nextqa", "data/nextqa"},
        {"nextqa-open", "data/nextqa-open"},
        {"tgifqa-action", "data/tgifqa"},
        {"tgifqa-count", "data/tgifqa"},
        {"tgifqa-frame", "data/tgifqa"},
        {"nextgqa", "data/nextgqa"},
        {"agqa", "data/agqa"},
        {"egotaskqa", "data/egotaskqa"},
        {"msrvttqa", "data/msrvttqa"},
        {"activitynetqa", "data/activitynetqa"},
        {"qvhighlights", "data/qvhighlights"},
        {"socialiq2", "data/socialiq2"},
        {"socialiq", "data/socialiq"},
        {"tinysocial", "data/tinysocial"},
        {"video-chatgpt", "data/video-chatgpt"},
        {"star", "data/star-situations"},
        {"socialiq2", "data/socialiq2-beside"},
        {"egotaskqa", "data/egotaskqa-beside"},
        {"msvdqa", "data/msvdqa-mapped"},
        {"lines", "data/own"},
        {"table", "data/own"},
    };
    for (size_t i = 0; i < TEST_COUNT(sets); i++) {
        char path[512];
        snprintf(path, sizeof path, "%s", test_fixture(sets[i][1]));
        opened o = {sets[i][0], path};
        assert_true(test_each_alloc_fails(sets[i][0], open_once, &o) > 5);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_be_found_is_said),
        cmocka_unit_test(the_split_is_the_one_named_or_that_of_the_file),
        cmocka_unit_test(a_file_named_alone_has_what_is_beside_its_folder),
        cmocka_unit_test(videos_are_found_by_name_inside_their_folder),
        cmocka_unit_test(under_strict_the_first_oddity_is_the_error),
        cmocka_unit_test(a_wish_to_stop_is_heard),
        cmocka_unit_test(many_questions_are_kept_in_order),
        cmocka_unit_test(the_table_of_sets_is_told),
        cmocka_unit_test(memory_that_runs_out_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
