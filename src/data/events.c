/* events.c - what happens when, in the files that Glance-Focus reads beside questions.
 *
 * After: Bai et al. 2023 (Glance-Focus). Events go by the key that features go by: the
 * question in STAR, the video in AGQA. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "data/names_priv.h"
#include "data/reader_priv.h"

enum { MOST_TEXT_BYTES = 1 << 24 };

/* ---- action_mapping.txt: "a013 v003 o021", a class on each line ---- */

/* Adds the class of a line, whose name is what stands behind the first space. */
static bool add_class(data_build *b, const char **names, const char *file, int line,
                      const char *text, size_t n, ask_error *err)
{
    const char *space = memchr(text, ' ', n);
    if (!space)
        return ask_fail(err, ASK_ERR_FORMAT, "%s:%d: expected an id, a space and a name",
                        file, line);
    if (n > 0 && text[n - 1] == '\r') n--;
    names[line - 1] = data_printf(b, "%.*s", (int)(text + n - space - 1), space + 1);
    return true;
}

/* The last line counts with or without a line feed. */
static bool cut_classes(data_build *b, const char *file, const char *text, size_t bytes,
                        ask_error *err)
{
    size_t n_lines = bytes > 0 && text[bytes - 1] != '\n';
    for (size_t i = 0; i < bytes; i++) n_lines += text[i] == '\n';
    const char **names = data_array(b, n_lines, sizeof *names);
    if (!names)
        return b->no_memory ? ask_fail_memory(err)
                            : ask_fail(err, ASK_ERR_FORMAT, "%s: no classes in it", file);
    for (int line = 1; line <= (int)n_lines; line++) {
        size_t n = strcspn(text, "\n");
        if (!add_class(b, names, file, line, text, n, err)) return false;
        text += n + 1;
    }
    b->classes = names;
    b->n_classes = (int)n_lines;
    return !b->no_memory || ask_fail_memory(err);
}

bool data_read_classes(data_build *b, ask_error *err)
{
    const char *file = data_printf(b, "%s/action_mapping.txt", b->dir);
    if (b->no_memory) return ask_fail_memory(err);
    if (!ask_file_exists(file)) return true;
    char *text;
    size_t bytes;
    if (!ask_file_read(&text, &bytes, file, MOST_TEXT_BYTES, err)) return false;
    bool ok = memchr(text, '\0', bytes)
                  ? ask_fail(err, ASK_ERR_FORMAT, "%s: holds a NUL", file)
                  : cut_classes(b, file, text, bytes, err);
    free(text);
    return ok;
}

/* ---- events: key -> {duration, actions: [[class, ..., start, end]]} ---- */

static bool read_event(data_build *b, ask_data_event *out, const data_items *it,
                       ask_json_value action, double duration_s, ask_error *err)
{
    size_t n = ask_json_count(action);
    if (ask_json_type_of(action) != ASK_JSON_ARRAY || n < 3)
        return ask_json_fail(action, err, "expected an array: class, ..., start, end");
    int64_t class;
    if (!ask_json_get_int(&class, ask_json_item(action, 0), NULL, 0, INT32_MAX, err) ||
        !ask_json_get_double(&out->at.start_s, ask_json_item(action, n - 2), NULL, err) ||
        !ask_json_get_double(&out->at.end_s, ask_json_item(action, n - 1), NULL, err))
        return false;
    if (out->at.start_s > out->at.end_s)
        return ask_json_fail(action, err, "begins at %g s, behind its end at %g s",
                             out->at.start_s, out->at.end_s);
    out->class_index = (int)class;
    if (b->classes && class >= b->n_classes &&
        !data_notice(b, ASK_DATA_UNKNOWN_EVENT, err,
                     "%s: class %d, but action_mapping.txt has %d", it->name, (int)class,
                     b->n_classes))
        return false;
    if (out->at.start_s >= 0 && out->at.end_s <= duration_s) return true;
    return data_notice(b, ASK_DATA_OUTSIDE, err,
                       "%s: event %g s to %g s is not within the %g s that there are",
                       it->name, out->at.start_s, out->at.end_s, duration_s);
}

static bool read_actions(data_build *b, data_event_list *out, const data_items *it,
                         ask_error *err)
{
    ask_json_value actions;
    if (!ask_json_get_double(&out->duration_s, it->value, "duration", err) ||
        !ask_json_get_array(&actions, it->value, "actions", err))
        return false;
    if (out->duration_s <= 0)
        return ask_json_fail(ask_json_find(it->value, "duration"), err,
                             "expected a time above 0, got %g", out->duration_s);
    size_t n = ask_json_count(actions);
    if (n > INT32_MAX) return ask_json_fail(actions, err, "too many events");
    out->n = (int)n;
    out->events = data_array(b, n, sizeof *out->events);
    if (n > 0 && !out->events) return ask_fail_memory(err);
    for (size_t i = 0; i < n; i++)
        if (!read_event(b, &out->events[i], it, ask_json_item(actions, i), out->duration_s,
                        err))
            return false;
    return true;
}

static const char *key_of_features(const ask_data_record *r)
{
    return r->features;
}

const data_event_format data_actions_format = {.key = key_of_features,
                                               .read = read_actions};

/* ---- of all records ---- */

/* The file is that of all splits: those of other keys are passed over. */
static bool walk_events(data_build *b, data_event_list *lists, const data_names *keys,
                        data_text text, ask_error *err)
{
    data_items it = {.text = text, .layout = DATA_OBJECT};
    bool ok = true;
    size_t index;
    while (ok && data_items_next(&it, err))
        if (data_names_find(keys, &index, it.key))
            ok = b->event_format->read(b, &lists[index], &it, err);
    return data_items_end(&it);
}

static bool give_events(data_build *b, const data_event_list *lists, const data_names *keys,
                        const char *file, ask_error *err)
{
    for (size_t i = 0; i < b->n_records; i++) {
        ask_data_record *r = &b->records[i];
        const char *key = b->event_format->key(r);
        size_t index = 0;
        data_names_find(keys, &index, key);
        const data_event_list *list = &lists[index];
        r->events_s = list->duration_s;
        r->events = list->events;
        r->n_events = list->n;
        if (list->duration_s == 0 && !data_notice_at(b, ASK_DATA_MISSING_EVENTS, r->row,
                                                     err, "\"%s\" is not in %s", key, file))
            return false;
    }
    return true;
}

bool data_events_read(data_build *b, data_text text, ask_error *err)
{
    data_names keys = {0};
    size_t index;
    data_event_list *lists = calloc(b->n_records, sizeof *lists);
    bool ok = lists || ask_fail_memory(err);
    for (size_t i = 0; i < b->n_records && ok; i++)
        ok = data_names_add(&keys, &index, b->event_format->key(&b->records[i]), err);
    ok = ok && walk_events(b, lists, &keys, text, err) &&
         give_events(b, lists, &keys, text.name, err);
    free(lists);
    data_names_free(&keys);
    return ok;
}

bool data_read_events(data_build *b, const char *name, const data_event_format *format,
                      ask_error *err)
{
    b->event_format = format;
    const char *file = data_printf(b, "%s/%s", b->dir, name);
    if (b->no_memory) return ask_fail_memory(err);
    return !ask_file_exists(file) || data_with_file(b, file, data_events_read, err);
}
