/* Worlds of several splits, written into one folder: each split reads as if it were alone,
 * whatever was written first, and what all splits share has all of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/dir.h"
#include "support/layouts.h"
#include "support/testing.h"
#include "world/layout.h"

static layouts_world worlds[ASK_N_SPLITS];
static char *into; // train, then val, then test, then train again

#define FOR_ALL "star,nextqa,qvhighlights,socialiq2,video-chatgpt,selective-attention,davis"

static const char written[] = FOR_ALL ",tgifqa", without_val[] = FOR_ALL;

static int set_up(void **state)
{
    (void)state;
    static const ask_split order[] = {ASK_SPLIT_TRAIN, ASK_SPLIT_VAL, ASK_SPLIT_TEST,
                                      ASK_SPLIT_TRAIN};
    into = test_temp_dir_make();
    for (int s = 0; s < ASK_N_SPLITS; s++)
        layouts_make(&worlds[s], (ask_split)s, 4, written);
    for (size_t i = 0; i < TEST_COUNT(order); i++)
        layouts_write_into(&worlds[order[i]], into, without_val);
    layouts_write_into(&worlds[ASK_SPLIT_TRAIN], into, "tgifqa");
    layouts_write_into(&worlds[ASK_SPLIT_TEST], into, "tgifqa");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (int s = 0; s < ASK_N_SPLITS; s++) layouts_free(&worlds[s]);
    test_temp_dir_remove(into);
    return 0;
}

/* ---- what is read ---- */

static void check_same(const ask_data_record *a, const ask_data_record *b)
{
    assert_string_equal(a->id, b->id);
    assert_string_equal(a->video, b->video);
    assert_string_equal(a->question, b->question);
    assert_int_equal(a->answer_index, b->answer_index);
    assert_int_equal(a->n_events, b->n_events);
    assert_int_equal(a->n_situations, b->n_situations);
    for (int i = 0; i < a->n_events; i++)
        assert_int_equal(a->events[i].class_index, b->events[i].class_index);
    for (int i = 0; i < a->n_situations; i++)
        assert_true(a->situations[i].t_s == b->situations[i].t_s);
    if (a->answer || b->answer) assert_string_equal(a->answer, b->answer);
}

static void check_set_in(const char *where, const char *set, const char *folder,
                         ask_split split, const char *word)
{
    size_t n, n_alone;
    ask_dataset *alone = layouts_read(&worlds[split], set, folder, word),
                *together = layouts_read_at(test_path(where, folder), set, word);
    const ask_data_record *a = ask_dataset_records(alone, &n_alone),
                          *b = ask_dataset_records(together, &n);
    if (n != n_alone) fail_msg("%s %s: %zu questions, not %zu", set, word, n, n_alone);
    for (size_t i = 0; i < n; i++) check_same(&a[i], &b[i]);
    ask_dataset_close(alone);
    ask_dataset_close(together);
}

static void check_set(const char *set, const char *folder, ask_split split,
                      const char *word)
{
    check_set_in(into, set, folder, split, word);
}

static void every_split_reads_as_if_it_were_alone(void **state)
{
    (void)state;
    static const struct {
        const char *set, *folder;
    } cases[] = {
        {"star", "star"},
        {"star-lines", "star/txt_db"},
        {"nextqa", "nextqa"},
        {"nextqa-open", "nextqa"},
        {"qvhighlights", "qvhighlights"},
        {"socialiq2", "socialiq2"},
    };
    static const char *const tasks[] = {"tgifqa-action", "tgifqa-transition",
                                        "tgifqa-count", "tgifqa-frame"};
    for (size_t i = 0; i < TEST_COUNT(cases); i++)
        for (int s = 0; s < ASK_N_SPLITS; s++)
            check_set(cases[i].set, cases[i].folder, (ask_split)s,
                      ask_split_name((ask_split)s));
    for (size_t i = 0; i < TEST_COUNT(tasks); i++) {
        check_set(tasks[i], "tgifqa", ASK_SPLIT_TRAIN, "train");
        check_set(tasks[i], "tgifqa", ASK_SPLIT_TEST, "test");
    }
    check_set("video-chatgpt", "video-chatgpt", ASK_SPLIT_TRAIN, "train");
}

static int n_with_id(const ask_data_record *records, size_t n, const char *id)
{
    int found = 0;
    for (size_t i = 0; i < n; i++) found += strcmp(records[i].id, id) == 0;
    return found;
}

