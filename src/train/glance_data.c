#include "train/glance_data.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/options.h"
#include "base/rng.h"
#include "base/str.h"
#include "data/notices.h"

/* What training adds to a record. */
typedef struct {
    size_t features;
    const int32_t **ids; // [n_texts]
    int32_t *lengths;
    int label;
    int n_windows, n_events;
    ask_data_span *windows;
    ask_data_event *events;
} item;

struct ask_glance_data {
    ask_glance_data_options opt; // its texts are gone after open
    ask_dataset *set;
    const ask_data_record *records;
    size_t n;
    ask_arena *room;
    item *items;
    ask_glance_features *features;
    int n_texts; // of a question
    int n_tokens, n_windows, n_events, n_classes;
    const char *const *classes;
    size_t n_cut; // events and windows that reached beyond
};

static const char *file_of(const ask_glance_data *d)
{
    return ask_dataset_file(d->set);
}

/* ---- records ---- */

static bool check_record(const ask_glance_data *d, const ask_data_record *r, ask_error *err)
{
    const ask_data_record *first = &d->records[0];
    if (r->kind != first->kind)
        return ask_fail(
            err, ASK_ERR_UNSUPPORTED,
            "%s: question \"%s\" is of kind %s, but \"%s\" of kind %s: train on "
            "one kind at a time",
            file_of(d), r->id, ask_data_kind_name(r->kind), first->id,
            ask_data_kind_name(first->kind));
    if (r->n_options != first->n_options)
        return ask_fail(err, ASK_ERR_UNSUPPORTED,
                        "%s: question \"%s\" has %d options, but \"%s\" has %d: a network "
                        "takes one number of them",
                        file_of(d), r->id, r->n_options, first->id, first->n_options);
    return !r->vectors || ask_fail(err, ASK_ERR_UNSUPPORTED,
                                   "%s: question \"%s\" is told as vectors, not as words",
                                   file_of(d), r->id);
}

static bool check_records(const ask_glance_data *d, ask_error *err)
{
    for (size_t i = 0; i < d->n; i++)
        if (!check_record(d, &d->records[i], err)) return false;
    return true;
}

/* ---- events and windows, as shares of a length ---- */

/* Cuts what reaches beyond. Fails for what lies beyond altogether. */
static bool share_of(ask_glance_data *d, const ask_data_record *r, ask_data_span *span,
                     double length_s, const char *what, ask_error *err)
{
    double start = span->start_s / length_s, end = span->end_s / length_s;
    if (end <= 0 || start >= 1)
        return ask_fail(err, ASK_ERR_FORMAT,
                        "%s: question \"%s\": %s from %g s to %g s is outside of the %g s "
                        "that it is about",
                        file_of(d), r->id, what, span->start_s, span->end_s, length_s);
    d->n_cut += start < 0 || end > 1;
    *span = (ask_data_span){fmax(start, 0), fmin(end, 1)};
    return true;
}

static bool take_windows(ask_glance_data *d, size_t i, ask_error *err)
{
    const ask_data_record *r = &d->records[i];
    item *it = &d->items[i];
    if (r->kind != ASK_DATA_RETRIEVE || r->n_windows == 0) return true;
    if (r->video_s <= 0)
        return ask_fail(err, ASK_ERR_FORMAT,
                        "%s: question \"%s\" has moments, but how long its video is is not "
                        "told",
                        file_of(d), r->id);
    it->windows = ask_arena_array(d->room, (size_t)r->n_windows, sizeof *it->windows);
    if (!it->windows) return ask_fail_memory(err);
    it->n_windows = r->n_windows;
    if (it->n_windows > d->n_windows) d->n_windows = it->n_windows;
    for (int k = 0; k < r->n_windows; k++) {
        it->windows[k] = r->windows[k];
        if (!share_of(d, r, &it->windows[k], r->video_s, "a moment", err)) return false;
    }
    return true;
}

static bool check_class(const ask_glance_data *d, const ask_data_record *r, int class_index,
                        ask_error *err)
{
    return class_index < d->n_classes ||
           ask_fail(err, ASK_ERR_FORMAT,
                    "%s: question \"%s\": an event of class %d, but there are %d classes",
                    file_of(d), r->id, class_index, d->n_classes);
}

static bool take_events(ask_glance_data *d, size_t i, ask_error *err)
{
    const ask_data_record *r = &d->records[i];
    item *it = &d->items[i];
    if (r->n_events == 0) return true;
    it->events = ask_arena_array(d->room, (size_t)r->n_events, sizeof *it->events);
    if (!it->events) return ask_fail_memory(err);
    it->n_events = r->n_events;
    for (int k = 0; k < r->n_events; k++) {
        it->events[k] = r->events[k];
        if (!check_class(d, r, r->events[k].class_index, err) ||
            !share_of(d, r, &it->events[k].at, r->events_s, "an event", err))
            return false;
    }
    return true;
}

