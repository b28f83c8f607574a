/* Batches from the playroom: functions of seed and step, whoever asks and in whatever
 * order.
 */
#include "train/clip_playroom.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/testing.h"
#include "text/bpe_train.h"
#include "world/clip_files.h"
#include "world/phrase.h"

static const ask_clip_batch_size size = {.n_clips = 2,
                                         .n_frames = 4,
                                         .n_texts = 10,
                                         .n_tokens = 40,
                                         .n_channels = 9,
                                         .side_px = 32,
                                         .patch_px = 8};

static char *dir;
static ask_tokenizer *tokenizer;
static ask_preprocess preprocess;

/* ---- a vocabulary of the playroom's words ---- */

static bool next_line(void *user, const char **text, size_t *n_bytes, ask_error *err)
{
    const char **rest = user, *end = strchr(*rest, '\n');
    (void)err;
    *text = end ? *rest : NULL;
    if (!end) return true;
    *n_bytes = (size_t)(end - *rest);
    *rest = end + 1;
    return true;
}

static int open_all(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_str words = {0};
    ask_world_words(&words);
    const char *rest = ask_str_text(&words);
    dir = test_temp_dir_make();
    ask_bpe_train_options bpe = ask_bpe_train_defaults();
    bpe.n_tokens = 2000;
    bpe.min_frequency = 1;
    ask_bpe_train_result made;
    CHECK_OK(ask_bpe_train(dir, (ask_text_source){next_line, &rest}, &bpe, &made, &err),
             &err);
    ask_str_free(&words);
    CHECK_OK(tokenizer = ask_tokenizer_open(dir, &err), &err);
    preprocess = ask_preprocess_defaults(ASK_PROCESSOR_CLIP, 32);
    preprocess.views = (ask_views){3, {-2.0 / ASK_WORLD_FPS, 0, 2.0 / ASK_WORLD_FPS}};
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    ask_tokenizer_close(tokenizer);
    test_temp_dir_remove(dir);
    return 0;
}

static ask_clip_playroom_options plain(void)
{
    return (ask_clip_playroom_options){
        .seed = 5, .tokenizer = tokenizer, .preprocess = &preprocess, .size = size};
}

static ask_clip_playroom *open_playroom(const ask_clip_playroom_options *opt)
{
    ask_error err = {0};
    ask_clip_playroom *p = ask_clip_playroom_open(opt, &err);
    CHECK_OK(p, &err);
    return p;
}

static ask_clip_batch *batch_of(ask_clip_playroom *p, int64_t step)
{
    ask_error err = {0};
    ask_clip_batch *b = ask_clip_batch_new(&size, &err);
    CHECK_OK(b, &err);
    CHECK_OK(ask_clip_playroom_fill(p, b, step, &err), &err);
    return b;
}

enum { F = 8, N_PIXELS = F * 9 * 32 * 32 };

static bool same(const ask_clip_batch *a, const ask_clip_batch *b)
{
    return memcmp(a->pixels, b->pixels, N_PIXELS * sizeof(float)) == 0 &&
           memcmp(a->ids, b->ids, 10 * 40 * sizeof(int64_t)) == 0 &&
           memcmp(a->frame_labels, b->frame_labels, F * 10 * sizeof(float)) == 0 &&
           memcmp(a->patch_things, b->patch_things, F * 16 * sizeof(int64_t)) == 0;
}

static void a_batch_depends_on_seed_and_step_alone(void **state)
{
    (void)state;
    ask_clip_playroom_options opt = plain();
    ask_clip_playroom *p = open_playroom(&opt), *q = open_playroom(&opt);
    opt.seed = 6;
    ask_clip_playroom *other = open_playroom(&opt);
    ask_clip_batch *first = batch_of(p, 1), *second = batch_of(p, 2);
    ask_clip_batch *again = batch_of(q, 2), *elsewhere = batch_of(other, 2);
    assert_true(same(second, again));
    assert_false(same(second, first));
    assert_false(same(second, elsewhere));
    ask_clip_batch *const batches[] = {first, second, again, elsewhere};
    for (size_t i = 0; i < TEST_COUNT(batches); i++) ask_clip_batch_free(batches[i]);
    ask_clip_playroom_close(p);
    ask_clip_playroom_close(q);
    ask_clip_playroom_close(other);
}

static void texts_end_with_their_end_token_and_are_known(void **state)
{
    (void)state;
    const ask_clip_playroom_options opt = plain();
    ask_clip_playroom *p = open_playroom(&opt);
    int64_t end = ask_tokenizer_special(tokenizer, "eos");
    int64_t begin = ask_tokenizer_special(tokenizer, "bos");
    for (int64_t step = 1; step <= 20; step++) {
        ask_clip_batch *b = batch_of(p, step);
        for (int t = 0; t < size.n_texts; t++) {
            const int64_t *row = b->ids + t * size.n_tokens;
            int n = 0;
            while (n < size.n_tokens && row[n] != end) n++;
            assert_true(row[0] == begin && n >= 2 && n < size.n_tokens);
            for (int i = n; i < size.n_tokens; i++) assert_int_equal(row[i], end);
            // Words of the playroom are tokens of their own, so none is spelt.
            assert_true(n < 20);
        }
        ask_clip_batch_free(b);
    }
    ask_clip_playroom_close(p);
}

