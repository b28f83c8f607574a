#include "base/json.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/file.h"
#include "base/json_scan_priv.h"
#include "base/number.h"
#include "base/str.h"

struct ask_json {
    json_t *root;
    char *name; // what messages call the document
};

ask_json_limits ask_json_default_limits(void)
{
    return (ask_json_limits){.max_bytes = (size_t)256 << 20, .max_depth = 128};
}

ask_library ask_json_library(void)
{
    ask_library library = {.name = "jansson"};
    ask_format(library.version, sizeof library.version, "%s", jansson_version_str());
    return library;
}

/* ---- documents ---- */

static json_t *parse_text(const char *text, size_t bytes, const char *name,
                          const ask_json_limits *limits, ask_error *err)
{
    if (bytes >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        text += 3;
        bytes -= 3;
    }
    if (bytes > limits->max_bytes) {
        ask_fail(err, ASK_ERR_LIMIT, "%s: %zu bytes of JSON, at most %zu are read", name,
                 bytes, limits->max_bytes);
        return NULL;
    }
    int line = ask_json_line_too_deep(text, bytes, limits->max_depth);
    if (line > 0) {
        ask_fail(err, ASK_ERR_LIMIT, "%s:%d: nested deeper than %d levels", name, line,
                 limits->max_depth);
        return NULL;
    }
    char *copy = NULL;
    if (!ask_json_widen_integers(&copy, text, bytes, err)) return NULL;
    json_error_t fault;
    json_t *root = json_loadb(copy ? copy : text, bytes,
                              JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &fault);
    free(copy);
    bool no_memory = !fault.text[0] || json_error_code(&fault) == json_error_out_of_memory;
    if (!root && no_memory) {
        ask_fail_memory(err);
    } else if (!root) {
        ask_fail(err, ASK_ERR_FORMAT, "%s:%d:%d: %s", name, fault.line, fault.column,
                 fault.text);
    }
    return root;
}

ask_json *ask_json_parse(const char *text, size_t bytes, const char *name,
                         const ask_json_limits *limits, ask_error *err)
{
    ask_json_limits standard = ask_json_default_limits();
    ask_json *doc = calloc(1, sizeof *doc);
    if (!doc) {
        ask_fail_memory(err);
        return NULL;
    }
    doc->name = ask_strdup(name, err);
    if (doc->name) {
        doc->root = parse_text(text, bytes, name, limits ? limits : &standard, err);
    }
    if (!doc->root) {
        ask_json_free(doc);
        return NULL;
    }
    return doc;
}

ask_json *ask_json_read(const char *path, const ask_json_limits *limits, ask_error *err)
{
    ask_json_limits standard = ask_json_default_limits();
    if (!limits) limits = &standard;
    char *text;
    size_t bytes;
    if (!ask_file_read(&text, &bytes, path, limits->max_bytes, err)) return NULL;
    ask_json *doc = ask_json_parse(text, bytes, path, limits, err);
    free(text);
    return doc;
}

void ask_json_free(ask_json *doc)
{
    if (!doc) return;
    json_decref(doc->root);
    free(doc->name);
    free(doc);
}

/* ---- values ---- */

/* jansson does not change a value that is looked at, but asks for it without const. */
static json_t *node_of(ask_json_value v)
{
    return (json_t *)v.node;
}

static ask_json_value absent(ask_json_value parent)
{
    return (ask_json_value){.doc = parent.doc};
}

ask_json_value ask_json_root(const ask_json *doc)
{
    return (ask_json_value){.doc = doc, .node = doc->root};
}

ask_json_type ask_json_type_of(ask_json_value v)
{
    if (!v.node) return ASK_JSON_ABSENT;
    switch (json_typeof(node_of(v))) {
    case JSON_OBJECT:
        return ASK_JSON_OBJECT;
    case JSON_ARRAY:
        return ASK_JSON_ARRAY;
    case JSON_STRING:
        return ASK_JSON_STRING;
    case JSON_INTEGER:
        return ASK_JSON_INT;
    case JSON_REAL:
        return ASK_JSON_REAL;
    case JSON_TRUE:
    case JSON_FALSE:
        return ASK_JSON_BOOL;
    default:
        return ASK_JSON_NULL;
    }
}

static ask_json_value member_at(ask_json_value object, void *iter)
{
    return (ask_json_value){.doc = object.doc,
                            .node = json_object_iter_value(iter),
                            .parent = object.node,
                            .key = json_object_iter_key(iter)};
}

ask_json_value ask_json_member(ask_json_value v, const char *key)
{
    void *iter = json_object_iter_at(node_of(v), key);
    return iter ? member_at(v, iter) : absent(v);
}

ask_json_value ask_json_item(ask_json_value v, size_t i)
{
    json_t *item = json_array_get(node_of(v), i);
    if (!item) return absent(v);
    return (ask_json_value){.doc = v.doc, .node = item, .parent = v.node, .index = i};
}

size_t ask_json_count(ask_json_value v)
{
    json_t *node = node_of(v);
    return json_is_array(node) ? json_array_size(node) : json_object_size(node);
}

