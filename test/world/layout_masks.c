/* Layouts of masks and gaze, checked against the rules of the published folders and the
 * truth of the clips. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/npy.h"
#include "base/zip.h"
#include "media/image.h"
#include "support/layouts.h"
#include "support/testing.h"
#include "world/clip_files.h"
#include "world/layout.h"

enum { SIDE = ASK_WORLD_SIDE_PX, N_PX = SIDE * SIDE };

static layouts_world world;

static int set_up(void **state)
{
    (void)state;
    layouts_make(&world, ASK_SPLIT_TRAIN, 3, "davis,selective-attention,sjtu-vis");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    layouts_free(&world);
    return 0;
}

static ask_image read_image(const char *path)
{
    ask_image image;
    ask_error err = {0};
    CHECK_OK(ask_image_read(&image, path, NULL, &err), &err);
    assert_true(image.width == SIDE && image.height == SIDE);
    return image;
}

static const char *text_of(ask_json_value v, const char *path)
{
    const char *text;
    ask_error err = {0};
    CHECK_OK(ask_json_get_string(&text, v, path, &err), &err);
    return text;
}

/* ---- DAVIS ---- */

static void davis_lists_its_clips(void **state)
{
    (void)state;
    size_t n;
    char *text = test_read(layouts_path(&world, "davis/ImageSets/2017/train.txt"), &n);
    assert_string_equal(text, "train_000000\ntrain_000001\ntrain_000002\n");
    free(text);
}

/* The colours that VOC and DAVIS give to numbers, from their first. */
static void check_palette(const char *bytes, size_t n)
{
    static const uint8_t first[][3] = {{0, 0, 0},     {128, 0, 0},     {0, 128, 0},
                                       {128, 128, 0}, {0, 0, 128},     {128, 0, 128},
                                       {0, 128, 128}, {128, 128, 128}, {64, 0, 0}};
    enum { COLOR_TYPE_AT = 25, INDEXED = 3 };
    assert_int_equal(bytes[COLOR_TYPE_AT], INDEXED);
    const char *listed = memmem(bytes, n, "PLTE", 4);
    assert_non_null(listed);
    assert_memory_equal(listed + 4, first, sizeof first);
}

/* The number of a colour by that palette: its bits, three by three. */
static int number_of(const uint8_t rgb[3])
{
    int number = 0;
    for (int bit = 0; bit < 8; bit++) number |= (rgb[bit % 3] >> (7 - bit / 3) & 1) << bit;
    return number;
}

static void check_davis_frame(const ask_world_clip *c, int clip, int frame)
{
    const char *path =
        layouts_path(&world, "davis/Annotations/480p/train_%06d/%05d.png", clip, frame);
    size_t n;
    char *bytes = test_read(path, &n);
    check_palette(bytes, n);
    free(bytes);
    ask_image ids = read_image(path);
    for (int i = 0; i < N_PX; i++)
        if (number_of(ids.pixels + 3 * i) != c->views[frame].ids[i])
            fail_msg("clip %d, frame %d, pixel %d is not of its object", clip, frame, i);
    ask_image_free(&ids);
}

/* Mean of the differences of all samples. */
static int difference(const ask_image *a, const ask_image *b)
{
    int sum = 0;
    for (int i = 0; i < 3 * N_PX; i++) sum += abs(a->pixels[i] - b->pixels[i]);
    return sum / (3 * N_PX);
}

static void davis_has_every_frame_and_its_objects(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_painter *painter = ask_painter_new(&err);
    ask_image painted;
    CHECK_OK(ask_image_new(&painted, SIDE, SIDE, 3, &err), &err);
    for (int k = 0; k < world.n_clips; k++) {
        const ask_world_clip *c = &world.clips[k];
        for (int t = 0; t < c->scene.n_frames; t += 7) {
            check_davis_frame(c, k, t);
            ask_image seen = read_image(
                layouts_path(&world, "davis/JPEGImages/480p/train_%06d/%05d.jpg", k, t));
            ask_paint(painter, &c->scene, t, &painted, NULL);
            assert_in_range(difference(&seen, &painted), 0, 7); // measured: up to 4
            ask_image_free(&seen);
        }
        assert_int_equal(
            test_count_entries(layouts_path(&world, "davis/JPEGImages/480p/train_%06d", k)),
            c->scene.n_frames);
        assert_int_equal(test_count_entries(
                             layouts_path(&world, "davis/Annotations/480p/train_%06d", k)),
                         c->scene.n_frames);
    }
    ask_image_free(&painted);
    ask_painter_free(painter);
}

