/* `askance features`, from the command line to its files: what it makes, what it keeps, and
 * what it says of what cannot be made. */
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "cli/feature_models.h"
#include "media/image.h"
#include "model/feature_file.h"
#include "support/color_model.h"
#include "support/command.h"
#include "support/testing.h"
#include "weights/safetensors.h"

static char *dir, *model, *s3d, *clip;
static char *red, *blue, *brief; // 2 s, 2 s and 0.5 s of colours

static int make_all(void **state)
{
    (void)state;
    static const color_span reds[] = {{1, 0xff0000}, {1, 0x000000}};
    static const color_span blues[] = {{2, 0x0000ff}};
    static const color_span briefs[] = {{0.5, 0x00ff00}};
    dir = test_temp_dir_make();
    model = strdup(test_path(dir, "model"));
    s3d = strdup(test_fixture("golden/s3d"));
    clip = strdup(test_fixture("features/clip"));
    red = strdup(test_path(dir, "red.mp4"));
    blue = strdup(test_path(dir, "blue.mp4"));
    brief = strdup(test_path(dir, "brief.mp4"));
    color_model_write(model, NULL);
    color_video_write(red, 64, 48, 12, reds, TEST_COUNT(reds));
    color_video_write(blue, 64, 48, 12, blues, TEST_COUNT(blues));
    color_video_write(brief, 64, 48, 12, briefs, TEST_COUNT(briefs));
    unsetenv("ASKANCE_MODEL");
    return setenv("XDG_CACHE_HOME", test_path(dir, "cache"), 1);
}

static int remove_all(void **state)
{
    (void)state;
    char *const paths[] = {model, s3d, clip, red, blue, brief};
    for (size_t i = 0; i < TEST_COUNT(paths); i++) free(paths[i]);
    test_temp_dir_remove(dir);
    return 0;
}

#define RUN(...)                                                                           \
    command_run((cli_command[]){cli_features_command, {0}}, "features",                    \
                (const char *[COMMAND_MAX_WORDS]){__VA_ARGS__})

/* ---- files ---- */

static ask_weights *open_file(const char *path)
{
    ask_error err = {0};
    ask_weights *w = ask_weights_open(path, &err);
    if (!w) fail_msg("%s", err.message);
    return w;
}

static const char *note_of(const ask_weights *w, const char *key)
{
    const char *note = ask_weights_find_note(w, key);
    if (!note) fail_msg("there is no note %s", key);
    return note;
}

static void check_text(const char *is, const char *should_be)
{
    assert_string_equal(is, should_be);
}

static void a_file_says_where_its_numbers_come_from(void **state)
{
    (void)state;
    const char *path = test_path(dir, "one/red-features.safetensors");
    said s = RUN(red, "-m", model, "-o", path, "--fps=3", "--start=0.5");
    if (s.status != 0) fail_msg("%s", s.err);
    check_holds(s.out, "red-features.safetensors  [5, ");
    check_holds(s.out, "1 made, 0 kept, in ");
    said_free(&s);

    ask_weights *w = open_file(path);
    check_text(note_of(w, "schema"), "askance.features/1");
    check_text(note_of(w, "network"), "clip");
    check_text(note_of(w, "layout"), "frames");
    check_text(note_of(w, "unit"), "true");
    check_text(note_of(w, "video"), "red.mp4");
    check_text(note_of(w, "video_s"), "2");
    check_text(note_of(w, "asked"), "{\"fps\":3.0,\"start_s\":0.5}");
    check_text(note_of(w, "plan"),
               "{\"n\":5,\"n_frames_each\":1,\"fps\":3.3333333333333335,"
               "\"start_s\":0.5,\"end_s\":2.0}");
    assert_int_equal(strlen(note_of(w, "model_id")), 64);
    assert_int_equal(strlen(note_of(w, "video_id")), 16);
    const ask_weights_entry *f = ask_weights_find(w, "features");
    const ask_weights_entry *t = ask_weights_find(w, "t_s");
    assert_true(f && t && f->type == ASK_F32 && t->type == ASK_F64);
    assert_int_equal(f->shape[0], 5);
    assert_int_equal(t->shape[0], 5);
    double t_s[5];
    memcpy(t_s, t->data, sizeof t_s);
    // The middles of fifths of 0.5 s to 2 s, each on the frame of its twelfth of a second.
    for (int i = 0; i < 5; i++)
        assert_true(fabs(t_s[i] - floor((0.5 + 0.3 * (i + 0.5)) * 12) / 12) < 1e-6);
    for (int64_t i = 0; i < 5; i++) {
        double sum = 0;
        for (int64_t k = 0; k < f->shape[1]; k++) {
            float x;
            memcpy(&x, (const char *)f->data + (i * f->shape[1] + k) * 4, sizeof x);
            sum += (double)x * (double)x;
        }
        assert_true(fabs(sum - 1) < 1e-5);
    }
    ask_weights_close(w);
}