/* Where a question asks for moments, and events are not told or not to be taught, the
 * moments are the events, of one class. */
static bool take_windows_as_events(ask_glance_data *d, size_t i, ask_error *err)
{
    item *it = &d->items[i];
    it->events = ask_arena_array(d->room, (size_t)it->n_windows, sizeof *it->events);
    if (!it->events) return ask_fail_memory(err);
    it->n_events = it->n_windows;
    for (int k = 0; k < it->n_windows; k++)
        it->events[k] = (ask_data_event){.at = it->windows[k]};
    return true;
}

enum { MOST_CLASSES = 1 << 16 }; // where nobody lists them

static int at_most(int n, int most)
{
    return n < most ? n : most;
}

/* How many classes there are: by the set's list, else by the events. */
static void count_classes(ask_glance_data *d, bool from_windows)
{
    d->classes = ask_dataset_classes(d->set, &d->n_classes);
    for (size_t i = 0; i < d->n && !d->classes; i++)
        for (int k = 0; k < d->records[i].n_events; k++)
            if (d->records[i].events[k].class_index >= d->n_classes)
                d->n_classes =
                    at_most(d->records[i].events[k].class_index, MOST_CLASSES - 1) + 1;
    if (from_windows && d->n_classes == 0) d->n_classes = 1;
}

static bool has_events(const ask_glance_data *d)
{
    for (size_t i = 0; i < d->n; i++)
        if (d->records[i].events_s > 0) return true;
    return false;
}

static bool take_all_events(ask_glance_data *d, ask_error *err)
{
    bool told = d->opt.supervised && has_events(d),
         from_windows = !told && d->n_windows > 0;
    count_classes(d, d->opt.supervised && from_windows);
    if (!d->opt.supervised && !from_windows) return true;
    if (!told && !from_windows)
        return ask_fail(err, ASK_ERR_FORMAT,
                        "%s: no events are told, which supervised training needs; give a "
                        "file of events, or train without",
                        file_of(d));
    for (size_t i = 0; i < d->n; i++) {
        if (!(from_windows ? take_windows_as_events : take_events)(d, i, err)) return false;
        if (d->items[i].n_events > d->n_events) d->n_events = d->items[i].n_events;
    }
    return true;
}

static bool take_times(ask_glance_data *d, ask_error *err)
{
    for (size_t i = 0; i < d->n; i++)
        if (!take_windows(d, i, err)) return false;
    if (!take_all_events(d, err)) return false;
    if (d->n_cut)
        ask_log_send(d->opt.log, ASK_LOG_WARNING,
                     "%s: %zu events or moments reach beyond what is seen; they are cut",
                     file_of(d), d->n_cut);
    return true;
}

/* ---- open and close ---- */

static bool open_set(ask_glance_data *d, ask_error *err)
{
    ask_data_options opt = ask_data_defaults();
    opt.videos = d->opt.videos;
    opt.events = d->opt.events;
    opt.cancel = d->opt.cancel;
    d->set = ask_dataset_open(d->opt.set, d->opt.path, d->opt.split, &opt, err);
    if (!d->set) return false;
    d->records = ask_dataset_records(d->set, &d->n);
    d->n_texts = d->records[0].n_options ? d->records[0].n_options : 1;
    d->items = ask_arena_array(d->room, d->n, sizeof *d->items);
    return d->items || ask_fail_memory(err);
}

ask_glance_data *ask_glance_data_open(const ask_glance_data_options *opt, ask_error *err)
{
    ask_glance_data *d = calloc(1, sizeof *d);
    if (!d || !(d->room = ask_arena_new(1 << 20))) {
        ask_fail_memory(err);
        goto fail;
    }
    ask_options_take(&d->opt, sizeof d->opt, opt);
    if (!open_set(d, err)) goto fail;
    ask_data_tell_notices(d->set, d->opt.log);
    if (check_records(d, err) && take_times(d, err)) return d;

fail:
    ask_glance_data_close(d);
    return NULL;
}

void ask_glance_data_close(ask_glance_data *d)
{
    if (!d) return;
    ask_dataset_close(d->set);
    ask_arena_free(d->room);
    free(d);
}

ask_glance_data_info ask_glance_data_info_of(const ask_glance_data *d)
{
    return (ask_glance_data_info){.kind = d->records[0].kind,
                                  .n = d->n,
                                  .n_options = d->records[0].n_options,
                                  .n_tokens = d->n_tokens,
                                  .n_windows = d->n_windows,
                                  .n_events = d->n_events,
                                  .n_classes = d->n_classes,
                                  .classes = d->classes,
                                  .records = d->records,
                                  .set = d->set};
}