enum { LONGER = 1, SHORTER = 3 }; // seeds, by their clips

/* A train world of one clip; returns its folder and how many frames the clip has. */
static char *make_one(int *n_frames, uint64_t seed)
{
    char *dir = test_temp_dir_make();
    ask_error err = {0};
    ask_world_options o = ask_world_defaults();
    ask_world_info info;
    ask_world_clip clip;
    o.seed = seed;
    o.n_clips = 1;
    CHECK_OK(ask_world_make(NULL, dir, &o, &err) && ask_world_open(&info, dir, &err), &err);
    CHECK_OK(ask_world_read_clip(&clip, dir, &info, 0, &err), &err);
    *n_frames = clip.scene.n_frames;
    ask_world_clip_free(&clip);
    return dir;
}

static bool write_davis(const char *from, const char *into, ask_error *err)
{
    ask_layout_set set = 0;
    const ask_layout_options o = {.struct_size = sizeof o, .into = into};
    return ask_layout_parse(&set, "davis", err) &&
           ask_world_write_layouts(NULL, from, set, &o, err);
}

static void refuse_davis(const char *from, const char *into, const char *left)
{
    ask_error err = {0};
    if (write_davis(from, into, &err) || err.code != ASK_ERR_USAGE ||
        !strstr(err.message, left) || !strstr(err.message, "is not of this world"))
        fail_msg("%s: %s, \"%s\"", left, ask_error_name(err.code), err.message);
}

static const char first_frame[] = "davis/JPEGImages/480p/train_000000/00000.jpg";

static void davis_of_two_worlds_is_not_mixed(void **state)
{
    (void)state;
    ask_error err = {0};
    char *into = test_temp_dir_make(), stale[40];
    int n_long, n_short;
    char *longer = make_one(&n_long, LONGER), *shorter = make_one(&n_short, SHORTER);
    assert_true(n_long > n_short);
    CHECK_OK(write_davis(shorter, into, &err), &err);
    CHECK_OK(write_davis(longer, into, &err), &err); // nothing is left of the first
    size_t n, n_after;
    char *before = test_read(test_path(into, first_frame), &n);
    snprintf(stale, sizeof stale, "train_000000/%05d.jpg", n_short);
    refuse_davis(shorter, into, stale);
    char *after = test_read(test_path(into, first_frame), &n_after);
    assert_true(n == n_after && memcmp(before, after, n) == 0);
    free(before);
    free(after);
    assert_int_equal(
        test_count_entries(test_path(into, "davis/JPEGImages/480p/train_000000")), n_long);
    test_temp_dir_remove(longer);
    test_temp_dir_remove(shorter);
    test_temp_dir_remove(into);
}

static void davis_refuses_clips_and_masks_of_another_world(void **state)
{
    (void)state;
    ask_error err = {0};
    int n_frames;
    char *into = test_temp_dir_make(), *one = make_one(&n_frames, LONGER);
    CHECK_OK(write_davis(world.dir, into, &err), &err);
    refuse_davis(one, into, "JPEGImages/480p/train_000001");
    test_temp_dir_remove(into);
    into = test_temp_dir_make();
    CHECK_OK(write_davis(one, into, &err), &err);
    test_write_text(test_path(into, "davis/Annotations/480p/train_000000/00400.png"), "");
    refuse_davis(one, into, "Annotations/480p/train_000000/00400.png");
    unlink(test_path(into, "davis/Annotations/480p/train_000000/00400.png"));
    CHECK_OK(write_davis(one, into, &err), &err);
    test_temp_dir_remove(one);
    test_temp_dir_remove(into);
}

/* ---- the study of selective attention ---- */

/* Splits a prompt as the study does: at a number, a point and spaces. Parts are kept in the
 * text; returns how many questions there are. */
static int split_prompt(const char *parts[8], char *text)
{
    int n = 0;
    for (char *at = text; *at; at++) {
        char *end = at;
        while (isdigit((unsigned char)*end)) end++;
        if (end == at || *end != '.') continue;
        *at = '\0';
        for (end++; *end == ' '; end++) continue;
        assert_true(n < 8);
        parts[n++] = end;
        at = end - 1;
    }
    for (char *c = text; *c; c++) *c = (char)tolower((unsigned char)*c);
    static const char *const telling[] = {"?", "what", "how", "why", "list"};
    for (size_t i = 0; i < TEST_COUNT(telling); i++) // else it would be a question, too
        assert_null(strstr(text, telling[i]));
    return n;
}

