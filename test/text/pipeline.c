/* Each component of tokenizer.json, alone and together, against what the Hugging Face
 * tokenizers library makes of the same texts (tools/golden/pipelines.py). */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "support/testing.h"
#include "support/tokens.h"
#include "text/tokenizer.h"

/* A case's sections, with the model that it shares with others put in. */
static ask_tokenizer *open_case(ask_json_value models, ask_json_value c, const char *name)
{
    ask_error err = {0};
    const char *sections, *model;
    int64_t row;
    CHECK_OK(ask_json_get_string(&sections, c, "sections", &err), &err);
    CHECK_OK(ask_json_get_int(&row, c, "model", 0, INT32_MAX, &err), &err);
    CHECK_OK(ask_json_get_string(&model, ask_json_item(models, (size_t)row), NULL, &err),
             &err);
    ask_str json = {0};
    ask_str_printf(&json, "%.*s,\"model\":%s}", (int)strlen(sections) - 1, sections, model);
    ask_tokenizer *t = ask_tokenizer_parse(json.data, json.length, name, &err);
    if (!t) fail_msg("case \"%s\": %s", name, err.message);
    ask_str_free(&json);
    return t;
}

static void every_component_does_what_the_reference_does(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_json *doc;
    CHECK_OK(doc = ask_json_read(test_fixture("tokenizer/pipelines.json"), NULL, &err),
             &err);
    ask_json_value models = ask_json_find(ask_json_root(doc), "models");
    ask_json_value cases = ask_json_find(ask_json_root(doc), "cases");
    assert_true(ask_json_count(cases) > 50);
    for (size_t i = 0; i < ask_json_count(cases); i++) {
        const char *name;
        ask_json_value c = ask_json_item(cases, i);
        CHECK_OK(ask_json_get_string(&name, c, "name", &err), &err);
        ask_tokenizer *t = open_case(models, c, name);
        tokens_check_all(name, t, ask_json_find(c, "texts"));
        ask_tokenizer_close(t);
    }
    ask_json_free(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_component_does_what_the_reference_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
