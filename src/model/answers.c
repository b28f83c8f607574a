#include "model/answers.h"

#include "base/json.h"

enum { MOST_BYTES = 1 << 24, MOST_TEXTS = 1 << 16 };

static bool take(const char ***out, int *n, ask_json_value root, ask_arena *room,
                 ask_error *err)
{
    if (ask_json_type_of(root) != ASK_JSON_ARRAY)
        return ask_json_fail(root, err, "expected a list of answers");
    size_t n_texts = ask_json_count(root);
    if (n_texts > MOST_TEXTS)
        return ask_json_fail(root, err, "%zu answers; at most %d are read", n_texts,
                             MOST_TEXTS);
    const char **texts = ask_arena_array(room, n_texts + 1, sizeof *texts);
    if (!texts) return ask_fail_memory(err);
    for (size_t i = 0; i < n_texts; i++) {
        const char *text;
        if (!ask_json_get_string(&text, ask_json_item(root, i), NULL, err)) return false;
        if (!(texts[i] = ask_arena_strdup(room, text))) return ask_fail_memory(err);
    }
    *out = texts;
    *n = (int)n_texts;
    return true;
}

bool ask_answers_read(const char ***out, int *n, const char *path, ask_arena *room,
                      ask_error *err)
{
    const ask_json_limits limits = {.max_bytes = MOST_BYTES, .max_depth = 4};
    ask_json *doc = ask_json_read(path, &limits, err);
    bool ok = doc && take(out, n, ask_json_root(doc), room, err);
    ask_json_free(doc);
    return ok || ask_fail_as(err, ASK_ERR_MODEL);
}