bool ask_json_next(ask_json_value object, ask_json_walk *walk)
{
    json_t *node = node_of(object);
    walk->state =
        walk->state ? json_object_iter_next(node, walk->state) : json_object_iter(node);
    if (!walk->state) return false;
    walk->value = member_at(object, walk->state);
    walk->key = walk->value.key;
    return true;
}

/* One step of a path: the first n characters of step, as a key or as an index. */
static ask_json_value step_into(ask_json_value v, const char *step, size_t n)
{
    if (ask_json_type_of(v) == ASK_JSON_OBJECT) {
        char key[256];
        if (n >= sizeof key) return absent(v);
        memcpy(key, step, n);
        key[n] = '\0';
        return ask_json_member(v, key);
    }
    size_t index = 0;
    for (size_t i = 0; i < n; i++) {
        if (step[i] < '0' || step[i] > '9' || index > SIZE_MAX / 10 - 1) return absent(v);
        index = index * 10 + (size_t)(step[i] - '0');
    }
    return n > 0 ? ask_json_item(v, index) : absent(v);
}

/* Follows a path as far as it goes. Returns what is left of it: "" when all was found. *v
 * is then the value, else the one in which the next step is missing. */
static const char *follow(ask_json_value *v, const char *path)
{
    if (!path) return "";
    while (*path) {
        size_t n = strcspn(path, ".");
        ask_json_value next = step_into(*v, path, n);
        if (!next.node) break;
        *v = next;
        path += n;
        if (*path == '.') path++;
    }
    return path;
}

ask_json_value ask_json_find(ask_json_value v, const char *path)
{
    return *follow(&v, path) ? absent(v) : v;
}

/* ---- messages ---- */

static void append_step(ask_str *out, const char *key, size_t index)
{
    if (key) {
        if (out->length > 0) ask_str_append_char(out, '.');
        ask_str_append(out, key);
    } else {
        ask_str_printf(out, "[%zu]", index);
    }
}

/* Writes the path from a container down to another one that is somewhere in it. */
static bool append_path_to(ask_str *out, json_t *from, const void *target)
{
    if (from == target) return true;
    size_t length = out->length;
    void *iter = json_object_iter(from);
    size_t n = json_is_array(from) ? json_array_size(from) : json_object_size(from);
    for (size_t i = 0; i < n; i++) {
        json_t *child = iter ? json_object_iter_value(iter) : json_array_get(from, i);
        append_step(out, iter ? json_object_iter_key(iter) : NULL, i);
        if (append_path_to(out, child, target)) return true;
        if (out->failed) return false;
        out->length = length;
        if (iter) iter = json_object_iter_next(from, iter);
    }
    return false;
}

/* Writes where a value is: `config.json: key "a.b"`, or only the name for the root. more is
 * a path below the value, or "". */
static void append_place(ask_str *out, ask_json_value v, const char *more)
{
    ask_str path = {0};
    if (v.parent) {
        append_path_to(&path, v.doc->root, v.parent);
        append_step(&path, v.key, v.index);
    }
    if (*more) append_step(&path, more, 0);
    ask_str_append(out, v.doc->name);
    if (path.length > 0) ask_str_printf(out, ": key \"%s\"", ask_str_text(&path));
    out->failed |= path.failed;
    ask_str_free(&path);
}

static bool fail_with(ask_str *message, ask_error *err)
{
    if (message->failed) {
        ask_fail_memory(err);
    } else {
        ask_fail(err, ASK_ERR_FORMAT, "%s", ask_str_text(message));
    }
    ask_str_free(message);
    return false;
}

bool ask_json_fail(ask_json_value v, ask_error *err, const char *format, ...)
{
    ask_str message = {0};
    append_place(&message, v, "");
    ask_str_append(&message, ": ");
    va_list args;
    va_start(args, format);
    ask_str_vprintf(&message, format, args);
    va_end(args);
    return fail_with(&message, err);
}

/* more is the rest of a path, from the step on that v does not have. */
static bool fail_missing(ask_json_value v, const char *more, ask_error *err)
{
    ask_str message = {0};
    append_place(&message, v, more);
    ask_str_append(&message, " is missing");
    return fail_with(&message, err);
}

static bool fail_type(ask_json_value v, const char *expected, ask_error *err)
{
    char number[ASK_DOUBLE_TEXT_BYTES];
    switch (ask_json_type_of(v)) {
    case ASK_JSON_NULL:
        return ask_json_fail(v, err, "expected %s, got null", expected);
    case ASK_JSON_BOOL:
        return ask_json_fail(v, err, "expected %s, got %s", expected,
                             json_is_true(node_of(v)) ? "true" : "false");
    case ASK_JSON_INT:
        return ask_json_fail(v, err, "expected %s, got the integer %lld", expected,
                             (long long)json_integer_value(node_of(v)));
    case ASK_JSON_REAL:
        ask_format_double(number, json_real_value(node_of(v)));
        return ask_json_fail(v, err, "expected %s, got the real number %s", expected,
                             number);
    case ASK_JSON_STRING:
        return ask_json_fail(v, err, "expected %s, got a string", expected);
    case ASK_JSON_ARRAY:
        return ask_json_fail(v, err, "expected %s, got an array", expected);
    default:
        return ask_json_fail(v, err, "expected %s, got an object", expected);
    }
}

