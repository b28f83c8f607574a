/* events.c - what happens when, in the files that Glance-Focus reads beside questions.
 *
 * After: Bai et al. 2023 (Glance-Focus). Events go by the key that features go by: the
 * question in STAR, the video in AGQA. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/path.h"
#include "data/names_priv.h"
#include "data/reader_priv.h"

/* ---- key -> {duration, actions: [[class, ..., start, end]]} ---- */

bool data_is_new_unlisted(data_build *b, bool *is_new, const char *id, ask_error *err)
{
    size_t index;
    *is_new = !data_names_find(&b->unlisted, NULL, id);
    return !*is_new || data_names_add(&b->unlisted, &index, data_copy(b, id), err);
}

bool data_check_class(data_build *b, const data_items *it, int class_index,
                      const char *file, ask_error *err)
{
    char id[16];
    bool is_new;
    if (!b->classes || class_index < b->n_classes) return true;
    ask_format(id, sizeof id, "%d", class_index);
    if (!data_is_new_unlisted(b, &is_new, id, err)) return false;
    return !is_new ||
           data_notice(b, ASK_DATA_UNKNOWN_EVENT, err, "%s: class %d, but %s has %d",
                       it->name, class_index, file, b->n_classes);
}

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
    if (!data_check_class(b, it, out->class_index, DATA_CLASSES_FILE, err)) return false;
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

static const char *key_of_question(const ask_data_record *r)
{
    return r->id;
}

static const char *key_of_video(const ask_data_record *r)
{
    return r->video;
}

const data_event_format data_actions_format = {.keys = {key_of_features},
                                               .read = read_actions};

/* Of a file that somebody made for a set that is published without. */
static const data_event_format given_format = {
    .keys = {key_of_question, key_of_features, key_of_video}, .read = read_actions};

/* ---- of all records ---- */

/* The file is that of all splits: those of other keys are passed over. Of a key that comes
 * twice, the first counts. */
static bool walk_events(data_build *b, data_event_list *lists, const data_names *keys,
                        data_text text, ask_error *err)
{
    data_items it = {.text = text, .layout = DATA_OBJECT};
    bool ok = true;
    size_t index;
    while (ok && data_items_next(&it, err)) {
        if (!data_names_find(keys, &index, it.key)) continue;
        ok = lists[index].duration_s > 0
                 ? data_notice(b, ASK_DATA_DUPLICATE_ID, err, "%s: was there before",
                               it.name)
                 : b->event_format->read(b, &lists[index], &it, err);
    }
    return data_items_end(&it);
}

/* The first key of a record that has a list; else its first one, whose list is empty. */
static const char *find_key(const data_event_list **list, const data_build *b,
                            const ask_data_record *r, const data_event_list *lists,
                            const data_names *keys)
{
    data_event_key *const *key = b->event_format->keys;
    for (int i = 0; i < DATA_EVENT_KEYS && key[i]; i++) {
        size_t index = 0;
        data_names_find(keys, &index, key[i](r));
        *list = &lists[index];
        if ((*list)->duration_s > 0) return key[i](r);
    }
    return key[0](r);
}

/* Events of a whole video -> those of the part that the record is about, from its beginning
 * on. */
static bool cut_events(data_build *b, ask_data_record *r, ask_error *err)
{
    double length_s = r->clip.end_s - r->clip.start_s;
    if (length_s <= 0) return true;
    ask_data_event *events = data_array(b, (size_t)r->n_events, sizeof *events);
    if (r->n_events > 0 && !events) return ask_fail_memory(err);
    int n = 0;
    for (int i = 0; i < r->n_events; i++) {
        double start_s = r->events[i].at.start_s - r->clip.start_s,
               end_s = r->events[i].at.end_s - r->clip.start_s;
        if (end_s <= 0 || start_s >= length_s) continue;
        events[n++] = (ask_data_event){.class_index = r->events[i].class_index,
                                       .at = {fmax(start_s, 0), fmin(end_s, length_s)}};
    }
    r->events_s = length_s;
    r->events = events;
    r->n_events = n;
    return true;
}

static bool give_events(data_build *b, const data_event_list *lists, const data_names *keys,
                        const char *file, ask_error *err)
{
    for (size_t i = 0; i < b->n_records; i++) {
        ask_data_record *r = &b->records[i];
        const data_event_list *list = lists;
        const char *key = find_key(&list, b, r, lists, keys);
        r->events_s = list->duration_s;
        r->events = list->events;
        r->n_events = list->n;
        if (r->events_s == 0 && !data_notice_at(b, ASK_DATA_MISSING_EVENTS, r, err,
                                                "\"%s\" is not in %s", key, file))
            return false;
        bool is_whole = r->events_s > 0 && r->has_clip && strcmp(key, r->video) == 0;
        if (is_whole && !cut_events(b, r, err)) return false;
    }
    return true;
}

static bool add_keys(data_names *keys, const data_build *b, const ask_data_record *r,
                     ask_error *err)
{
    data_event_key *const *key = b->event_format->keys;
    size_t index;
    for (int i = 0; i < DATA_EVENT_KEYS && key[i]; i++)
        if (!data_names_add(keys, &index, key[i](r), err)) return false;
    return true;
}

bool data_events_read(data_build *b, data_text text, ask_error *err)
{
    data_names keys = {0};
    bool ok = true;
    for (size_t i = 0; i < b->n_records && ok; i++)
        ok = add_keys(&keys, b, &b->records[i], err);
    data_event_list *lists = ok ? calloc(keys.n + 1, sizeof *lists) : NULL;
    ok = ok && (lists || ask_fail_memory(err)) && walk_events(b, lists, &keys, text, err) &&
         give_events(b, lists, &keys, text.name, err);
    free(lists);
    data_names_free(&keys);
    return ok;
}

bool data_read_events(data_build *b, const char *name, const data_event_format *format,
                      ask_error *err)
{
    const char *file;
    b->event_format = format;
    if (!data_find_beside(b, &file, name, err)) return false;
    return !file || data_with_file(b, file, data_events_read, err);
}

/* ---- a file that the caller named ---- */

static bool read_classes_beside(data_build *b, const char *path, ask_error *err)
{
    char *dir = ask_path_dirname(path, err);
    const char *file = dir ? data_printf(b, "%s/%s", dir, DATA_CLASSES_FILE) : NULL;
    free(dir);
    if (!file) return false;
    return !ask_file_exists(file) || data_with_file(b, file, data_classes_read, err);
}

bool data_read_given_events(data_build *b, const char *path, ask_error *err)
{
    b->event_format = &given_format;
    if (!b->classes && !read_classes_beside(b, path, err)) return false;
    return data_with_file(b, data_copy(b, path), data_events_read, err);
}