/* The question of the clip with this text, behind which spaces may follow. */
static const ask_world_question *find_question(const ask_world_clip *c, const char *text)
{
    for (int k = 0; k < c->n_questions; k++) {
        size_t n = strlen(c->questions[k].text);
        if (strncmp(c->questions[k].text, text, n) == 0 &&
            text[n + strspn(text + n, " ")] == '\0')
            return &c->questions[k];
    }
    fail_msg("no question is \"%s\"", text);
    return NULL;
}

static void check_prompt(const ask_world_clip *c, const char *prompt,
                         ask_json_value answers)
{
    const char *parts[8];
    char *text = strdup(prompt);
    int n = split_prompt(parts, text);
    assert_in_range(n, 1, 5);
    assert_int_equal(ask_json_count(answers), n);
    for (int i = 0; i < n; i++) {
        char key[8];
        snprintf(key, sizeof key, "q%d", i + 1);
        const char *answer = text_of(answers, key);
        if (i < n - 1)
            assert_string_equal(answer,
                                ask_question_open_answer(find_question(c, parts[i])));
        else
            assert_string_equal(parts[i], "describe the sequence of actions");
    }
    free(text);
}

static void prompts_have_the_answers_of_the_truth(void **state)
{
    (void)state;
    ask_json *prompts = layouts_json(&world, "selective-attention/datasets/prompts.json");
    ask_json *answers =
        layouts_json(&world, "selective-attention/datasets/ground_truth_answer.json");
    assert_int_equal(ask_json_count(ask_json_root(prompts)), world.n_clips);
    assert_int_equal(ask_json_count(ask_json_root(answers)), world.n_clips);
    for (int k = 0; k < world.n_clips; k++) {
        char video[32];
        snprintf(video, sizeof video, "train_%06d", k);
        check_prompt(&world.clips[k],
                     text_of(ask_json_member(ask_json_root(prompts), video), "prompt"),
                     ask_json_member(ask_json_root(answers), video));
    }
    ask_json_free(prompts);
    ask_json_free(answers);
}

/* The template with its holes filled is the label. */
static void check_label(ask_json_value v)
{
    static const char hole[] = "[something]";
    const char *template = text_of(v, "template");
    char filled[256] = "";
    size_t n = 0;
    for (const char *at; (at = strstr(template, hole)); template = at + strlen(hole)) {
        char path[32];
        snprintf(path, sizeof path, "placeholders.%zu", n++);
        snprintf(filled + strlen(filled), sizeof filled - strlen(filled), "%.*s%s",
                 (int)(at - template), template, text_of(v, path));
    }
    snprintf(filled + strlen(filled), sizeof filled - strlen(filled), "%s", template);
    assert_string_equal(filled, text_of(v, "label"));
    assert_int_equal(ask_json_count(ask_json_member(v, "placeholders")), n);
}

static void labels_are_filled_templates_that_are_listed(void **state)
{
    (void)state;
    ask_json *labels = layouts_json(&world, "selective-attention/datasets/labels.json");
    ask_json *templates = layouts_json(&world, "selective-attention/labels/labels.json");
    assert_int_equal(ask_json_count(ask_json_root(templates)), ASK_N_EVENTS);
    for (int k = 0; k < world.n_clips; k++) {
        char video[32], number[8];
        snprintf(video, sizeof video, "train_%06d", k);
        ask_json_value v = ask_json_member(ask_json_root(labels), video);
        check_label(v);
        snprintf(number, sizeof number, "%d", world.clips[k].scene.events[0].kind);
        ask_json_value listed =
            ask_json_member(ask_json_root(templates), text_of(v, "template"));
        assert_string_equal(text_of(listed, NULL), number);
    }
    ask_json_free(labels);
    ask_json_free(templates);
}

/* The toys that a prompt's questions are about, in their order, each once; those that do
 * something where they are about none. */
typedef struct {
    int toys[ASK_SCENE_MAX_TOYS], n;
} asked_toys;

static void add_toy(asked_toys *out, int toy)
{
    for (int i = 0; i < out->n; i++)
        if (out->toys[i] == toy) return;
    out->toys[out->n++] = toy;
}

