/* star_situations.c - the frames of STAR on which objects, relations and actions are told.
 *
 * After: Wu et al. 2021 (STAR), Ji et al. 2020 (Action Genome). "situations" is an object:
 *
 *     "000245": {"rel_pairs": [["o000", "o006"]], "rel_labels": ["r002"],
 *                "actions": ["a051"], "bbox": [[98.5, 176.5, 244.7, 270]],
 *                "bbox_labels": ["o006"]}
 *
 * Frames count from 1, as ffmpeg names the pictures that it makes of a video; a box may be
 * null. */
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "data/star_priv.h"

/* The name of a class by its id; the id itself without a list, and where the list does not
 * have it, which is noticed once. NULL: failed. */
static const char *name_of(data_build *b, const ask_data_record *r,
                           const data_classes *classes, const char *id, ask_error *err)
{
    for (int i = 0; i < classes->n; i++)
        if (strcmp(classes->ids[i], id) == 0) return classes->names[i];
    bool is_new = false;
    if (classes->n > 0 && !data_is_new_unlisted(b, &is_new, id, err)) return NULL;
    if (is_new && !data_notice_at(b, ASK_DATA_UNKNOWN_EVENT, r, err,
                                  "class \"%s\" is not listed", id))
        return NULL;
    return data_copy(b, id);
}

static bool get_class(data_build *b, const ask_data_record *r, const char **out,
                      const data_classes *classes, ask_json_value v, ask_error *err)
{
    const char *id;
    if (!ask_json_get_string(&id, v, NULL, err)) return false;
    *out = name_of(b, r, classes, id, err);
    return *out;
}

/* Two lists of one length; where they are not, *n is the shorter and it is noticed. */
static bool get_pair(data_build *b, const ask_data_record *r, ask_json_value *first,
                     ask_json_value *second, int *n, ask_json_value v, const char *keys[2],
                     ask_error *err)
{
    if (!ask_json_get_array(first, v, keys[0], err) ||
        !ask_json_get_array(second, v, keys[1], err))
        return false;
    size_t n1 = ask_json_count(*first), n2 = ask_json_count(*second);
    size_t shorter = n1 < n2 ? n1 : n2;
    if (shorter > INT32_MAX) return ask_json_fail(*first, err, "too many items");
    *n = (int)shorter;
    return n1 == n2 || data_notice_at(b, ASK_DATA_MISMATCH, r, err, "%zu %s, but %zu %s",
                                      n1, keys[0], n2, keys[1]);
}

static bool get_box(ask_data_object *out, ask_json_value v, ask_error *err)
{
    out->has_box = ask_json_type_of(v) != ASK_JSON_NULL;
    if (!out->has_box) return true;
    if (!ask_json_get_array(&v, v, NULL, err)) return false;
    if (ask_json_count(v) != 4)
        return ask_json_fail(v, err, "expected 4 numbers, got %zu", ask_json_count(v));
    for (size_t i = 0; i < 4; i++)
        if (!ask_json_get_double(&out->box[i], ask_json_item(v, i), NULL, err))
            return false;
    return true;
}

static bool read_objects(data_build *b, const ask_data_record *r, ask_data_situation *s,
                         ask_json_value v, const star_lists *lists, ask_error *err)
{
    ask_json_value boxes, labels;
    int n;
    if (!get_pair(b, r, &boxes, &labels, &n, v, (const char *[]){"bbox", "bbox_labels"},
                  err))
        return false;
    ask_data_object *objects = data_array(b, (size_t)n, sizeof *objects);
    if (n > 0 && !objects) return ask_fail_memory(err);
    for (int i = 0; i < n; i++)
        if (!get_class(b, r, &objects[i].name, &lists->objects,
                       ask_json_item(labels, (size_t)i), err) ||
            !get_box(&objects[i], ask_json_item(boxes, (size_t)i), err))
            return false;
    s->objects = objects;
    s->n_objects = n;
    return true;
}

