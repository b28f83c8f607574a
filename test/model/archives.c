/* A checkpoint in every form in which torch has saved one gives what the reference gave. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "model/verify.h"
#include "support/testing.h"

static void copy(const char *dir, const char *to, const char *of, const char *from)
{
    char name[64];
    size_t n_bytes;
    ask_format(name, sizeof name, "golden/%s/%s", of, from);
    char *bytes = test_read(test_fixture(name), &n_bytes);
    test_write(test_path(dir, to), bytes, n_bytes);
    free(bytes);
}

static void a_network_is_verified_from_each_archive(void **state)
{
    (void)state;
    static const char *const beside[] = {"config.json", "inputs.safetensors",
                                         "outputs.safetensors"};
    static const struct {
        const char *network, *archive;
    } cases[] = {
        {"bert", "pytorch_model.bin"},
        {"bert", "legacy.pth"},
        {"bert", "nested.pth"},
        {"roberta", "pytorch_model.bin"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const char *network = cases[i].network;
        char *dir = test_temp_dir_make();
        for (size_t k = 0; k < TEST_COUNT(beside); k++)
            copy(dir, beside[k], network, beside[k]);
        if (strcmp(network, "bert") == 0)
            copy(dir, "token_type.safetensors", network, "token_type.safetensors");
        copy(dir, "pytorch_model.bin", network, cases[i].archive);
        ask_error err = {0};
        ask_verify_report r;
        CHECK_OK(ask_model_verify(&r, dir, NULL, &err), &err);
        CHECK_CASE(cases[i].archive, r.n_rows > 0 && r.n_passed == r.n_rows);
        ask_verify_report_free(&r);
        test_temp_dir_remove(dir);
    }
}

static void an_archive_that_lacks_a_tensor_is_told(void **state)
{
    (void)state;
    char *dir = test_temp_dir_make();
    size_t n_bytes;
    copy(dir, "config.json", "bert", "config.json");
    copy(dir, "inputs.safetensors", "bert", "inputs.safetensors");
    copy(dir, "outputs.safetensors", "bert", "outputs.safetensors");
    char *bytes = test_read(test_fixture("torch/features.pth"), &n_bytes);
    test_write(test_path(dir, "pytorch_model.bin"), bytes, n_bytes);
    free(bytes);
    ask_error err = {0};
    ask_verify_report r;
    assert_false(ask_model_verify(&r, dir, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, "pytorch_model.bin: missing tensors: "));
    assert_non_null(strstr(err.message, "clip.0"));
    test_temp_dir_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_network_is_verified_from_each_archive),
        cmocka_unit_test(an_archive_that_lacks_a_tensor_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
