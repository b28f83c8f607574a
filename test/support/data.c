#include "support/data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "support/testing.h"

static void show_texts(ask_str *out, const char *label, const char *const *texts, int n)
{
    if (!texts) return;
    ask_str_printf(out, " | %s ", label);
    for (int i = 0; i < n; i++) ask_str_printf(out, "%s%s", i ? "; " : "", texts[i]);
}

static void show_spans(ask_str *out, const ask_data_span *spans, int n)
{
    for (int i = 0; i < n; i++)
        ask_str_printf(out, "%s%g-%g", i ? ", " : " | windows ", spans[i].start_s,
                       spans[i].end_s);
}

static void show_answer(ask_str *out, const ask_data_record *r)
{
    show_texts(out, "options", r->options, r->n_options);
    show_texts(out, "which are", r->option_tags, r->n_options);
    if (r->answer_index >= 0) ask_str_printf(out, " | right %d", r->answer_index);
    if (r->answer) ask_str_printf(out, " | answer %s", r->answer);
    if (r->other_answer) ask_str_printf(out, " | or %s", r->other_answer);
    if (r->has_count) ask_str_printf(out, " | count %lld", (long long)r->count);
}

static void show_times(ask_str *out, const ask_data_record *r)
{
    show_spans(out, r->windows, r->n_windows);
    for (int i = 0; i < r->n_saliency; i++) {
        const ask_data_saliency *s = &r->saliency[i];
        ask_str_printf(out, "%s%d:%d/%d/%d", i ? ", " : " | clips ", s->clip, s->scores[0],
                       s->scores[1], s->scores[2]);
    }
    if (r->n_saliency > 0) ask_str_printf(out, " of %g s", r->clip_s);
    if (r->events_s > 0) ask_str_printf(out, " | events of %g s", r->events_s);
    for (int i = 0; i < r->n_events; i++)
        ask_str_printf(out, "%s%d@%g-%g", i ? ", " : ": ", r->events[i].class_index,
                       r->events[i].at.start_s, r->events[i].at.end_s);
}

static void show_situation(ask_str *out, const ask_data_situation *s)
{
    ask_str_printf(out, " | frame %d", (int)s->frame);
    if (s->t_s >= 0) ask_str_printf(out, " at %g s", s->t_s);
    for (int i = 0; i < s->n_objects; i++) {
        const ask_data_object *o = &s->objects[i];
        ask_str_printf(out, "%s%s", i ? ", " : ": ", o->name);
        if (o->has_box)
            ask_str_printf(out, " %g %g %g %g", o->box[0], o->box[1], o->box[2], o->box[3]);
    }
    for (int i = 0; i < s->n_relations; i++)
        ask_str_printf(out, "; %s %s %s", s->relations[i].subject, s->relations[i].name,
                       s->relations[i].object);
    for (int i = 0; i < s->n_actions; i++) ask_str_printf(out, "; %s", s->actions[i]);
}

static void show_vectors(ask_str *out, const ask_data_vectors *v)
{
    if (!v) return;
    ask_str_printf(out, " | vectors %s[0, %d, %d] %d x %d", v->array, (int)v->question,
                   (int)v->choice, (int)v->n_tokens, (int)v->width);
}

/* file: of the set; that of the record is told where it is another. */
static void show_record(ask_str *out, const ask_data_record *r, const char *file)
{
    if (strcmp(r->file, file) != 0) ask_str_printf(out, "%s:", r->file);
    ask_str_printf(out, "%zu: %s | %s", r->row, r->id, r->video);
    if (r->video_path) ask_str_printf(out, " in %s", r->video_path);
    if (r->video_s > 0) ask_str_printf(out, " of %g s", r->video_s);
    if (r->origin_s > 0) ask_str_printf(out, " cut at %g s", r->origin_s);
    if (r->has_clip) ask_str_printf(out, " from %g-%g", r->clip.start_s, r->clip.end_s);
    ask_str_printf(out, " | %s %s: %s", r->language, ask_data_kind_name(r->kind),
                   r->question);
    show_vectors(out, r->vectors);
    show_answer(out, r);
    for (int i = 0; i < r->n_tags; i++)
        ask_str_printf(out, "%s%s=%s", i ? ", " : " | tags ", r->tags[i].group,
                       r->tags[i].name);
    show_times(out, r);
    for (int i = 0; i < r->n_situations; i++) show_situation(out, &r->situations[i]);
    if (r->subtitles) ask_str_printf(out, " | subtitles %s", r->subtitles);
    if (strcmp(r->features, r->video) != 0)
        ask_str_printf(out, " | features %s", r->features);
    ask_str_append_char(out, '\n');
}