bool ask_glance_data_use_features(ask_glance_data *d, ask_glance_features *features,
                                  ask_error *err)
{
    size_t *places = calloc(d->n, sizeof *places);
    bool ok = (places || ask_fail_memory(err)) &&
              ask_glance_features_add(features, places, d->records, d->n, err);
    for (size_t i = 0; ok && i < d->n; i++) d->items[i].features = places[i];
    free(places);
    if (ok) d->features = features;
    return ok;
}

ask_glance_features *ask_glance_data_features(const ask_glance_data *d)
{
    return d->features;
}

/* ---- texts ---- */

bool ask_glance_texts_next(void *texts, const char **text, size_t *n_bytes, ask_error *err)
{
    ask_glance_texts *t = texts;
    const ask_glance_data *d = t->data;
    (void)err;
    *text = NULL;
    if (t->record >= d->n) return true;
    const ask_data_record *r = &d->records[t->record];
    *text = t->option == 0 ? r->question : r->options[t->option - 1];
    *n_bytes = strlen(*text);
    if (++t->option > r->n_options) {
        t->option = 0;
        t->record++;
    }
    return true;
}

static bool encode_text(ask_glance_data *d, size_t i, int k, const ask_tokenizer *t,
                        const char *text, int most, ask_tokens *tokens, ask_error *err)
{
    item *it = &d->items[i];
    const ask_data_record *r = &d->records[i];
    if (!ask_tokenizer_encode(t, text, NULL, true, tokens, err))
        return ask_fail_in(err, "%s: question \"%s\"", file_of(d), r->id);
    if (tokens->n > most)
        return ask_fail(
            err, ASK_ERR_LIMIT,
            "%s: question \"%s\": a text of %d tokens, but at most %d are taken",
            file_of(d), r->id, tokens->n, most);
    int32_t *ids = ask_arena_array(d->room, (size_t)tokens->n, sizeof *ids);
    if (!ids) return ask_fail_memory(err);
    for (int j = 0; j < tokens->n; j++) ids[j] = (int32_t)tokens->tokens[j].id;
    it->ids[k] = ids;
    it->lengths[k] = tokens->n;
    if (tokens->n > d->n_tokens) d->n_tokens = tokens->n;
    return true;
}

static bool encode_item(ask_glance_data *d, size_t i, const ask_tokenizer *t,
                        const char *joint, int most, ask_str *text, ask_tokens *tokens,
                        ask_error *err)
{
    const ask_data_record *r = &d->records[i];
    item *it = &d->items[i];
    it->ids = ask_arena_array(d->room, (size_t)d->n_texts, sizeof *it->ids);
    it->lengths = ask_arena_array(d->room, (size_t)d->n_texts, sizeof *it->lengths);
    if (!it->ids || !it->lengths) return ask_fail_memory(err);
    for (int k = 0; k < d->n_texts; k++) {
        ask_str_clear(text);
        ask_str_append(text, r->question);
        if (r->n_options) ask_str_printf(text, "%s%s", joint, r->options[k]);
        if (text->failed) return ask_fail_memory(err);
        if (!encode_text(d, i, k, t, ask_str_text(text), most, tokens, err)) return false;
    }
    return true;
}

bool ask_glance_data_encode(ask_glance_data *d, const ask_tokenizer *t, const char *joint,
                            int most, ask_error *err)
{
    ask_str text = {0};
    ask_tokens tokens = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < d->n; i++)
        ok = ask_cancel_check(d->opt.cancel, err) &&
             encode_item(d, i, t, joint, most, &text, &tokens, err);
    ask_tokens_free(&tokens);
    ask_str_free(&text);
    return ok;
}

/* ---- answers ---- */

typedef struct {
    const char *text;
    size_t first, n; // where it came first, and how often it comes
} answer;

static int by_text(const void *a, const void *b)
{
    const answer *x = a, *y = b;
    int order = strcmp(x->text, y->text);
    return order ? order : (x->first > y->first) - (x->first < y->first);
}

static int by_frequency(const void *a, const void *b)
{
    const answer *x = a, *y = b;
    return x->n != y->n ? (x->n < y->n) - (x->n > y->n)
                        : (x->first > y->first) - (x->first < y->first);
}

/* Sorted answers -> one of each, with its number. */
static size_t count_answers(answer *all, size_t n)
{
    size_t n_different = 0;
    for (size_t i = 0; i < n; i++) {
        if (n_different > 0 && strcmp(all[n_different - 1].text, all[i].text) == 0)
            all[n_different - 1].n++;
        else
            all[n_different++] = all[i];
    }
    return n_different;
}

