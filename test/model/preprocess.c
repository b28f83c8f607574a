/* Pictures for vision towers, against the image processors of transformers: golden tensors,
 * and the hashes of many others. */
#include "model/preprocess.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "support/golden.h"

static const struct {
    const char *name;
    ask_processor processor;
} processors[] = {
    {"CLIP", ASK_PROCESSOR_CLIP},     {"Bit", ASK_PROCESSOR_BIT},
    {"Siglip", ASK_PROCESSOR_SIGLIP}, {"ViT", ASK_PROCESSOR_VIT},
    {"Blip", ASK_PROCESSOR_BLIP},
};

static ask_preprocess parse(const char *text, ask_processor processor)
{
    ask_preprocess p = {0};
    ask_error err = {0};
    CHECK_OK(ask_preprocess_parse(&p, text, strlen(text), "test.json", processor, &err),
             &err);
    return p;
}

/* What a picture becomes; freed by the caller. */
static float *apply(int *width, int *height, const ask_preprocess *p,
                    const ask_image *image)
{
    ask_error err = {0};
    CHECK_OK(ask_preprocess_size(width, height, p, image, &err), &err);
    float *out = calloc((size_t)*width * (size_t)*height, 3 * sizeof *out);
    assert_non_null(out);
    CHECK_OK(ask_preprocess_apply(out, p, image, &err), &err);
    return out;
}

/* ---- golden ---- */

static void check_golden(golden *file, const char *processor, const char *image)
{
    const ask_weights_entry *source = golden_get(file, "%s", image);
    const ask_weights_entry *expected =
        golden_get(file, "%s.%s.pixel_values", processor, image);
    char path[128];
    snprintf(path, sizeof path, "golden/preprocess/%s/preprocessor_config.json", processor);
    ask_preprocess p = {0};
    ask_error err = {0};
    CHECK_OK(ask_preprocess_read(&p, test_fixture(path), ASK_PROCESSOR_CLIP, &err), &err);

    const ask_image in = {.width = (int)source->shape[1],
                          .height = (int)source->shape[0],
                          .channels = 3,
                          .pixels = (uint8_t *)source->data};
    int width, height;
    float *out = apply(&width, &height, &p, &in);
    CHECK_CASE(expected->name, expected->n_dims == 4 && expected->shape[1] == 3 &&
                                   height == expected->shape[2] &&
                                   width == expected->shape[3]);
    CHECK_CASE(expected->name, memcmp(out, expected->data, expected->bytes) == 0);
    free(out);
}

static void the_golden_tensors_come_out_exactly(void **state)
{
    (void)state;
    static const char *const names[] = {"clip", "siglip", "dinov2", "vit", "blip"};
    golden file = golden_open("preprocess");
    for (size_t i = 0; i < TEST_COUNT(names); i++) {
        check_golden(&file, names[i], "image0");
        check_golden(&file, names[i], "image1");
        check_golden(&file, names[i], "image2");
    }
    assert_null(golden_unused(&file));
    golden_close(&file);
}

/* Frames of a video, one by one. */
static void frames_of_a_video_come_out_exactly(void **state)
{
    (void)state;
    golden file = golden_open("preprocess_video");
    const ask_weights_entry *frames = golden_get(&file, "frames");
    const ask_weights_entry *expected =
        golden_get(&file, "llava_next_video.frames.pixel_values_videos");
    ask_preprocess p = {0};
    ask_error err = {0};
    const char *path = test_fixture("golden/preprocess_video/preprocessor_config.json");
    CHECK_OK(ask_preprocess_read(&p, path, ASK_PROCESSOR_CLIP, &err), &err);
    size_t n_in = (size_t)(frames->shape[1] * frames->shape[2] * 3);
    size_t n_out = (size_t)(expected->shape[3] * expected->shape[4] * 3) * sizeof(float);
    for (int64_t i = 0; i < frames->shape[0]; i++) {
        const ask_image in = {.width = (int)frames->shape[2],
                              .height = (int)frames->shape[1],
                              .channels = 3,
                              .pixels = (uint8_t *)frames->data + (size_t)i * n_in};
        int width, height;
        float *out = apply(&width, &height, &p, &in);
        assert_true(width == expected->shape[4] && height == expected->shape[3]);
        assert_memory_equal(out, (const char *)expected->data + (size_t)i * n_out, n_out);
        free(out);
    }
    golden_close(&file);
}

