/* base/json_write.h - write JSON: a value after the other into a text.
 *
 *     ask_str text = {0};
 *     ask_json_writer w = {.out = &text, .pretty = true};
 *     ask_json_open_object(&w, NULL);
 *     ask_json_put_string(&w, "answer", "a red ball");
 *     ask_json_open_array(&w, "box");
 *     for (int i = 0; i < 4; i++) ask_json_put_int(&w, NULL, box[i]);
 *     ask_json_close(&w);
 *     ask_json_close(&w);
 *     char *json = ask_str_take(&text, err);
 *
 * Keys come in the order in which they are put. key is NULL for items of an array and for
 * the outermost value, and needed in objects. Memory shows as the text's `failed`; calls in
 * the wrong place are our own mistakes and are asserted. */
#ifndef ASK_BASE_JSON_WRITE_H
#define ASK_BASE_JSON_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/api.h"
#include "base/str.h"

enum { ASK_JSON_WRITER_MAX_DEPTH = 64 };

typedef struct {
    ask_str *out; // borrowed; values are appended to it
    bool pretty;  // lines indented by two spaces; else no white space at all
    int depth;    // private: how many objects and arrays are open, and what each is
    bool is_object[ASK_JSON_WRITER_MAX_DEPTH];
    bool has_items[ASK_JSON_WRITER_MAX_DEPTH];
} ask_json_writer;

ASK_API void ask_json_open_object(ask_json_writer *w, const char *key);
ASK_API void ask_json_open_array(ask_json_writer *w, const char *key);
ASK_API void ask_json_close(ask_json_writer *w); // what was opened last

ASK_API void ask_json_put_null(ask_json_writer *w, const char *key);
ASK_API void ask_json_put_bool(ask_json_writer *w, const char *key, bool value);
ASK_API void ask_json_put_int(ask_json_writer *w, const char *key, int64_t value);

/* The fewest digits that read back to the same double, or the same float. Always with a
 * point or an exponent, so that a reader can tell real numbers from integers. NaN and the
 * infinities, which JSON does not have, become null. */
ASK_API void ask_json_put_double(ask_json_writer *w, const char *key, double value);
ASK_API void ask_json_put_float(ask_json_writer *w, const char *key, float value);

/* UTF-8 stays as it is, malformed bytes become U+FFFD. NULL becomes null. */
ASK_API void ask_json_put_string(ask_json_writer *w, const char *key, const char *value);

#endif