static bool most_frequent(const char ***out, int *n_out, const ask_glance_data *d, int most,
                          ask_error *err)
{
    size_t n = 0;
    answer *all = calloc(d->n, sizeof *all);
    if (!all) return ask_fail_memory(err);
    for (size_t i = 0; i < d->n; i++)
        if (d->records[i].answer) all[n++] = (answer){d->records[i].answer, i, 1};
    qsort(all, n, sizeof *all, by_text);
    n = count_answers(all, n);
    qsort(all, n, sizeof *all, by_frequency);
    if (n > (size_t)most) n = (size_t)most;
    const char **texts = calloc(n + 1, sizeof *texts);
    for (size_t i = 0; texts && i < n; i++) texts[i] = all[i].text;
    free(all);
    if (!texts) return ask_fail_memory(err);
    *out = texts;
    *n_out = (int)n;
    return true;
}

bool ask_glance_data_vocabulary(const char ***out, int *n, const ask_glance_data *d,
                                int most, ask_error *err)
{
    int n_listed;
    const char *const *listed = ask_dataset_answers(d->set, &n_listed);
    if (!listed) {
        if (!most_frequent(out, n, d, most, err)) return false;
        if (*n > 0) return true;
        free(*out);
        return ask_fail(err, ASK_ERR_FORMAT, "%s: no answers are told", file_of(d));
    }
    const char **texts = calloc((size_t)n_listed + 1, sizeof *texts);
    if (!texts) return ask_fail_memory(err);
    memcpy(texts, listed, (size_t)n_listed * sizeof *texts);
    *out = texts;
    *n = n_listed;
    return true;
}

/* Answers in the order of their texts; n is then the place in the vocabulary. */
static int find_answer(const answer *sorted, size_t n, const char *text)
{
    const answer wanted = {.text = text};
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(sorted[middle].text, wanted.text) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n && strcmp(sorted[low].text, text) == 0 ? (int)sorted[low].first : -1;
}

static bool label_words(ask_glance_data *d, const char *const *vocabulary, int n,
                        size_t *n_outside, ask_error *err)
{
    answer *sorted = calloc((size_t)n + 1, sizeof *sorted);
    if (!sorted) return ask_fail_memory(err);
    for (int i = 0; i < n; i++) sorted[i] = (answer){vocabulary[i], (size_t)i, 1};
    qsort(sorted, (size_t)n, sizeof *sorted, by_text);
    for (size_t i = 0; i < d->n; i++) {
        const ask_data_record *r = &d->records[i];
        int *label = &d->items[i].label;
        *label = r->answer ? find_answer(sorted, (size_t)n, r->answer) : -1;
        if (*label < 0 && r->other_answer)
            *label = find_answer(sorted, (size_t)n, r->other_answer);
        *n_outside += *label < 0 && r->answer;
    }
    free(sorted);
    return true;
}

bool ask_glance_data_label(ask_glance_data *d, const char *const *vocabulary, int n,
                           size_t *n_outside, ask_error *err)
{
    *n_outside = 0;
    if (d->records[0].kind == ASK_DATA_OPEN)
        return label_words(d, vocabulary, n, n_outside, err);
    for (size_t i = 0; i < d->n; i++)
        d->items[i].label = d->records[i].n_options ? d->records[i].answer_index : -1;
    return true;
}

/* ---- one question ---- */

void ask_glance_data_get(ask_glance_sample *out, const ask_glance_data *d, size_t i)
{
    const ask_data_record *r = &d->records[i];
    const item *it = &d->items[i];
    *out = (ask_glance_sample){.record = r,
                               .features = it->features,
                               .ids = it->ids,
                               .lengths = it->lengths,
                               .label = it->label,
                               .count = r->has_count ? (double)r->count : NAN,
                               .n_windows = it->n_windows,
                               .windows = it->windows,
                               .n_events = it->n_events,
                               .events = it->events};
}

/* ---- the order ---- */

bool ask_glance_order_open(ask_glance_order *o, uint64_t seed, size_t n, ask_error *err)
{
    *o = (ask_glance_order){.seed = seed, .n = n, .epoch = -1};
    o->order = calloc(n, sizeof *o->order);
    return o->order || ask_fail_memory(err);
}

void ask_glance_order_close(ask_glance_order *o)
{
    free(o->order);
    *o = (ask_glance_order){0};
}

size_t ask_glance_order_at(ask_glance_order *o, int64_t place)
{
    int64_t epoch = place / (int64_t)o->n;
    if (epoch != o->epoch) {
        ask_rng root = ask_rng_new(o->seed), orders = ask_rng_split(&root, "order");
        ask_rng rng = ask_rng_split_at(&orders, (uint64_t)epoch);
        for (size_t i = 0; i < o->n; i++) o->order[i] = i;
        ask_rng_shuffle(&rng, o->order, o->n, sizeof *o->order);
        o->epoch = epoch;
    }
    return o->order[place % (int64_t)o->n];
}
