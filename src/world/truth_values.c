/* The small values of which the truth of a clip is made. */
#include <string.h>

#include "world/truth_priv.h"

void ask_truth_put_seconds(ask_json_writer *w, const char *key, int frame)
{
    ask_json_put_double(w, key, frame / (double)ASK_WORLD_FPS);
}

void ask_truth_put_pair(ask_json_writer *w, const char *key, int a, int b)
{
    ask_json_open_array(w, key);
    ask_json_put_int(w, NULL, a);
    ask_json_put_int(w, NULL, b);
    ask_json_close(w);
}

bool ask_truth_has(ask_json_value v, const char *key)
{
    return ask_json_type_of(ask_json_find(v, key)) != ASK_JSON_ABSENT;
}

bool ask_truth_get_int(int *out, ask_json_value v, const char *key, int64_t min,
                       int64_t max, ask_error *err)
{
    int64_t value;
    if (!ask_json_get_int(&value, v, key, min, max, err)) return false;
    *out = (int)value;
    return true;
}

bool ask_truth_get_word(int *out, ask_json_value v, const char *key, ask_truth_words of,
                        ask_error *err)
{
    const char *text;
    if (!ask_json_get_string(&text, v, key, err)) return false;
    for (int i = 0; i < ask_truth_n_words(of); i++) {
        if (strcmp(text, ask_truth_word(of, i)) != 0) continue;
        *out = i;
        return true;
    }
    return ask_json_fail(ask_json_find(v, key), err, "\"%s\" is not known here", text);
}

bool ask_truth_get_text(const char **out, ask_world_clip *c, ask_json_value v,
                        const char *key, ask_error *err)
{
    const char *text;
    if (!ask_json_get_string(&text, v, key, err)) return false;
    *out = ask_arena_strdup(c->texts, text);
    return *out || ask_fail_memory(err);
}

bool ask_truth_get_ints(int *out, int n, ask_json_value v, const char *key, int64_t min,
                        int64_t max, ask_error *err)
{
    ask_json_value array;
    if (!ask_json_get_array(&array, v, key, err)) return false;
    if (ask_json_count(array) != (size_t)n)
        return ask_json_fail(array, err, "expected %d numbers, got %zu", n,
                             ask_json_count(array));
    for (int i = 0; i < n; i++)
        if (!ask_truth_get_int(&out[i], ask_json_item(array, (size_t)i), NULL, min, max,
                               err))
            return false;
    return true;
}

bool ask_truth_get_span(int *begin, int *end, ask_json_value v, const ask_scene *s,
                        ask_error *err)
{
    return ask_truth_get_int(begin, v, "begin", 0, s->n_frames - 1, err) &&
           ask_truth_get_int(end, v, "end", *begin + 1, s->n_frames, err);
}

bool ask_truth_get_list(ask_json_value *out, int *n, ask_json_value v, const char *key,
                        int most, ask_error *err)
{
    if (!ask_json_get_array(out, v, key, err)) return false;
    size_t count = ask_json_count(*out);
    if (count > (size_t)most)
        return ask_json_fail(*out, err, "has %zu items, and at most %d can be", count,
                             most);
    *n = (int)count;
    return true;
}