static void every_model_has_a_folder(void **state)
{
    (void)state;
    const char *out = test_path(dir, "many");
    char mist[4096], chat[4096];
    snprintf(mist, sizeof mist, "mist=%s/", clip);
    snprintf(chat, sizeof chat, "video-chatgpt=%s", clip);
    said s = RUN(red, blue, "-m", model, "-m", s3d, "-m", mist, "-m", chat, "-o", out);
    if (s.status != 0) fail_msg("%s", s.err);
    check_holds(s.out, "8 made, 0 kept");
    said_free(&s);
    static const struct {
        const char *path;
        int64_t n_rows;
    } cases[] = {
        {"many/model-frames/red.safetensors", 4},
        {"many/model-frames/blue.safetensors", 4},
        {"many/s3d-clips/red.safetensors", 2},
        {"many/clip-mist/blue.safetensors", 24},
        {"many/clip-video-chatgpt/red.safetensors", 356},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_weights *w = open_file(test_path(dir, cases[i].path));
        const ask_weights_entry *f = ask_weights_find(w, "features");
        CHECK_CASE(cases[i].path, f && f->shape[0] == cases[i].n_rows);
        ask_weights_close(w);
    }
}

/* ---- again ---- */

static void what_is_there_is_kept_and_the_rest_is_made(void **state)
{
    (void)state;
    const char *out = test_path(dir, "again"), *at = "again/model-frames/red.safetensors";
    said s = RUN(red, "-m", model, "-o", out);
    assert_int_equal(s.status, 0);
    said_free(&s);
    size_t n_before, n_after;
    struct stat before, after;
    char *was = test_read(test_path(dir, at), &n_before);
    assert_int_equal(stat(test_path(dir, at), &before), 0);

    s = RUN(red, blue, "-m", model, "-o", out, "--json");
    assert_int_equal(s.status, 0);
    ask_error err = {0};
    ask_json *doc = said_json(&s);
    ask_json_value root = ask_json_root(doc);
    int64_t n_made, n_kept;
    bool kept;
    assert_true(ask_json_get_int(&n_made, root, "n_made", 1, 1, &err));
    assert_true(ask_json_get_int(&n_kept, root, "n_kept", 1, 1, &err));
    assert_true(ask_json_get_bool(&kept, root, "files.0.kept", &err) && kept);
    assert_true(ask_json_get_bool(&kept, root, "files.1.kept", &err) && !kept);
    assert_int_equal(ask_json_count(ask_json_find(root, "failures")), 0);
    ask_json_free(doc);
    said_free(&s);
    assert_int_equal(stat(test_path(dir, at), &after), 0);
    assert_true(before.st_ino == after.st_ino);

    s = RUN(red, "-m", model, "-o", out, "--force");
    check_holds(s.out, "1 made, 0 kept");
    said_free(&s);
    char *is = test_read(test_path(dir, at), &n_after);
    assert_int_equal(n_before, n_after);
    assert_memory_equal(was, is, n_before);
    free(was);
    free(is);
}