char *data_shown(const ask_dataset *d)
{
    ask_str out = {0};
    int n_classes;
    const char *const *classes = ask_dataset_classes(d, &n_classes);
    for (int i = 0; i < n_classes; i++)
        ask_str_printf(&out, "class %d: %s\n", i, classes[i]);
    int n_answers;
    const char *const *answers = ask_dataset_answers(d, &n_answers);
    for (int i = 0; i < n_answers; i++)
        ask_str_printf(&out, "vocabulary %d: %s\n", i, answers[i]);
    size_t n;
    const ask_data_record *records = ask_dataset_records(d, &n);
    for (size_t i = 0; i < n; i++) show_record(&out, &records[i], ask_dataset_file(d));
    const ask_data_notice *notices = ask_dataset_report(d, &n);
    for (size_t i = 0; i < n; i++)
        ask_str_printf(&out, "%s: %s\n", ask_data_notice_name(notices[i].kind),
                       notices[i].text);
    return ask_str_take(&out, NULL);
}

/* Takes every "dir/" out of a text. */
static void forget_dir(char *text, const char *dir)
{
    size_t n = strlen(dir);
    for (char *at = text; (at = strstr(at, dir));)
        memmove(at, at + n + 1, strlen(at + n + 1) + 1);
}

void check_shown(const char *set, const char *path, const char *split,
                 const ask_data_options *opt, const char *expected)
{
    ask_error err = {0};
    ask_dataset *d = ask_dataset_open(set, path, split, opt, &err);
    if (!d) fail_msg("%s of %s: %s", set, path, err.message);
    char *shown = data_shown(d);
    forget_dir(shown, path);
    if (strcmp(shown, expected) != 0)
        fail_msg("%s of %s: expected\n%sgot\n%s", set, path, expected, shown);
    free(shown);
    ask_dataset_close(d);
}

static void expect(const char *set, const data_case *c, const char *got)
{
    if (strcmp(got, c->says) != 0)
        fail_msg("%s, case \"%s\": expected\n%s\ngot\n%s", set, c->name, c->says, got);
}

static void check_one_refused(const char *set, const char *path, const char *dir,
                              const data_case *c)
{
    ask_error err = {0};
    ask_dataset *d = ask_dataset_open(set, path, NULL, NULL, &err);
    if (d) fail_msg("%s, case \"%s\": was read", set, c->name);
    forget_dir(err.message, dir);
    expect(set, c, err.message);
    assert_int_equal(err.code, ASK_ERR_FORMAT);
}

static void check_one_noticed(const char *set, const char *path, const char *dir,
                              const data_case *c)
{
    ask_error err = {0};
    ask_dataset *d = ask_dataset_open(set, path, NULL, NULL, &err);
    if (!d) fail_msg("%s, case \"%s\": %s", set, c->name, err.message);
    size_t n;
    const ask_data_notice *notices = ask_dataset_report(d, &n);
    if (n != 1) fail_msg("%s, case \"%s\": %zu notices", set, c->name, n);
    char got[600];
    snprintf(got, sizeof got, "%s: %s", ask_data_notice_name(notices[0].kind),
             notices[0].text);
    forget_dir(got, dir);
    expect(set, c, got);
    ask_dataset_close(d);

    ask_data_options strict = ask_data_defaults();
    strict.strict = true;
    d = ask_dataset_open(set, path, NULL, &strict, &err);
    if (d) fail_msg("%s, case \"%s\": was read under strict", set, c->name);
    assert_int_equal(err.code, ASK_ERR_FORMAT);
}

typedef void check_one(const char *set, const char *path, const char *dir,
                       const data_case *c);

static void check_each(const char *set, const char *file, const data_case *cases, size_t n,
                       check_one *check)
{
    for (size_t i = 0; i < n; i++) {
        char *dir = test_temp_dir_make();
        test_write_text(test_path(dir, file), cases[i].text);
        check(set, test_path(dir, file), dir, &cases[i]);
        test_temp_dir_remove(dir);
    }
}

void check_refused(const char *set, const char *file, const data_case *cases, size_t n)
{
    check_each(set, file, cases, n, check_one_refused);
}

void check_noticed(const char *set, const char *file, const data_case *cases, size_t n)
{
    check_each(set, file, cases, n, check_one_noticed);
}