static void pixels_are_finite_and_some_move(void **state)
{
    (void)state;
    const ask_clip_playroom_options opt = plain();
    ask_clip_playroom *p = open_playroom(&opt);
    ask_clip_batch *b = batch_of(p, 1);
    double sum[3] = {0}; // of what a frame shows, and of both differences
    for (int i = 0; i < N_PIXELS; i++) {
        assert_true(isfinite(b->pixels[i]));
        sum[i / (3 * 32 * 32) % 3] += fabs((double)b->pixels[i]);
    }
    assert_true(sum[1] > 0 && sum[2] > 0 && sum[0] > sum[1] && sum[0] > sum[2]);
    ask_clip_batch_free(b);
    ask_clip_playroom_close(p);
}

static void a_world_in_a_folder_shows_what_the_playroom_paints(void **state)
{
    (void)state;
    ask_error err = {0};
    char *world = test_temp_dir_make();
    ask_world_options made = ask_world_defaults();
    made.style = ask_scene_simple();
    made.seed = 3;
    made.n_clips = 2;
    CHECK_OK(ask_world_make(NULL, world, &made, &err), &err);
    ask_clip_playroom_options opt = plain();
    opt.dir = world;
    ask_clip_playroom *p = open_playroom(&opt), *q = open_playroom(&opt);
    ask_clip_batch *b = batch_of(p, 3), *again = batch_of(q, 3);
    assert_true(same(b, again));
    for (int i = 0; i < N_PIXELS; i++) assert_true(isfinite(b->pixels[i]));
    ask_clip_batch_free(b);
    ask_clip_batch_free(again);
    ask_clip_playroom_close(p);
    ask_clip_playroom_close(q);
    test_temp_dir_remove(world);
}