static void it_does_not_matter_how_a_plan_was_asked_for(void **state)
{
    (void)state;
    const char *out = test_path(dir, "same");
    said s = RUN(red, "-m", model, "-o", out);
    assert_int_equal(s.status, 0);
    said_free(&s);
    static const char *const options[] = {"--fps=2", "--frames=4", "--end=2", "--end=9"};
    for (size_t i = 0; i < TEST_COUNT(options); i++) {
        s = RUN(red, "-m", model, "-o", out, options[i]);
        if (s.status != 0 || !strstr(s.out, "0 made, 1 kept"))
            fail_msg("%s: exit %d\n%s%s", options[i], s.status, s.out, s.err);
        said_free(&s);
    }
}

/* ---- a folder of pictures: its quick id is of names and sizes only ---- */

enum { N_PICTURES = 6 };

static void make_pictures(const char *folder)
{
    ask_error err = {0};
    ask_image image;
    CHECK_OK(ask_image_new(&image, 16, 16, 3, &err), &err);
    test_write_text(test_path(folder, "notes.txt"), "pictures");
    for (int i = 0; i < N_PICTURES; i++) {
        char name[16];
        snprintf(name, sizeof name, "%d.png", i);
        memset(image.pixels, 40 * i, 16 * 16 * 3);
        CHECK_OK(ask_image_write_png(&image, test_path(folder, name), &err), &err);
    }
    ask_image_free(&image);
}

/* Of the same size as before. */
static void damage(const char *path)
{
    size_t n;
    char *bytes = test_read(path, &n);
    memset(bytes + n / 2, 0x55, n / 4);
    test_write(path, bytes, n);
    free(bytes);
}

static void pictures_at_another_rate_are_another_video(void **state)
{
    (void)state;
    const char *out = test_path(dir, "rate"), *pictures = test_path(dir, "pictures");
    make_pictures(pictures);
    // The plan is the same for both: 4 frames of the first 2 s.
    said s = RUN(pictures, "-m", model, "-o", out, "--end=2", "--image-fps=2");
    if (s.status != 0) fail_msg("%s", s.err);
    said_free(&s);
    ask_weights *w = open_file(test_path(dir, "rate/model-frames/pictures.safetensors"));
    check_text(note_of(w, "asked"), "{\"end_s\":2.0,\"image_fps\":2.0}");
    ask_weights_close(w);
    s = RUN(pictures, "-m", model, "-o", out, "--end=2", "--image-fps=3");
    assert_int_equal(s.status, 2);
    check_holds(s.err, "holds something else: its video_s is \"3\", not \"2\"");
    said_free(&s);
}

static void check_failure(ask_json_value root, int i, const char *layout)
{
    ask_error err = {0};
    char path[32];
    const char *is;
    snprintf(path, sizeof path, "failures.%d.layout", i);
    CHECK_OK(ask_json_get_string(&is, root, path, &err), &err);
    check_text(is, layout);
}

static void a_pass_that_fails_costs_only_what_was_due(void **state)
{
    (void)state;
    const char *out = test_path(dir, "worn"), *pictures = test_path(dir, "worn_pictures");
    char mist[4096], chat[4096];
    snprintf(mist, sizeof mist, "mist=%s", clip);
    snprintf(chat, sizeof chat, "video-chatgpt=%s", clip);
    make_pictures(pictures);
    said s = RUN(pictures, "-m", clip, "-o", out);
    if (s.status != 0) fail_msg("%s", s.err);
    said_free(&s);
    damage(test_path(pictures, "3.png"));

    s = RUN(pictures, "-m", mist, "-m", clip, "-m", chat, "-o", out, "--json");
    assert_int_equal(s.status, 3);
    check_holds(s.err, "3.png");
    ask_error err = {0};
    ask_json *doc = said_json(&s);
    ask_json_value root = ask_json_root(doc);
    int64_t n_kept;
    assert_true(ask_json_get_int(&n_kept, root, "n_kept", 1, 1, &err));
    assert_int_equal(ask_json_count(ask_json_find(root, "files")), 1);
    assert_int_equal(ask_json_count(ask_json_find(root, "failures")), 2);
    check_failure(root, 0, "mist");
    check_failure(root, 1, "video-chatgpt");
    ask_json_free(doc);
    said_free(&s);
}