/* ---- hashes; tools/golden/preprocess.py has the other half of this ---- */

typedef struct {
    unsigned number;
    char mode[8], digest[65], processor[8];
    int width, height, out_width, out_height;
    const char *file;
} hash_case;

static hash_case parse_case(const char *line)
{
    hash_case c = {0};
    int n = 0;
    if (sscanf(line, "%u %7s %dx%d %dx%d %64s %7s %n", &c.number, c.mode, &c.width,
               &c.height, &c.out_width, &c.out_height, c.digest, c.processor, &n) != 8)
        fail_msg("\"%s\": a line of no known form", line);
    c.file = line + n;
    return c;
}

static ask_processor processor_named(const char *name)
{
    for (size_t i = 0; i < TEST_COUNT(processors); i++)
        if (strcmp(processors[i].name, name) == 0) return processors[i].processor;
    fail_msg("no processor is called %s", name);
    return ASK_PROCESSOR_CLIP;
}

static ask_image noise_picture(int width, int height, int channels, uint32_t seed)
{
    ask_image image = {0};
    ask_error err = {0};
    CHECK_OK(ask_image_new(&image, width, height, channels, &err), &err);
    for (int i = 0; i < width * height * channels; i++) {
        seed = seed * 1664525 + 1013904223;
        image.pixels[i] = (uint8_t)(seed >> 24);
    }
    return image;
}

static void many_files_and_pictures_have_the_processors_hashes(void **state)
{
    (void)state;
    size_t n_bytes = 0;
    char *text = test_read(test_fixture("preprocess/hashes.txt"), &n_bytes);
    int n_cases = 0;
    for (char *save = NULL, *line = strtok_r(text, "\n", &save); line;
         line = strtok_r(NULL, "\n", &save), n_cases++) {
        hash_case c = parse_case(line);
        ask_preprocess p = parse(c.file, processor_named(c.processor));
        ask_image in = noise_picture(c.width, c.height, (int)strlen(c.mode), c.number);
        int width, height;
        float *out = apply(&width, &height, &p, &in);
        CHECK_CASE(line, width == c.out_width && height == c.out_height);
        uint8_t digest[ASK_SHA256_BYTES];
        char hex[65];
        ask_sha256_of(digest, out, (size_t)width * (size_t)height * 3 * sizeof *out);
        ask_hex(hex, digest, sizeof digest);
        CHECK_CASE(line, strcmp(hex, c.digest) == 0);
        free(out);
        ask_image_free(&in);
    }
    assert_int_equal(n_cases, 337);
    free(text);
}

/* ---- files ---- */

static void check_same(const char *name, const ask_preprocess *a, const ask_preprocess *b)
{
    CHECK_CASE(name, a->fit == b->fit && a->filter == b->filter);
    CHECK_CASE(name, a->width_px == b->width_px && a->height_px == b->height_px &&
                         a->shorter_px == b->shorter_px);
    CHECK_CASE(name, a->crop_width_px == b->crop_width_px &&
                         a->crop_height_px == b->crop_height_px);
    CHECK_CASE(name, a->scale == b->scale);
    CHECK_CASE(name, memcmp(a->mean, b->mean, sizeof a->mean) == 0 &&
                         memcmp(a->std, b->std, sizeof a->std) == 0);
}

static void an_empty_file_has_the_defaults(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(processors); i++) {
        ask_preprocess read = parse("{}", processors[i].processor);
        ask_preprocess defaults = ask_preprocess_defaults(processors[i].processor, 0);
        check_same(processors[i].name, &read, &defaults);
    }
}

static void defaults_take_the_side_of_the_network(void **state)
{
    (void)state;
    static const struct {
        const char *name, *file;
        ask_processor processor;
    } cases[] = {
        {"CLIP", "{\"size\": 336, \"crop_size\": 336}", ASK_PROCESSOR_CLIP},
        {"SigLIP", "{\"size\": {\"height\": 336, \"width\": 336}}", ASK_PROCESSOR_SIGLIP},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_preprocess read = parse(cases[i].file, cases[i].processor);
        ask_preprocess defaults = ask_preprocess_defaults(cases[i].processor, 336);
        check_same(cases[i].name, &read, &defaults);
    }
}