/* ---- getters ---- */

/* The value at a path, or the message that says which step of it is missing. */
static bool require(ask_json_value *out, ask_json_value v, const char *path, ask_error *err)
{
    if (!v.node) {
        return ask_fail(err, ASK_ERR_FORMAT,
                        "%s: the value that should hold \"%s\" is missing",
                        v.doc ? v.doc->name : "JSON", path ? path : "");
    }
    const char *left = follow(&v, path);
    if (*left) {
        ask_json_type type = ask_json_type_of(v);
        if (type != ASK_JSON_OBJECT && type != ASK_JSON_ARRAY) {
            return fail_type(v, "an object", err);
        }
        return fail_missing(v, left, err);
    }
    *out = v;
    return true;
}

/* Like require, but *out becomes absent when the path ends in nothing or in null. */
static bool seek(ask_json_value *out, ask_json_value v, const char *path, ask_error *err)
{
    if (v.node && *follow(&v, path)) {
        ask_json_type type = ask_json_type_of(v);
        if (type != ASK_JSON_OBJECT && type != ASK_JSON_ARRAY && type != ASK_JSON_NULL) {
            return fail_type(v, "an object", err);
        }
        v = absent(v);
    }
    *out = ask_json_type_of(v) == ASK_JSON_NULL ? absent(v) : v;
    return true;
}

static bool to_int(int64_t *out, ask_json_value v, int64_t min, int64_t max, ask_error *err)
{
    if (ask_json_type_of(v) != ASK_JSON_INT) return fail_type(v, "an integer", err);
    int64_t value = json_integer_value(node_of(v));
    if (value < min || value > max) {
        return ask_json_fail(v, err, "expected an integer from %lld to %lld, got %lld",
                             (long long)min, (long long)max, (long long)value);
    }
    *out = value;
    return true;
}

static bool to_double(double *out, ask_json_value v, ask_error *err)
{
    if (!json_is_number(node_of(v))) return fail_type(v, "a number", err);
    *out = json_number_value(node_of(v));
    return true;
}

static bool to_bool(bool *out, ask_json_value v, ask_error *err)
{
    if (ask_json_type_of(v) != ASK_JSON_BOOL) return fail_type(v, "true or false", err);
    *out = json_is_true(node_of(v));
    return true;
}

static bool to_string(const char **out, ask_json_value v, ask_error *err)
{
    if (ask_json_type_of(v) != ASK_JSON_STRING) return fail_type(v, "a string", err);
    *out = json_string_value(node_of(v));
    return true;
}

bool ask_json_get_int(int64_t *out, ask_json_value v, const char *path, int64_t min,
                      int64_t max, ask_error *err)
{
    return require(&v, v, path, err) && to_int(out, v, min, max, err);
}

bool ask_json_get_double(double *out, ask_json_value v, const char *path, ask_error *err)
{
    return require(&v, v, path, err) && to_double(out, v, err);
}

bool ask_json_get_bool(bool *out, ask_json_value v, const char *path, ask_error *err)
{
    return require(&v, v, path, err) && to_bool(out, v, err);
}

bool ask_json_get_string(const char **out, ask_json_value v, const char *path,
                         ask_error *err)
{
    return require(&v, v, path, err) && to_string(out, v, err);
}

bool ask_json_get_array(ask_json_value *out, ask_json_value v, const char *path,
                        ask_error *err)
{
    if (!require(&v, v, path, err)) return false;
    if (ask_json_type_of(v) != ASK_JSON_ARRAY) return fail_type(v, "an array", err);
    *out = v;
    return true;
}

bool ask_json_get_object(ask_json_value *out, ask_json_value v, const char *path,
                         ask_error *err)
{
    if (!require(&v, v, path, err)) return false;
    if (ask_json_type_of(v) != ASK_JSON_OBJECT) return fail_type(v, "an object", err);
    *out = v;
    return true;
}

bool ask_json_opt_int(int64_t *out, ask_json_value v, const char *path, int64_t min,
                      int64_t max, int64_t fallback, ask_error *err)
{
    if (!seek(&v, v, path, err)) return false;
    if (v.node) return to_int(out, v, min, max, err);
    *out = fallback;
    return true;
}

bool ask_json_opt_double(double *out, ask_json_value v, const char *path, double fallback,
                         ask_error *err)
{
    if (!seek(&v, v, path, err)) return false;
    if (v.node) return to_double(out, v, err);
    *out = fallback;
    return true;
}

bool ask_json_opt_bool(bool *out, ask_json_value v, const char *path, bool fallback,
                       ask_error *err)
{
    if (!seek(&v, v, path, err)) return false;
    if (v.node) return to_bool(out, v, err);
    *out = fallback;
    return true;
}

bool ask_json_opt_string(const char **out, ask_json_value v, const char *path,
                         const char *fallback, ask_error *err)
{
    if (!seek(&v, v, path, err)) return false;
    if (v.node) return to_string(out, v, err);
    *out = fallback;
    return true;
}