static void no_two_splits_have_a_question_of_the_same_id(void **state)
{
    (void)state;
    static const char *const sets[][2] = {{"star", "star"},
                                          {"nextqa", "nextqa"},
                                          {"socialiq2", "socialiq2"},
                                          {"qvhighlights", "qvhighlights"}};
    for (size_t i = 0; i < TEST_COUNT(sets); i++) {
        size_t n_train, n_val;
        ask_dataset *train =
                        layouts_read_at(test_path(into, sets[i][1]), sets[i][0], "train"),
                    *val = layouts_read_at(test_path(into, sets[i][1]), sets[i][0], "val");
        const ask_data_record *t = ask_dataset_records(train, &n_train),
                              *v = ask_dataset_records(val, &n_val);
        for (size_t k = 0; k < n_val; k++)
            CHECK_CASE(v[k].id, n_with_id(t, n_train, v[k].id) == 0);
        ask_dataset_close(train);
        ask_dataset_close(val);
    }
}

/* ---- what all splits share ---- */

static ask_json *read_json(const char *dir, const char *name)
{
    ask_error err = {0};
    ask_json *doc = ask_json_read(test_path(dir, name), NULL, &err);
    CHECK_OK(doc, &err);
    return doc;
}

static void shared_files_have_the_entries_of_all_once(void **state)
{
    (void)state;
    static const char *const files[] = {
        "star/txt_db/events.json",
        "socialiq2/trims.json",
        "nextqa/events.json",
        "video-chatgpt/events.json",
        "video-chatgpt/VideoInstruct.json",
        "video-chatgpt/video_chatgpt_training.json",
        "video-chatgpt/generic_qa.json",
        "selective-attention/datasets/prompts.json",
        "selective-attention/datasets/ground_truth_answer.json",
        "selective-attention/datasets/labels.json",
    };
    for (size_t i = 0; i < TEST_COUNT(files); i++) {
        size_t n = 0;
        for (int s = 0; s < ASK_N_SPLITS; s++) {
            ask_json *doc = read_json(worlds[s].dir, files[i]);
            n += ask_json_count(ask_json_root(doc));
            ask_json_free(doc);
        }
        ask_json *doc = read_json(into, files[i]);
        CHECK_CASE(files[i], ask_json_count(ask_json_root(doc)) == n);
        ask_json_free(doc);
    }
}

/* Files of a layout's folder are the same, alone and among other splits. */
static void check_files(const layouts_world *w, const char *folder)
{
    ask_dir_names names;
    ask_error err = {0};
    char alone[256], together[256];
    snprintf(alone, sizeof alone, "%s", layouts_path(w, "%s", folder));
    snprintf(together, sizeof together, "%s", test_path(into, folder));
    CHECK_OK(ask_dir_list(&names, alone, NULL, &err), &err);
    CHECK_CASE(folder, names.n > 0 && test_count_entries(together) == (int)names.n);
    for (size_t i = 0; i < names.n; i += 29) {
        size_t n_a, n_b;
        char *a = test_read(test_path(alone, names.names[i]), &n_a),
             *b = test_read(test_path(together, names.names[i]), &n_b);
        CHECK_CASE(names.names[i], n_a == n_b && memcmp(a, b, n_a) == 0);
        free(a);
        free(b);
    }
    ask_dir_names_free(&names);
}

static void frames_and_masks_of_every_split_are_there(void **state)
{
    (void)state;
    static const char *const folders[] = {"davis/JPEGImages/480p/%s",
                                          "davis/Annotations/480p/%s",
                                          "selective-attention/masks/%s/masks"};
    static const char *const lists[] = {"train", "val", "test-dev"};
    for (int s = 0; s < ASK_N_SPLITS; s++) {
        char folder[96], list[96];
        snprintf(list, sizeof list, "davis/ImageSets/2017/%s.txt", lists[s]);
        size_t n_a, n_b;
        char *a = test_read(layouts_path(&worlds[s], "%s", list), &n_a),
             *b = test_read(test_path(into, list), &n_b);
        CHECK_CASE(list, n_a == n_b && memcmp(a, b, n_a) == 0);
        free(a);
        free(b);
        for (size_t i = 0; i < TEST_COUNT(folders); i++) {
            snprintf(folder, sizeof folder, folders[i], layouts_video(&worlds[s], 1));
            check_files(&worlds[s], folder);
        }
    }
}

static void the_order_of_writing_does_not_matter(void **state)
{
    (void)state;
    static const char *const files[] = {
        "star/txt_db/events.json",
        "star/STAR_classes/video_fps",
        "video-chatgpt/VideoInstruct.json",
        "socialiq2/trims.json",
        "socialiq2/events.json",
        "selective-attention/datasets/prompts.json",
    };
    char *other = test_temp_dir_make();
    for (int s = ASK_N_SPLITS - 1; s >= 0; s--)
        layouts_write_into(&worlds[s], other,
                           "star,socialiq2,video-chatgpt,selective-attention");
    for (size_t i = 0; i < TEST_COUNT(files); i++) {
        size_t n_a, n_b;
        char *a = test_read(test_path(into, files[i]), &n_a);
        char *b = test_read(test_path(other, files[i]), &n_b);
        CHECK_CASE(files[i], n_a == n_b && memcmp(a, b, n_a) == 0);
        free(a);
        free(b);
    }
    test_temp_dir_remove(other);
}