static void a_file_may_name_the_processor_in_several_ways(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        ask_processor processor;
    } cases[] = {
        {"{\"image_processor_type\": \"ViTImageProcessor\"}", ASK_PROCESSOR_VIT},
        {"{\"image_processor_type\": \"ViTImageProcessorFast\"}", ASK_PROCESSOR_VIT},
        {"{\"feature_extractor_type\": \"ViTFeatureExtractor\"}", ASK_PROCESSOR_VIT},
        {"{\"image_processor_type\": \"BlipImageProcessor\","
         " \"feature_extractor_type\": \"ViTFeatureExtractor\"}",
         ASK_PROCESSOR_BLIP},
        {"{\"image_processor_type\": \"InstructBlipVideoImageProcessor\"}",
         ASK_PROCESSOR_BLIP},
        {"{\"image_processor_type\": null}", ASK_PROCESSOR_SIGLIP},
        {"{\"processor_class\": \"CLIPProcessor\"}", ASK_PROCESSOR_SIGLIP},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_preprocess read = parse(cases[i].file, ASK_PROCESSOR_SIGLIP);
        ask_preprocess defaults = ask_preprocess_defaults(cases[i].processor, 0);
        check_same(cases[i].file, &read, &defaults);
    }
}

static void bad_files_are_refused_with_the_reason(void **state)
{
    (void)state;
    static const struct {
        const char *file, *message; // what the message holds
    } cases[] = {
        {"", "p.json:1"},
        {"[1]", "p.json: expected an object, got an array"},
        {"{\"size\": 224,", "p.json:1"},
        {"{\"image_processor_type\": 3}",
         "key \"image_processor_type\": expected a string"},
        {"{\"image_processor_type\": \"Qwen2VLImageProcessor\"}",
         "no image processor \"Qwen2VLImageProcessor\" here; there are "
         "CLIPImageProcessor, "},
        {"{\"image_processor_type\": \"SamImageProcessor\"}", "\"SamImage"},
        {"{\"image_processor_type\": \"VideoLlavaImageProcessor\"}", "\"VideoLlavaImage"},
        {"{\"image_processor_type\": \"CLIP\"}", "no image processor \"CLIP\""},
        {"{\"feature_extractor_type\": \"WhisperFeatureExtractor\"}", "\"WhisperFeature"},
        {"{\"do_resize\": 1}", "key \"do_resize\": expected true or false"},
        {"{\"size\": 0}", "key \"size\": expected an integer from 1 to 4096, got 0"},
        {"{\"size\": 224.5}", "key \"size\""},
        {"{\"size\": \"224\"}", "key \"size\": expected an integer"},
        {"{\"size\": [224]}", "key \"size\": expected a height and a width"},
        {"{\"size\": [224, -3]}", "from 1 to 4096, got -3"},
        {"{\"size\": {\"shortest_edge\": 100000000}}", "key \"size.shortest_edge\""},
        {"{\"size\": {\"shortest_edge\": 99999999999999999999}}",
         "key \"size.shortest_edge\""},
        {"{\"size\": {\"longest_edge\": 224}}", "key \"size.height\" is missing"},
        {"{\"size\": {\"height\": 224}}", "key \"size.width\" is missing"},
        {"{\"crop_size\": {\"height\": 5000, \"width\": 1}}", "key \"crop_size.height\""},
        {"{\"crop_size\": {\"shortest_edge\": 224}}",
         "key \"crop_size.height\" is missing"},
        {"{\"resample\": 6}", "key \"resample\": expected an integer from 0 to 5, got 6"},
        {"{\"resample\": \"bicubic\"}", "key \"resample\": expected an integer"},
        {"{\"rescale_factor\": \"x\"}", "key \"rescale_factor\": expected a number"},
        {"{\"image_mean\": [0.5]}", "expected a number for each of 3 channels, got 1"},
        {"{\"image_mean\": [0.5, 0.5, null]}", "expected a number, got null"},
        {"{\"image_mean\": 1e300}", "too large"},
        {"{\"image_std\": [1, 0, 1]}", "a deviation of 0 cannot be divided by"},
        {"{\"image_processor_type\": \"ViTImageProcessor\", \"size\": {\"shortest_edge\": "
         "9}}",
         "key \"size.height\" is missing"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_preprocess p = {.scale = 77};
        ask_error err = {0};
        CHECK_CASE(cases[i].file,
                   !ask_preprocess_parse(&p, cases[i].file, strlen(cases[i].file), "p.json",
                                         ASK_PROCESSOR_CLIP, &err));
        CHECK_CASE(cases[i].file, err.code == ASK_ERR_MODEL && p.scale == 77);
        if (!strstr(err.message, cases[i].message))
            fail_msg("case %s: \"%s\"", cases[i].file, err.message);
    }
}

static void a_missing_file_is_the_models_fault(void **state)
{
    (void)state;
    ask_preprocess p = {.scale = 77};
    ask_error err = {0};
    assert_false(ask_preprocess_read(&p, "/nowhere/preprocessor_config.json",
                                     ASK_PROCESSOR_CLIP, &err));
    assert_true(err.code == ASK_ERR_MODEL && p.scale == 77);
    assert_non_null(strstr(err.message, "/nowhere/preprocessor_config.json"));
    assert_false(ask_preprocess_read(&p, "/nowhere", ASK_PROCESSOR_CLIP, NULL));
}

/* ---- pictures ---- */

/* A ViT's file is not asked about cropping: its processor has no such step. */
static void keys_of_other_processors_are_not_looked_at(void **state)
{
    (void)state;
    ask_preprocess p =
        parse("{\"do_center_crop\": true, \"crop_size\": 7}", ASK_PROCESSOR_VIT);
    ask_preprocess defaults = ask_preprocess_defaults(ASK_PROCESSOR_VIT, 0);
    check_same("ViT", &p, &defaults);
}

static void a_picture_too_long_to_resize_is_refused(void **state)
{
    (void)state;
    ask_preprocess p = ask_preprocess_defaults(ASK_PROCESSOR_CLIP, 224);
    ask_image in = {0};
    ask_error err = {0};
    float untouched = 7;
    int width = 77, height = 77;
    CHECK_OK(ask_image_new(&in, 1, 293, 3, &err), &err);
    assert_false(ask_preprocess_size(&width, &height, &p, &in, &err));
    assert_true(err.code == ASK_ERR_LIMIT && width == 77 && height == 77);
    assert_non_null(strstr(err.message, "1 x 293 px"));
    err = (ask_error){0};
    assert_false(ask_preprocess_apply(&untouched, &p, &in, &err));
    assert_true(err.code == ASK_ERR_LIMIT && untouched == 7);
    ask_image_free(&in);
}

static bool read_and_apply(void *user, ask_error *err)
{
    const int *channels = user;
    static float out[3 * 8 * 8];
    const char *path = test_fixture("golden/preprocess/clip/preprocessor_config.json");
    static const char text[] = "{\"size\": 8, \"crop_size\": [8, 8], \"image_mean\": 0.5}";
    ask_preprocess p;
    ask_image in = {0};
    bool ok =
        ask_preprocess_read(&p, path, ASK_PROCESSOR_CLIP, err) &&
        ask_preprocess_parse(&p, text, strlen(text), "p.json", ASK_PROCESSOR_CLIP, err) &&
        ask_image_new(&in, 9, 13, *channels, err) &&
        ask_preprocess_apply(out, &p, &in, err);
    ask_image_free(&in);
    return ok;
}

static void any_allocation_may_fail(void **state)
{
    (void)state;
    int channels[] = {1, 3, 4};
    for (size_t i = 0; i < TEST_COUNT(channels); i++)
        assert_true(test_each_alloc_fails("preprocess", read_and_apply, &channels[i]) > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_golden_tensors_come_out_exactly),
        cmocka_unit_test(frames_of_a_video_come_out_exactly),
        cmocka_unit_test(many_files_and_pictures_have_the_processors_hashes),
        cmocka_unit_test(an_empty_file_has_the_defaults),
        cmocka_unit_test(defaults_take_the_side_of_the_network),
        cmocka_unit_test(a_file_may_name_the_processor_in_several_ways),
        cmocka_unit_test(bad_files_are_refused_with_the_reason),
        cmocka_unit_test(a_missing_file_is_the_models_fault),
        cmocka_unit_test(keys_of_other_processors_are_not_looked_at),
        cmocka_unit_test(a_picture_too_long_to_resize_is_refused),
        cmocka_unit_test(any_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
