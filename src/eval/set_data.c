#include "data/notices.h"
#include "eval/set_priv.h"

/* The name of a class; a number where the set has no list. */
static const char *class_name(const ask_eval_set *s, int class_index)
{
    int n;
    const char *const *names = ask_dataset_classes(s->data, &n);
    if (names && class_index >= 0 && class_index < n) return names[class_index];
    return ask_arena_sprintf(s->room, "%d", class_index);
}

/* What happens, in the times of the video. */
static bool take_events(ask_eval_item *item, const ask_eval_set *s, ask_error *err)
{
    const ask_data_record *r = &item->record;
    double from_s = r->has_clip ? r->clip.start_s : 0;
    ask_named_span *events = ask_arena_array(s->room, (size_t)r->n_events, sizeof *events);
    if (!events) return ask_fail_memory(err);
    for (int i = 0; i < r->n_events; i++) {
        const ask_data_event *e = &r->events[i];
        events[i] = (ask_named_span){.label = class_name(s, e->class_index),
                                     .at = {from_s + e->at.start_s, from_s + e->at.end_s}};
        if (!events[i].label) return ask_fail_memory(err);
    }
    item->events = events;
    item->n_events = r->n_events;
    return true;
}

bool set_read_data(ask_eval_set *s, const char *task, const char *path, const char *split,
                   ask_error *err)
{
    ask_data_options o = ask_data_defaults();
    o.videos = s->opt.videos;
    o.events = s->opt.events;
    o.cancel = s->opt.cancel;
    s->data = ask_dataset_open(task, path, split, &o, err);
    if (!s->data) return false;
    ask_data_tell_notices(s->data, s->opt.log);
    s->file = ask_dataset_file(s->data);
    s->split = ask_dataset_split(s->data);
    size_t n;
    const ask_data_record *records = ask_dataset_records(s->data, &n);
    for (size_t i = 0; i < n && !set_is_full(s); i++) {
        ask_eval_item item = {
            .record = records[i],
            .judged = records[i].n_windows > 0,
            .counts = ask_count_of_set(task),
        };
        if (!take_events(&item, s, err) || !set_add(s, &item, err)) return false;
    }
    return true;
}
