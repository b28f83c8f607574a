/* Templates: what is read is rendered within its limits, or says why not. */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "text/template.h"

static const char variables[] =
    "{\"s\":\"a \\u00e9\\n "
    "b\",\"n\":7,\"f\":-2.5,\"yes\":true,\"nil\":null,\"l\":[3,\"x\",[1]],"
    "\"d\":{\"a\":1,\"b\":{\"c\":[]}},\"bos_token\":\"<s>\",\"eos_token\":\"</s>\","
    "\"add_generation_prompt\":true,\"messages\":[{\"role\":\"system\",\"content\":\"be\"},"
    "{\"role\":\"user\",\"content\":[{\"type\":\"video\"},{\"type\":\"text\",\"text\":\"?"
    "\"}]},"
    "{\"role\":\"assistant\",\"content\":\" so \"}]}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ask_error err;
    ask_template *t = ask_template_parse((const char *)data, size, "fuzz", &err);
    if (!t) return 0;
    ask_json *doc = ask_json_parse(variables, strlen(variables), "variables", NULL, &err);
    if (!doc) abort();
    ask_template_limits limits = {
        .max_steps = 20000, .max_bytes = 4 << 20, .now_unix_s = 1700000000};
    char *text = ask_template_render(t, ask_json_root(doc), &limits, &err);
    if (text && !ask_utf8_valid(text, strlen(text))) abort();
    if (!text && err.code == ASK_ERR_BUG) abort();
    free(text);
    ask_json_free(doc);
    ask_template_free(t);
    return 0;
}