/* Nothing is due, so nothing is looked at, and a damaged picture is not noticed. */
static void a_video_without_anything_due_is_not_decoded(void **state)
{
    (void)state;
    const char *out = test_path(dir, "none"), *pictures = test_path(dir, "none_pictures");
    make_pictures(pictures);
    said s = RUN(pictures, "-m", clip, "-o", out);
    if (s.status != 0) fail_msg("%s", s.err);
    said_free(&s);
    damage(test_path(pictures, "3.png"));
    s = RUN(pictures, "-m", clip, "-o", out);
    if (s.status != 0) fail_msg("%s", s.err);
    check_holds(s.out, "0 made, 1 kept");
    said_free(&s);
    s = RUN(pictures, "-m", clip, "-o", out, "--frames=2");
    assert_int_equal(s.status, 2);
    check_holds(s.out, "0 made, 0 kept, 1 failed");
    said_free(&s);
}

static void a_file_of_something_else_is_not_overwritten(void **state)
{
    (void)state;
    const char *path = test_path(dir, "other.safetensors");
    char other[4096];
    snprintf(other, sizeof other, "frames=%s", clip);
    said s = RUN(red, "-m", model, "-o", path);
    assert_int_equal(s.status, 0);
    said_free(&s);
    const struct {
        const char *name, *video, *model, *option, *message;
    } cases[] = {
        {"another plan", red, model, "--fps=1", "holds something else: its plan is"},
        {"another model", red, other, "--fps=2", "its model_id is"},
        {"another video", blue, model, "--fps=2", "its video_id is"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        s = RUN(cases[i].video, "-m", cases[i].model, "-o", path, cases[i].option);
        CHECK_CASE(cases[i].name, s.status == 2);
        check_holds(s.err, cases[i].message);
        check_holds(s.err, "use --force");
        check_holds(s.out, "0 made, 0 kept, 1 failed");
        said_free(&s);
    }
    test_write_text(path, "this is a poem");
    s = RUN(red, "-m", model, "-o", path);
    assert_int_equal(s.status, 3);
    check_holds(s.err, "use --force to replace what is there: ");
    said_free(&s);
    s = RUN(red, "-m", model, "-o", path, "--force");
    assert_int_equal(s.status, 0);
    said_free(&s);
}

/* ---- what fails ---- */

static void a_failure_does_not_stop_the_rest(void **state)
{
    (void)state;
    const char *out = test_path(dir, "some"), *missing = test_path(dir, "missing.mp4");
    said s = RUN(missing, brief, blue, "-m", s3d, "-m", model, "-o", out, "--json");
    assert_int_equal(s.status, 3);
    check_holds(s.err, "askance: features: error: ");
    check_holds(s.err, "missing.mp4: cannot open");
    check_holds(s.err, "the video lasts 0.500 s, and a clip 1 s: it gives no features");
    ask_error err = {0};
    ask_json *doc = said_json(&s);
    ask_json_value root = ask_json_root(doc);
    int64_t n_made;
    const char *text;
    assert_true(ask_json_get_int(&n_made, root, "n_made", 3, 3, &err));
    assert_int_equal(ask_json_count(ask_json_find(root, "failures")), 2);
    assert_true(ask_json_get_string(&text, root, "failures.0.code", &err));
    assert_string_equal(text, "io");
    assert_true(ask_json_get_string(&text, root, "failures.1.layout", &err));
    assert_string_equal(text, "clips");
    ask_json_free(doc);
    said_free(&s);
    assert_true(ask_file_exists(test_path(dir, "some/model-frames/brief.safetensors")));
    assert_false(ask_file_exists(test_path(dir, "some/s3d-clips/brief.safetensors")));
}

/* A message may begin as the video is called. */
static void every_failure_begins_with_its_video(void **state)
{
    (void)state;
    size_t n;
    char *bytes = test_read(brief, &n), *network = realpath(s3d, NULL);
    test_write(test_path(dir, "the"), bytes, n);
    free(bytes);
    int here = open(".", O_RDONLY | O_DIRECTORY);
    assert_true(network && here >= 0 && chdir(dir) == 0);
    said s = RUN("the", "missing", "-m", network, "-o", "named");
    assert_int_equal(fchdir(here), 0);
    close(here);
    free(network);
    check_holds(s.err, "error: the: the video lasts 0.500 s");
    check_holds(s.err, "error: missing: cannot open");
    said_free(&s);
}

static void a_full_disk_leaves_what_was_there(void **state)
{
    (void)state;
    const char *out = test_path(dir, "full"), *at = "full/model-frames/red.safetensors";
    said s = RUN(red, "-m", model, "-o", out, "--no-cache");
    assert_int_equal(s.status, 0);
    said_free(&s);
    size_t n_before, n_after;
    char *before = test_read(test_path(dir, at), &n_before);

    struct rlimit old, small;
    getrlimit(RLIMIT_FSIZE, &old);
    small = (struct rlimit){.rlim_cur = n_before / 2, .rlim_max = old.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    s = RUN(red, "-m", model, "-o", out, "--no-cache", "--force");
    setrlimit(RLIMIT_FSIZE, &old);
    signal(SIGXFSZ, SIG_DFL);
    assert_int_equal(s.status, 5);
    check_holds(s.err, "red.safetensors");
    check_holds(s.out, "0 made, 0 kept, 1 failed");
    said_free(&s);
    char *after = test_read(test_path(dir, at), &n_after);
    assert_int_equal(n_before, n_after);
    assert_memory_equal(before, after, n_before);
    assert_int_equal(test_count_entries(test_path(dir, "full/model-frames")), 1);
    free(before);
    free(after);
}

/* ---- models ---- */

static void without_a_model_it_is_the_default_one(void **state)
{
    (void)state;
    const char *out = test_path(dir, "default");
    setenv("ASKANCE_MODEL", model, 1);
    said s = RUN(red, "-o", out);
    unsetenv("ASKANCE_MODEL");
    if (s.status != 0) fail_msg("%s", s.err);
    said_free(&s);
    assert_true(ask_file_exists(test_path(dir, "default/model-frames/red.safetensors")));
}

static void a_folder_under_two_names_is_one_model(void **state)
{
    (void)state;
    ask_error err = {0};
    char mist[4096], chat[4096];
    snprintf(mist, sizeof mist, "mist=%s/.", clip);
    snprintf(chat, sizeof chat, "video-chatgpt=%s//", clip);
    const char *items[] = {clip, mist, chat, model};
    const cli_list list = {.items = items, .n = TEST_COUNT(items)};
    cli_feature_models m;
    CHECK_OK(cli_feature_models_open(&m, &list, NULL, &err), &err);
    assert_ptr_equal(m.items[0].model, m.items[1].model);
    assert_ptr_equal(m.items[0].model, m.items[2].model);
    assert_ptr_not_equal(m.items[0].model, m.items[3].model);
    cli_feature_models_close(&m);
}

/* A copy of the model's weights of which one number of the image tower is NaN. */
static void break_model(const char *to)
{
    ask_error err = {0};
    ask_weights *w = open_file(model);
    size_t n = ask_weights_count(w);
    ask_weights_entry *entries = calloc(n, sizeof *entries);
    assert_non_null(entries);
    float *broken = NULL;
    for (size_t i = 0; i < n; i++) {
        entries[i] = *ask_weights_at(w, i);
        if (strcmp(entries[i].name, "visual_projection.weight") != 0) continue;
        broken = malloc(entries[i].bytes);
        assert_non_null(broken);
        memcpy(broken, entries[i].data, entries[i].bytes);
        broken[0] = NAN;
        entries[i].data = broken;
    }
    assert_non_null(broken);
    static const char *const texts[] = {"config.json", "preprocessor_config.json"};
    for (size_t i = 0; i < TEST_COUNT(texts); i++) {
        size_t n_bytes;
        char *text = test_read(test_path(model, texts[i]), &n_bytes);
        test_write(test_path(to, texts[i]), text, n_bytes);
        free(text);
    }
    CHECK_OK(ask_safetensors_write(test_path(to, "model.safetensors"), entries, n, NULL, 0,
                                   &err),
             &err);
    free(broken);
    free(entries);
    ask_weights_close(w);
}

static void bad_input_is_told(void **state)
{
    (void)state;
    char broken[4096], bert[4096], readonly[4096], twin[4096], mist[4096], latin[4096];
    snprintf(broken, sizeof broken, "%s/broken", dir);
    snprintf(readonly, sizeof readonly, "%s/red.mp4/sub", dir); // a file is no folder
    snprintf(latin, sizeof latin, "%s/caf\xe9.mp4", dir);
    snprintf(twin, sizeof twin, "%s/twin/red.mkv", dir);
    snprintf(bert, sizeof bert, "%s", test_fixture("golden/bert"));
    snprintf(mist, sizeof mist, "mits=%s", model);
    break_model(broken);
    const char *out = test_path(dir, "bad"), *one = test_path(dir, "bad.safetensors");
    const struct {
        const char *name, *words[8];
        int status;
        const char *message;
    } cases[] = {
        {"no model", {red, "-o", out}, 4, "no model: give --model=DIR"},
        {"a name of no UTF-8",
         {latin, "-m", model, "-o", out},
         2,
         "its name is not UTF-8 text"},
        {"no place", {red, "-m", model}, 2, "where to? give --out=DIR"},
        {"no layout", {red, "-m", mist, "-o", out}, 2, "there is no layout mits"},
        {"a missing model", {red, "-m", "nowhere", "-o", out}, 4, "nowhere"},
        {"a model of texts",
         {red, "-m", bert, "-o", out},
         3,
         "bert sees neither pictures nor clips"},
        {"broken weights",
         {red, "-m", broken, "-o", out},
         4,
         "row 0 of the features holds NaN"},
        {"no folder", {red, "-m", model, "-o", readonly}, 3, "red.mp4"},
        {"two of one name",
         {red, twin, "-m", model, "-o", out},
         2,
         "two videos are called red"},
        {"one model twice",
         {red, "-m", model, "-m", model, "-o", out},
         2,
         "would both be kept as model-frames"},
        {"two videos in one file",
         {red, blue, "-m", model, "-o", one},
         2,
         "it takes one VIDEO and one --model"},
        {"a window of clips",
         {red, "-m", s3d, "-o", out, "--end=1"},
         2,
         "clips features are of the whole video"},
        {"frames of clips",
         {red, "-m", s3d, "-o", out, "--frames=3"},
         2,
         "choose the frames of the layout frames"},
        {"an empty window",
         {red, "-m", model, "-o", out, "--start=3", "--end=2"},
         2,
         "the window from 3 s to 2 s is empty"},
        {"a window past the end",
         {red, "-m", model, "-o", out, "--start=9"},
         2,
         "past the end of the video"},
        {"no video", {"-m", model, "-o", out}, 2, "expected VIDEO..., got 0 arguments"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const char *words[COMMAND_MAX_WORDS] = {0};
        memcpy(words, cases[i].words, sizeof cases[i].words);
        said s = command_run((cli_command[]){cli_features_command, {0}}, "features", words);
        if (s.status != cases[i].status || !strstr(s.err, cases[i].message))
            fail_msg("case \"%s\": exit %d\n%s", cases[i].name, s.status, s.err);
        said_free(&s);
    }
    assert_false(ask_file_exists(test_path(dir, "bad/broken-frames/red.safetensors")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_says_where_its_numbers_come_from),
        cmocka_unit_test(every_model_has_a_folder),
        cmocka_unit_test(what_is_there_is_kept_and_the_rest_is_made),
        cmocka_unit_test(it_does_not_matter_how_a_plan_was_asked_for),
        cmocka_unit_test(pictures_at_another_rate_are_another_video),
        cmocka_unit_test(a_pass_that_fails_costs_only_what_was_due),
        cmocka_unit_test(a_video_without_anything_due_is_not_decoded),
        cmocka_unit_test(a_file_of_something_else_is_not_overwritten),
        cmocka_unit_test(a_failure_does_not_stop_the_rest),
        cmocka_unit_test(every_failure_begins_with_its_video),
        cmocka_unit_test(a_full_disk_leaves_what_was_there),
        cmocka_unit_test(without_a_model_it_is_the_default_one),
        cmocka_unit_test(a_folder_under_two_names_is_one_model),
        cmocka_unit_test(bad_input_is_told),
    };
    return cmocka_run_group_tests(tests, make_all, remove_all);
}
