#include "focus/calibration.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/options.h"
#include "base/path.h"
#include "focus/prompts.h"

enum {
    MOST_BACKGROUND = 256,
    LEAST_SENTENCES = 8, // fewer have no spread worth the name
    MOST_SENTENCES = 1024,
    MOST_FILE_BYTES = 4 << 20,
};

static const double MOST_THRESHOLD = 1000; // beyond all that can be reached
static const double LEAST_FPS = 1e-6, MOST_FPS = 1e6;

/* ---- what holds without a file ---- */

static bool set_defaults(ask_calibration *c, ask_error *err)
{
    const char **sentences =
        ask_arena_array(c->arena, ASK_RANDOM_SENTENCES, sizeof *sentences);
    if (!sentences) return ask_fail_memory(err);
    for (int i = 0; i < ASK_RANDOM_SENTENCES; i++) {
        char text[ASK_RANDOM_SENTENCE_BYTES];
        sentences[i] = ask_arena_strdup(c->arena, ask_random_sentence(text, i));
        if (!sentences[i]) return ask_fail_memory(err);
    }
    c->threshold = ASK_FIND_DEFAULT_THRESHOLD;
    c->threshold_source = "default";
    c->background = ask_background_prompts;
    c->n_background = ASK_BACKGROUND_PROMPTS;
    c->sentences = sentences;
    c->n_sentences = ASK_RANDOM_SENTENCES;
    return true;
}

/* ---- what the file says ---- */

/* A key that is null is as good as none. */
static bool is_absent(ask_json_value v)
{
    return ask_json_type_of(v) == ASK_JSON_ABSENT || ask_json_type_of(v) == ASK_JSON_NULL;
}

static bool take_threshold(ask_calibration *c, ask_json_value root, ask_error *err)
{
    ask_json_value v = ask_json_find(root, "find.threshold");
    if (is_absent(v)) return true;
    double threshold;
    if (!ask_json_get_double(&threshold, v, NULL, err)) return false;
    if (threshold < -MOST_THRESHOLD || threshold > MOST_THRESHOLD)
        return ask_json_fail(v, err, "%g is out of range: expected -1000 to 1000",
                             threshold);
    c->threshold = threshold;
    c->threshold_source = "calibration.json";
    return true;
}

static bool is_blank(const char *text)
{
    return text[strspn(text, " \t\r\n")] == '\0';
}

/* Replaces a list of texts where the file has one. */
static bool take_texts(const char *const **texts, int *n_texts, ask_calibration *c,
                       ask_json_value root, const char *path, size_t least, size_t most,
                       ask_error *err)
{
    ask_json_value list = ask_json_find(root, path);
    if (is_absent(list)) return true;
    if (!ask_json_get_array(&list, list, NULL, err)) return false;
    size_t n = ask_json_count(list);
    if (n < least || n > most)
        return ask_json_fail(list, err, "has %zu texts: expected %zu to %zu", n, least,
                             most);
    const char **copies = ask_arena_array(c->arena, n + 1, sizeof *copies);
    if (!copies) return ask_fail_memory(err);
    for (size_t i = 0; i < n; i++) {
        ask_json_value item = ask_json_item(list, i);
        const char *text;
        if (!ask_json_get_string(&text, item, NULL, err)) return false;
        if (is_blank(text)) return ask_json_fail(item, err, "is empty: expected a text");
        copies[i] = ask_arena_strdup(c->arena, text);
        if (!copies[i]) return ask_fail_memory(err);
    }
    *texts = copies;
    *n_texts = (int)n;
    return true;
}

static bool take_rate(ask_calibration *c, ask_json_value root, ask_error *err)
{
    ask_json_value rate = ask_json_find(root, "fps");
    if (is_absent(rate)) return true;
    if (!ask_json_get_double(&c->fps, rate, NULL, err)) return false;
    return (c->fps >= LEAST_FPS && c->fps <= MOST_FPS) ||
           ask_json_fail(rate, err, "%g is out of range: expected %g to %g", c->fps,
                         LEAST_FPS, MOST_FPS);
}

static bool take_origin(ask_calibration *c, ask_json_value root, ask_error *err)
{
    const char *data;
    if (!ask_json_opt_string(&data, root, "data", NULL, err) ||
        !ask_json_opt_int(&c->n, root, "n", 0, INT64_MAX, 0, err) ||
        !take_rate(c, root, err))
        return false;
    if (!data || is_blank(data)) return true;
    c->data = ask_arena_strdup(c->arena, data);
    return c->data || ask_fail_memory(err);
}

static bool take_file(ask_calibration *c, const char *path, ask_error *err)
{
    ask_json_limits limits = ask_json_default_limits();
    limits.max_bytes = MOST_FILE_BYTES;
    ask_json *file = ask_json_read(path, &limits, err);
    if (!file) return false;
    ask_json_value root = ask_json_root(file), find = ask_json_find(root, "find");
    bool ok = ask_json_get_object(&root, root, NULL, err) &&
              (is_absent(find) || ask_json_get_object(&find, find, NULL, err)) &&
              take_threshold(c, root, err) &&
              take_texts(&c->background, &c->n_background, c, root, "find.background", 0,
                         MOST_BACKGROUND, err) &&
              take_texts(&c->sentences, &c->n_sentences, c, root, "find.sentences",
                         LEAST_SENTENCES, MOST_SENTENCES, err) &&
              take_origin(c, root, err);
    ask_json_free(file);
    return ok;
}

bool ask_calibration_read(ask_calibration *out, const char *dir, ask_error *err)
{
    ask_calibration c = {.arena = ask_arena_new(0)};
    char *path = ask_path_join(dir, "calibration.json", err);
    bool ok = path && (c.arena || ask_fail_memory(err)) && set_defaults(&c, err) &&
              (!ask_file_exists(path) || take_file(&c, path, err) ||
               ask_fail_as(err, ASK_ERR_MODEL));
    free(path);
    if (!ok) {
        ask_calibration_free(&c);
        return false;
    }
    *out = c;
    return true;
}

ask_sampling_options ask_calibration_sampling(const ask_calibration *c,
                                              const ask_sampling_options *opt)
{
    ask_sampling_options o = ask_sampling_defaults();
    ask_options_take(&o, sizeof o, opt);
    if (o.default_fps == 0) o.default_fps = c->fps;
    return o;
}

void ask_calibration_free(ask_calibration *c)
{
    if (!c) return;
    ask_arena_free(c->arena);
    *c = (ask_calibration){0};
}
