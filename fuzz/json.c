/* JSON texts: what is read, written and read again must come out the same. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_write.h"

static void copy(ask_json_writer *w, const char *key, ask_json_value v)
{
    int64_t whole;
    double real;
    bool truth;
    const char *text;
    ask_error err;
    switch (ask_json_type_of(v)) {
    case ASK_JSON_INT:
        if (!ask_json_get_int(&whole, v, NULL, INT64_MIN, INT64_MAX, &err)) abort();
        ask_json_put_int(w, key, whole);
        break;
    case ASK_JSON_REAL:
        if (!ask_json_get_double(&real, v, NULL, &err)) abort();
        ask_json_put_double(w, key, real);
        break;
    case ASK_JSON_BOOL:
        if (!ask_json_get_bool(&truth, v, NULL, &err)) abort();
        ask_json_put_bool(w, key, truth);
        break;
    case ASK_JSON_STRING:
        if (!ask_json_get_string(&text, v, NULL, &err)) abort();
        ask_json_put_string(w, key, text);
        break;
    case ASK_JSON_ARRAY:
        ask_json_open_array(w, key);
        for (size_t i = 0; i < ask_json_count(v); i++) copy(w, NULL, ask_json_item(v, i));
        ask_json_close(w);
        break;
    case ASK_JSON_OBJECT:
        ask_json_open_object(w, key);
        for (ask_json_walk m = {0}; ask_json_next(v, &m);) copy(w, m.key, m.value);
        ask_json_close(w);
        break;
    default:
        ask_json_put_null(w, key);
    }
    // A getter of the wrong kind must say where, and nothing worse.
    if (ask_json_type_of(v) != ASK_JSON_OBJECT && ask_json_get_object(&v, v, NULL, &err))
        abort();
}

static void write_again(ask_str *out, const char *text, size_t bytes)
{
    ask_json_limits limits = {.max_bytes = SIZE_MAX,
                              .max_depth = ASK_JSON_WRITER_MAX_DEPTH};
    ask_error err;
    ask_json *doc = ask_json_parse(text, bytes, "fuzz", &limits, &err);
    if (!doc) return;
    copy(&(ask_json_writer){.out = out, .pretty = bytes % 2}, NULL, ask_json_root(doc));
    ask_json_find(ask_json_root(doc), "a.0.b");
    ask_json_free(doc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ask_str once = {0}, twice = {0};
    write_again(&once, (const char *)data, size);
    if (once.length > 0) {
        bool pretty = size % 2;
        ask_json_limits limits = ask_json_default_limits();
        ask_error err;
        ask_json *doc = ask_json_parse(once.data, once.length, "again", &limits, &err);
        if (!doc) abort();
        copy(&(ask_json_writer){.out = &twice, .pretty = pretty}, NULL, ask_json_root(doc));
        ask_json_free(doc);
        if (strcmp(once.data, ask_str_text(&twice)) != 0) abort();
    }
    ask_str_free(&once);
    ask_str_free(&twice);
    return 0;
}