static asked_toys toys_of_prompt(const ask_world_clip *c, const char *prompt)
{
    const char *parts[8];
    char *text = strdup(prompt);
    asked_toys t = {.n = 0};
    int n = split_prompt(parts, text);
    for (int i = 0; i < n - 1; i++) { // the last is for the sequence of events
        const ask_world_question *q = find_question(c, parts[i]);
        for (int k = 0; k < q->n_objects; k++) add_toy(&t, q->objects[k]);
    }
    for (int i = 0; i < c->scene.n_events && t.n == 0; i++)
        add_toy(&t, c->scene.events[i].toy);
    free(text);
    return t;
}

static int64_t int_of(ask_json_value v, const char *path)
{
    int64_t number;
    ask_error err = {0};
    CHECK_OK(ask_json_get_int(&number, v, path, 0, SIDE, &err), &err);
    return number;
}

/* Number, name, score and box of a toy's mask. */
static void check_told(const ask_toy_view *t, int frame, int track, ask_json_value told)
{
    char name[64];
    double score;
    ask_error err = {0};
    snprintf(name, sizeof name, "frame_%04d_track_%d.npy", frame, track);
    CHECK_OK(ask_json_get_double(&score, told, "score", &err), &err);
    assert_string_equal(text_of(told, "mask_file"), name);
    assert_true(int_of(told, "track_id") == track && score == 1);
    const int box[] = {t->x0, t->y0, t->x1 - 1, t->y1 - 1};
    for (int i = 0; i < 4; i++) {
        char path[16];
        snprintf(path, sizeof path, "bbox.%d", i);
        assert_int_equal(int_of(told, path), box[i]);
    }
}

static void check_mask(const ask_scene_view *v, int clip, int toy, ask_json_value told)
{
    ask_error err = {0};
    ask_npy mask;
    CHECK_OK(
        ask_npy_read(&mask,
                     layouts_path(&world, "selective-attention/masks/train_%06d/masks/%s",
                                  clip, text_of(told, "mask_file")),
                     &err),
        &err);
    assert_true(mask.type == ASK_NPY_U1 && mask.n_dims == 2 && mask.shape[0] == SIDE &&
                mask.shape[1] == SIDE);
    const uint8_t *px = mask.data;
    for (int i = 0; i < N_PX; i++) assert_int_equal(px[i], v->ids[i] == toy + 1);
    ask_npy_free(&mask);
}

/* Every toy in question that is seen in the frame has its mask, and no other. */
static int check_masks(const ask_scene_view *v, int clip, const asked_toys *t,
                       ask_json_value frame)
{
    int n = 0;
    assert_int_equal(ask_json_type_of(frame), ASK_JSON_ARRAY);
    for (int i = 0; i < t->n; i++) {
        int toy = t->toys[i];
        if (v->toys[toy].n_px == 0) continue;
        ask_json_value told = ask_json_item(frame, n++);
        check_told(&v->toys[toy], v->frame, i + 1, told);
        if (v->frame % 5 == 0) check_mask(v, clip, toy, told);
    }
    assert_int_equal(ask_json_count(frame), n);
    return n;
}

static void masks_are_those_of_the_toys_in_question(void **state)
{
    (void)state;
    ask_json *prompts = layouts_json(&world, "selective-attention/datasets/prompts.json");
    for (int k = 0; k < world.n_clips; k++) {
        const ask_world_clip *c = &world.clips[k];
        char name[96];
        int n_masks = 0;
        ask_json_value prompt =
            ask_json_member(ask_json_root(prompts), layouts_video(&world, k));
        asked_toys toys = toys_of_prompt(c, text_of(prompt, "prompt"));
        snprintf(name, sizeof name,
                 "selective-attention/masks/train_%06d/masks/mask_metadata.json", k);
        ask_json *doc = layouts_json(&world, name);
        for (int t = 0; t < c->scene.n_frames; t++) {
            char key[16];
            snprintf(key, sizeof key, "%d", t);
            n_masks += check_masks(&c->views[t], k, &toys,
                                   ask_json_member(ask_json_root(doc), key));
        }
        assert_true(n_masks > 0);
        assert_int_equal(test_count_entries(layouts_path(
                             &world, "selective-attention/masks/train_%06d/masks", k)),
                         n_masks + 1);
        ask_json_free(doc);
    }
    ask_json_free(prompts);
}

/* ---- SJTU-VIS ---- */