static void videos_of_socialiq2_are_of_their_splits(void **state)
{
    (void)state;
    ask_json *doc = read_json(into, "socialiq2/original_split.json");
    for (int s = 0; s < ASK_N_SPLITS; s++) {
        char path[64];
        snprintf(path, sizeof path, "subsets.youtubeclips.%s",
                 ask_split_name((ask_split)s));
        ask_json_value list = ask_json_find(ask_json_root(doc), path);
        assert_int_equal(ask_json_count(list), worlds[s].n_clips);
    }
    ask_json_free(doc);
}

/* ---- what is refused ---- */

static void refuse(ask_split split, const char *layout, const char *where,
                   ask_error_code code, const char *message)
{
    ask_error err = {0};
    ask_layout_set set = 0;
    const ask_layout_options o = {.struct_size = sizeof o, .into = where};
    CHECK_OK(ask_layout_parse(&set, layout, &err), &err);
    if (ask_world_write_layouts(NULL, worlds[split].dir, set, &o, &err) ||
        err.code != code || !strstr(err.message, message))
        fail_msg("%s: %s, \"%s\"", layout, ask_error_name(err.code), err.message);
}

static void what_would_be_lost_is_refused(void **state)
{
    (void)state;
    char *other = test_temp_dir_make();
    refuse(ASK_SPLIT_VAL, "tgifqa", into, ASK_ERR_USAGE,
           "holds split test, which is called");
    refuse(ASK_SPLIT_VAL, "sjtu-vis", other, ASK_ERR_USAGE, "beside the world's clips");
    test_write_text(test_path(other, "star/txt_db/events.json"), "[1]");
    refuse(ASK_SPLIT_VAL, "star", other, ASK_ERR_FORMAT, "events.json");
    test_write_text(test_path(other, "video-chatgpt/generic_qa.json"), "[{\"Q\": 1}]");
    refuse(ASK_SPLIT_VAL, "video-chatgpt", other, ASK_ERR_FORMAT, "video_name");
    test_write_text(test_path(other, "socialiq2/current_split.json"), "{}");
    refuse(ASK_SPLIT_VAL, "socialiq2", other, ASK_ERR_FORMAT, "youtubeclips");
    unlink(test_path(other, "star/txt_db/events.json"));
    test_write_text(test_path(other, "star/STAR_classes/video_fps"), "N.");
    refuse(ASK_SPLIT_VAL, "star", other, ASK_ERR_FORMAT, "video_fps");
    test_temp_dir_remove(other);
}

static bool write_tiny(void *user, ask_error *err)
{
    const char *const *folders = user; // of the world, of the layouts
    ask_layout_set set = 0;
    const ask_layout_options o = {.struct_size = sizeof o, .into = folders[1]};
    return ask_layout_parse(&set, "star,socialiq2,video-chatgpt", err) &&
           ask_world_write_layouts(NULL, folders[0], set, &o, err);
}

static void allocations_may_fail_and_nothing_is_lost(void **state)
{
    (void)state;
    layouts_world tiny;
    char *other = test_temp_dir_make();
    layouts_make(&tiny, ASK_SPLIT_TEST, 1, "davis");
    layouts_write_into(&worlds[ASK_SPLIT_VAL], other, "star,socialiq2,video-chatgpt");
    const char *folders[] = {tiny.dir, other};
    assert_true(test_some_allocs_fail("layouts of splits", write_tiny, folders) > 20);
    check_set_in(other, "star-lines", "star/txt_db", ASK_SPLIT_VAL, "val");
    check_set_in(other, "socialiq2", "socialiq2", ASK_SPLIT_VAL, "val");
    layouts_free(&tiny);
    test_temp_dir_remove(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_split_reads_as_if_it_were_alone),
        cmocka_unit_test(no_two_splits_have_a_question_of_the_same_id),
        cmocka_unit_test(shared_files_have_the_entries_of_all_once),
        cmocka_unit_test(frames_and_masks_of_every_split_are_there),
        cmocka_unit_test(the_order_of_writing_does_not_matter),
        cmocka_unit_test(videos_of_socialiq2_are_of_their_splits),
        cmocka_unit_test(what_would_be_lost_is_refused),
        cmocka_unit_test(allocations_may_fail_and_nothing_is_lost),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