static bool read_relations(data_build *b, const ask_data_record *r, ask_data_situation *s,
                           ask_json_value v, const star_lists *lists, ask_error *err)
{
    ask_json_value pairs, labels;
    int n;
    if (!get_pair(b, r, &pairs, &labels, &n, v, (const char *[]){"rel_pairs", "rel_labels"},
                  err))
        return false;
    ask_data_relation *relations = data_array(b, (size_t)n, sizeof *relations);
    if (n > 0 && !relations) return ask_fail_memory(err);
    for (int i = 0; i < n; i++) {
        ask_json_value pair = ask_json_item(pairs, (size_t)i);
        if (ask_json_count(pair) != 2)
            return ask_json_fail(pair, err, "expected a pair of objects");
        if (!get_class(b, r, &relations[i].subject, &lists->objects, ask_json_item(pair, 0),
                       err) ||
            !get_class(b, r, &relations[i].object, &lists->objects, ask_json_item(pair, 1),
                       err) ||
            !get_class(b, r, &relations[i].name, &lists->relations,
                       ask_json_item(labels, (size_t)i), err))
            return false;
    }
    s->relations = relations;
    s->n_relations = n;
    return true;
}

static bool read_actions(data_build *b, const ask_data_record *r, ask_data_situation *s,
                         ask_json_value v, const star_lists *lists, ask_error *err)
{
    ask_json_value actions;
    if (!ask_json_get_array(&actions, v, "actions", err)) return false;
    size_t n = ask_json_count(actions);
    if (n > INT32_MAX) return ask_json_fail(actions, err, "too many items");
    const char **names = data_array(b, n, sizeof *names);
    if (n > 0 && !names) return ask_fail_memory(err);
    for (size_t i = 0; i < n; i++)
        if (!get_class(b, r, &names[i], &lists->actions, ask_json_item(actions, i), err))
            return false;
    s->actions = names;
    s->n_actions = (int)n;
    return true;
}

/* How fast the record's video runs; 0: nobody told. A list without it is noticed. */
static bool get_rate(double *fps, data_build *b, const ask_data_record *r,
                     const star_lists *lists, ask_error *err)
{
    size_t index;
    const char *file = data_printf(b, "%s.mp4", r->video);
    *fps = 0;
    if (lists->videos.n == 0) return true;
    if (!data_names_find(&lists->videos, &index, file))
        return data_notice_at(b, ASK_DATA_MISMATCH, r, err,
                              "video_fps does not have \"%s\"", file);
    *fps = lists->fps[index];
    return true;
}

static bool read_situation(data_build *b, const ask_data_record *r, ask_data_situation *s,
                           const ask_json_walk *m, double fps, const star_lists *lists,
                           ask_error *err)
{
    if (!ask_parse_i64(&s->frame, m->key) || s->frame < 1)
        return ask_json_fail(m->value, err, "is not the number of a frame");
    s->t_s = fps > 0 ? (double)(s->frame - 1) / fps : -1;
    return read_objects(b, r, s, m->value, lists, err) &&
           read_relations(b, r, s, m->value, lists, err) &&
           read_actions(b, r, s, m->value, lists, err);
}

static int compare_frames(const void *a, const void *b)
{
    const ask_data_situation *x = a, *y = b;
    return (x->frame > y->frame) - (x->frame < y->frame);
}

bool star_read_situations(data_build *b, ask_data_record *r, ask_json_value item,
                          const star_lists *lists, ask_error *err)
{
    ask_json_value all = ask_json_member(item, "situations");
    if (!ask_json_type_of(all)) return true;
    if (!ask_json_get_object(&all, item, "situations", err)) return false;
    size_t n = ask_json_count(all), i = 0;
    if (n > INT32_MAX) return ask_json_fail(all, err, "too many frames");
    ask_data_situation *situations = data_array(b, n, sizeof *situations);
    if (n > 0 && !situations) return ask_fail_memory(err);
    double fps = 0;
    if (n > 0 && !get_rate(&fps, b, r, lists, err)) return false;
    for (ask_json_walk m = {0}; ask_json_next(all, &m); i++)
        if (!read_situation(b, r, &situations[i], &m, fps, lists, err)) return false;
    if (n > 0) qsort(situations, n, sizeof *situations, compare_frames);
    r->situations = situations;
    r->n_situations = (int)n;
    return true;
}