/* Of all pixels with 255, how many lie on toys; every other has 0. */
static void count_looks(int *n_looks, int on[ASK_SCENE_MAX_TOYS], const ask_image *map,
                        const ask_scene_view *v)
{
    memset(on, 0, ASK_SCENE_MAX_TOYS * sizeof *on);
    *n_looks = 0;
    for (int i = 0; i < N_PX; i++) {
        const uint8_t *rgb = map->pixels + 3 * i;
        assert_true((rgb[0] == 0 || rgb[0] == 255) && rgb[0] == rgb[1] && rgb[1] == rgb[2]);
        if (rgb[0] == 0) continue;
        assert_true(v->ids[i] > 0); // somebody looks at a toy
        on[v->ids[i] - 1]++;
        ++*n_looks;
    }
}

/* The frame of a clip that a picture shows. */
static int frame_of(const ask_world_clip *c, const ask_image *shown)
{
    ask_error err = {0};
    ask_painter *painter = ask_painter_new(&err);
    ask_image painted;
    int found = -1;
    CHECK_OK(ask_image_new(&painted, SIDE, SIDE, 3, &err), &err);
    for (int t = 0; t < c->scene.n_frames && found < 0; t++) {
        ask_paint(painter, &c->scene, t, &painted, NULL);
        if (memcmp(painted.pixels, shown->pixels, 3 * N_PX) == 0) found = t;
    }
    ask_image_free(&painted);
    ask_painter_free(painter);
    assert_true(found >= 0);
    return found;
}

static char *part_of(const ask_zip *zip, const char *name)
{
    size_t i, n;
    char *text;
    ask_error err = {0};
    CHECK_CASE(name, ask_zip_find(&i, zip, name));
    CHECK_OK(ask_zip_read(&text, &n, zip, i, 1 << 20, &err), &err);
    return text;
}

/* What is behind the n-th "<tag" of a part, from 0 on; NULL: there are fewer. */
static const char *nth(const char *part, const char *tag, int n)
{
    const char *at = strstr(part, tag);
    for (; at && n > 0; n--) at = strstr(at + 1, tag);
    return at;
}

/* The number in column A, B, C of a row of a sheet. */
static int cell(const char *sheet, int row, char column)
{
    char tag[16];
    snprintf(tag, sizeof tag, "<c r=\"%c%d\"", column, row);
    const char *at = strstr(sheet, tag), *value = at ? strstr(at, "<v>") : NULL;
    if (!value) fail_msg("there is no cell %c%d", column, row);
    return atoi(value + 3);
}

/* The row of the sheet "partial" for a description of a clip; rows count from 1, and the
 * first is the head. */
static int find_row(const char *partial, int clip, int description)
{
    for (int row = 2; nth(partial, "<row ", row - 1); row++)
        if (cell(partial, row, 'A') == clip && cell(partial, row, 'B') == description)
            return row;
    fail_msg("clip %d has no description %d", clip, description);
    return 0;
}

/* What people heard of a clip's k-th toy; freed by the caller. */
static char *partial_text(int clip, int k)
{
    ask_error err = {0};
    ask_zip *zip = ask_zip_open(layouts_path(&world, "sjtu-vis/text.xlsx"), &err);
    CHECK_OK(zip, &err);
    char *partial = part_of(zip, "xl/worksheets/sheet2.xml"),
         *texts = part_of(zip, "xl/sharedStrings.xml");
    int row = find_row(partial, clip, k);
    const char *text = nth(texts, "<si><t", cell(partial, row, 'C'));
    assert_non_null(text);
    text = strchr(text + strlen("<si><t"), '>') + 1;
    char *said = strndup(text, strcspn(text, "<"));
    free(partial);
    free(texts);
    ask_zip_close(zip);
    return said;
}

static int most_looked_at(const int on[ASK_SCENE_MAX_TOYS])
{
    int most = 0;
    for (int i = 1; i < ASK_SCENE_MAX_TOYS; i++)
        if (on[i] > on[most]) most = i;
    return most;
}

/* The toy is described by its colour and its shape. */
static void check_named(const ask_world_clip *c, int clip, int k, int toy, int frame)
{
    char *said = partial_text(clip, k);
    const char *color = ask_color_name(ask_scene_color_of(&c->scene, toy, frame)),
               *shape = ask_shape_name(c->scene.toys[toy].shape);
    if (!strstr(said, color) || !strstr(said, shape))
        fail_msg("clip %d: the %s %s is looked at, and %d is \"%s\"", clip, color, shape, k,
                 said);
    free(said);
}