static void what_the_playroom_cannot_give_is_refused(void **state)
{
    (void)state;
    ask_preprocess four = preprocess, off = preprocess, large = preprocess;
    four.views = (ask_views){4, {-0.5, 0, 0.5, 1}};
    off.views = (ask_views){3, {-0.2, 0, 0.2}};
    large.crop_width_px = large.crop_height_px = large.shorter_px = 40;
    char *full = test_temp_dir_make();
    ask_world_options made = ask_world_defaults();
    made.n_clips = 1;
    ask_error none = {0};
    CHECK_OK(ask_world_make(NULL, full, &made, &none), &none);
    const struct {
        const char *name;
        const ask_preprocess *preprocess;
        const char *dir;
        ask_error_code code;
        const char *message;
    } cases[] = {
        {"four views", &four, NULL, ASK_ERR_UNSUPPORTED, "\"frame_offsets_s\""},
        {"views between frames", &off, NULL, ASK_ERR_UNSUPPORTED, "\"frame_offsets_s\""},
        {"another size", &large, NULL, ASK_ERR_MODEL, "makes pictures of 40 x 40"},
        {"no world", &preprocess, "/nowhere", ASK_ERR_IO, "/nowhere"},
        {"a full world", &preprocess, full, ASK_ERR_USAGE, "world --simple"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_clip_playroom_options opt = plain();
        opt.preprocess = cases[i].preprocess;
        opt.dir = cases[i].dir;
        CHECK_CASE(cases[i].name, !ask_clip_playroom_open(&opt, &err));
        if (err.code != cases[i].code || !strstr(err.message, cases[i].message))
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
    }
    test_temp_dir_remove(full);
}

static void a_text_without_room_is_told(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_clip_playroom_options opt = plain();
    opt.size.n_tokens = 3;
    ask_clip_playroom *p = open_playroom(&opt);
    ask_clip_batch *b = ask_clip_batch_new(&opt.size, &err);
    CHECK_OK(b, &err);
    assert_false(ask_clip_playroom_fill(p, b, 1, &err));
    assert_int_equal(err.code, ASK_ERR_LIMIT);
    assert_non_null(strstr(err.message, "the batch has room for 3"));
    ask_clip_batch_free(b);
    ask_clip_playroom_close(p);
}

static bool open_and_fill(void *user, ask_error *err)
{
    (void)user;
    const ask_clip_playroom_options opt = plain();
    ask_clip_playroom *p = ask_clip_playroom_open(&opt, err);
    ask_clip_batch *b = p ? ask_clip_batch_new(&size, err) : NULL;
    bool ok = b && ask_clip_playroom_fill(p, b, 1, err);
    ask_clip_batch_free(b);
    ask_clip_playroom_close(p);
    return ok;
}

static void memory_may_run_out(void **state)
{
    (void)state;
    assert_true(test_each_alloc_fails("open and fill", open_and_fill, NULL) > 20);
}

static void coded_texts_demand_one_thing_each_and_the_last_deny(void **state)
{
    (void)state;
    ask_clip_playroom_options opt = plain();
    opt.size.n_coded = 7;
    opt.size.n_denied = 2;
    ask_clip_playroom *p = open_playroom(&opt);
    ask_error err = {0};
    ask_clip_batch *b = ask_clip_batch_new(&opt.size, &err);
    CHECK_OK(b, &err);
    for (int step = 1; step <= 2; step++) {
        CHECK_OK(ask_clip_playroom_fill(p, b, step, &err), &err);
        for (int t = 0; t < 7; t++) assert_int_equal(b->kinds[t], 1U << ASK_KIND_COLOR);
        assert_true(b->kinds[7] != 0);
        assert_true(b->kinds[8] == 0 && b->kinds[9] == 0);
    }
    ask_clip_batch_free(b);
    ask_clip_playroom_close(p);
}

static void texts_can_be_bare_and_filled_up(void **state)
{
    (void)state;
    enum { PAD = 1 << 20 };
    ask_clip_playroom_options opt = plain();
    ask_clip_playroom *dressed = open_playroom(&opt);
    opt.bare = true;
    opt.pad_id = PAD;
    ask_clip_playroom *bare = open_playroom(&opt);
    ask_clip_batch *with = batch_of(dressed, 3), *without = batch_of(bare, 3);
    int64_t end = ask_tokenizer_special(tokenizer, "eos");
    for (int t = 0; t < size.n_texts; t++) {
        const int64_t *a = with->ids + t * size.n_tokens + 1; // behind its start token
        const int64_t *b = without->ids + t * size.n_tokens;
        int n = 0;
        for (; a[n] != end; n++) assert_int_equal(b[n], a[n]);
        assert_true(n > 0);
        for (; n < size.n_tokens; n++) assert_int_equal(b[n], PAD);
    }
    ask_clip_batch_free(with);
    ask_clip_batch_free(without);
    ask_clip_playroom_close(dressed);
    ask_clip_playroom_close(bare);
}

static unsigned kinds_of_steps(const ask_clip_playroom_options *opt, int n_steps)
{
    unsigned kinds = 0;
    ask_clip_playroom *p = open_playroom(opt);
    for (int step = 1; step <= n_steps; step++) {
        ask_clip_batch *b = batch_of(p, step);
        for (int t = 0; t < size.n_texts; t++) kinds |= b->kinds[t];
        ask_clip_batch_free(b);
    }
    ask_clip_playroom_close(p);
    return kinds;
}

static void full_worlds_have_events_of_their_own(void **state)
{
    (void)state;
    enum { N_STEPS = 24 };
    const unsigned first = 1u << (ASK_KIND_EVENT + ASK_N_SIMPLE_EVENTS);
    const ask_scene_style full = ask_scene_full();
    ask_clip_playroom_options opt = plain();
    assert_true(kinds_of_steps(&opt, N_STEPS) < first);
    opt.style = &full;
    unsigned kinds = kinds_of_steps(&opt, N_STEPS);
    for (int e = ASK_N_SIMPLE_EVENTS; e < ASK_N_EVENTS; e++)
        CHECK_CASE(ask_event_name((ask_event_kind)e), kinds & 1u << (ASK_KIND_EVENT + e));
}

static void splits_have_other_clips(void **state)
{
    (void)state;
    ask_clip_playroom_options opt = plain();
    ask_clip_playroom *train = open_playroom(&opt);
    opt.split = ASK_SPLIT_VAL;
    ask_clip_playroom *val = open_playroom(&opt);
    ask_clip_batch *a = batch_of(train, 1), *b = batch_of(val, 1);
    assert_false(same(a, b));
    ask_clip_batch_free(a);
    ask_clip_batch_free(b);
    ask_clip_playroom_close(train);
    ask_clip_playroom_close(val);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_can_be_bare_and_filled_up),
        cmocka_unit_test(full_worlds_have_events_of_their_own),
        cmocka_unit_test(splits_have_other_clips),
        cmocka_unit_test(a_batch_depends_on_seed_and_step_alone),
        cmocka_unit_test(texts_end_with_their_end_token_and_are_known),
        cmocka_unit_test(pixels_are_finite_and_some_move),
        cmocka_unit_test(a_world_in_a_folder_shows_what_the_playroom_paints),
        cmocka_unit_test(what_the_playroom_cannot_give_is_refused),
        cmocka_unit_test(a_text_without_room_is_told),
        cmocka_unit_test(memory_may_run_out),
        cmocka_unit_test(coded_texts_demand_one_thing_each_and_the_last_deny),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