/* Of the map for nothing said (-1), all said (0), a toy named (1 on): which toy people look
 * at most. */
static int check_map(int clip, int k, const ask_scene_view *v, const ask_image *plain)
{
    char suffix[16] = "";
    if (k >= 0) snprintf(suffix, sizeof suffix, "_%d", k);
    ask_image map = read_image(
                  layouts_path(&world, "sjtu-vis/fixation/%012d%s.png", clip, suffix)),
              image = read_image(
                  layouts_path(&world, "sjtu-vis/image/%012d%s.png", clip, suffix));
    assert_memory_equal(image.pixels, plain->pixels, 3 * N_PX);
    int n_looks, on[ASK_SCENE_MAX_TOYS];
    count_looks(&n_looks, on, &map, v);
    assert_in_range(n_looks, 50, 120);
    int most = most_looked_at(on);
    if (k > 0) assert_true(2 * on[most] > n_looks); // the toy that was named
    ask_image_free(&map);
    ask_image_free(&image);
    return most;
}

static void check_gaze(const ask_world_clip *c, int clip)
{
    ask_image plain = read_image(layouts_path(&world, "sjtu-vis/image/%012d.png", clip));
    int frame = frame_of(c, &plain), n_toys = 0, n_named = 0;
    const ask_scene_view *v = &c->views[frame];
    for (int i = 0; i < c->scene.n_toys; i++) n_toys += v->toys[i].n_px > 0;
    check_map(clip, -1, v, &plain);
    check_map(clip, 0, v, &plain);
    for (int k = 1;; k++) {
        const char *path = layouts_path(&world, "sjtu-vis/fixation/%012d_%d.png", clip, k);
        if (access(path, F_OK) != 0) break;
        check_named(c, clip, k, check_map(clip, k, v, &plain), frame);
        n_named++;
    }
    assert_in_range(n_named, 1, n_toys < 3 ? n_toys : 3);
    ask_image_free(&plain);
}

static void people_look_at_toys_and_most_at_what_was_named(void **state)
{
    (void)state;
    for (int k = 0; k < world.n_clips; k++) check_gaze(&world.clips[k], k);
}

static int count_of(const char *text, const char *part)
{
    int n = 0;
    for (; (text = strstr(text, part)); text += strlen(part)) n++;
    return n;
}

static void the_workbook_has_a_text_for_every_prompt(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_zip *zip = ask_zip_open(layouts_path(&world, "sjtu-vis/text.xlsx"), &err);
    CHECK_OK(zip, &err);
    char *book = part_of(zip, "xl/workbook.xml");
    char *overall = part_of(zip, "xl/worksheets/sheet1.xml");
    char *partial = part_of(zip, "xl/worksheets/sheet2.xml");
    char *texts = part_of(zip, "xl/sharedStrings.xml");
    assert_true(strstr(book, "name=\"overall\"") < strstr(book, "name=\"partial\""));
    int n_named =
        test_count_entries(layouts_path(&world, "sjtu-vis/fixation")) - 2 * world.n_clips;
    assert_int_equal(count_of(overall, "<row "), 1 + world.n_clips);
    assert_int_equal(count_of(partial, "<row "), 1 + n_named);
    assert_non_null(strstr(texts, "<si><t xml:space=\"preserve\">image</t></si><si><t "
                                  "xml:space=\"preserve\">text</t></si><si><t "
                                  "xml:space=\"preserve\">image</t></si><si><t "
                                  "xml:space=\"preserve\">description</t></si>"));
    assert_int_equal(count_of(texts, "<si>"), 5 + world.n_clips + n_named);
    free(book);
    free(overall);
    free(partial);
    free(texts);
    ask_zip_close(zip);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(davis_lists_its_clips),
        cmocka_unit_test(davis_has_every_frame_and_its_objects),
        cmocka_unit_test(davis_of_two_worlds_is_not_mixed),
        cmocka_unit_test(davis_refuses_clips_and_masks_of_another_world),
        cmocka_unit_test(prompts_have_the_answers_of_the_truth),
        cmocka_unit_test(labels_are_filled_templates_that_are_listed),
        cmocka_unit_test(masks_are_those_of_the_toys_in_question),
        cmocka_unit_test(people_look_at_toys_and_most_at_what_was_named),
        cmocka_unit_test(the_workbook_has_a_text_for_every_prompt),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
