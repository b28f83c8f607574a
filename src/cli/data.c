/* askance data - what a published set of questions has, and one question of it. */
#include <string.h>

#include "base/json_write.h"
#include "cli/command.h"
#include "cli/data_record.h"
#include "data/summary.h"

enum {
    MOST_NOTICES = 10, // that are listed in words
    MOST_NAMES = 12,   // of one group of tags
};

typedef struct {
    const char *split;
    const char *videos;
    bool strict;
} values;

typedef struct {
    const char *set;
    const ask_dataset *data;
    ask_data_summary summary; // owned
} findings;

static const ask_data_record *first_question(const findings *f)
{
    size_t n;
    return ask_dataset_records(f->data, &n);
}

/* ---- the sets ---- */

static void list_as_text(ask_str *out, const void *what)
{
    (void)what;
    ask_data_set_info info;
    for (size_t i = 0; ask_data_set_at(&info, i); i++)
        ask_str_printf(out, "%-18s  %-40s  %s\n", info.name, info.title, info.file);
}

static void list_as_json(ask_str *out, const void *what)
{
    (void)what;
    ask_json_writer w = {.out = out, .pretty = true};
    ask_json_open_object(&w, NULL);
    ask_json_put_string(&w, "schema", "askance.data.sets/1");
    ask_json_open_array(&w, "sets");
    ask_data_set_info info;
    for (size_t i = 0; ask_data_set_at(&info, i); i++) {
        ask_json_open_object(&w, NULL);
        ask_json_put_string(&w, "name", info.name);
        ask_json_put_string(&w, "title", info.title);
        ask_json_put_string(&w, "file", info.file);
        ask_json_close(&w);
    }
    ask_json_close(&w);
    ask_json_close(&w);
    ask_str_append_char(out, '\n');
}

/* ---- one set, in words ---- */

static void text_numbers(ask_str *out, const findings *f)
{
    const ask_data_summary *s = &f->summary;
    ask_str_printf(out, "questions   %zu, answers told %zu\n", s->n_questions,
                   s->n_answered);
    const char *between = "kinds       ";
    for (int k = 0; k < ASK_DATA_N_KINDS; k++) {
        if (s->n_kinds[k] == 0) continue;
        ask_str_printf(out, "%s%s %zu", between, ask_data_kind_name((ask_data_kind)k),
                       s->n_kinds[k]);
        between = ", ";
    }
    const struct {
        size_t n;
        const char *what;
    } parts[] = {
        {s->n_clips, "clip"},
        {s->n_windows, "windows"},
        {s->n_saliency, "saliency"},
        {s->n_events, "events"},
        {s->n_situations, "situations"},
        {s->n_vectors, "vectors for words"},
        {s->n_subtitles, "subtitles"},
    };
    between = "\nwith        ";
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (parts[i].n == 0) continue;
        ask_str_printf(out, "%s%s %zu", between, parts[i].what, parts[i].n);
        between = ", ";
    }
    ask_str_printf(out, "\nvideos      %zu", s->n_videos);
    if (ask_dataset_has_videos(f->data))
        ask_str_printf(out, ", found %zu\n", s->n_videos_found);
    else
        ask_str_append(out,
                       ", not looked for: no folder \"videos\", \"video\", \"gifs\" or "
                       "\"vision/raw\"; use --videos\n");
}

static void text_vocabulary(ask_str *out, const ask_dataset *d)
{
    int n;
    ask_dataset_answers(d, &n);
    if (n > 0) ask_str_printf(out, "vocabulary  %d answers\n", n);
}

/* How many tags from the i-th on are of its group. */
static size_t group_size(const ask_data_summary *s, size_t i)
{
    size_t n = 0;
    while (i + n < s->n_tags && strcmp(s->tags[i + n].group, s->tags[i].group) == 0) n++;
    return n;
}

static void text_tags(ask_str *out, const ask_data_summary *s)
{
    for (size_t i = 0; i < s->n_tags;) {
        size_t n = group_size(s, i), shown = n < MOST_NAMES ? n : MOST_NAMES;
        ask_str_printf(out, "%-10s ", s->tags[i].group);
        for (size_t k = 0; k < shown; k++)
            ask_str_printf(out, "%s %s %zu", k ? "," : "", s->tags[i + k].name,
                           s->tags[i + k].n);
        if (shown < n) ask_str_printf(out, ", and %zu more", n - shown);
        ask_str_append_char(out, '\n');
        i += n;
    }
}

static void text_notices(ask_str *out, const findings *f)
{
    size_t n;
    const ask_data_notice *notices = ask_dataset_report(f->data, &n);
    ask_str_append(out, "noticed    ");
    if (n == 0) ask_str_append(out, " nothing");
    const char *between = " ";
    for (int k = 0; k < ASK_DATA_N_NOTICES; k++) {
        if (f->summary.n_notices[k] == 0) continue;
        ask_str_printf(out, "%s%s %zu", between,
                       ask_data_notice_name((ask_data_notice_kind)k),
                       f->summary.n_notices[k]);
        between = ", ";
    }
    ask_str_append_char(out, '\n');
    for (size_t i = 0; i < n && i < MOST_NOTICES; i++)
        ask_str_printf(out, "  %s\n", notices[i].text);
    if (n > MOST_NOTICES)
        ask_str_printf(out, "  and %zu more; --json lists all\n", n - MOST_NOTICES);
}

static void text_answer(ask_str *out, const ask_data_record *r)
{
    if (r->vectors)
        ask_str_printf(out, "   vectors of %d options, %lld x %lld, in %s\n", r->n_options,
                       (long long)r->vectors->n_tokens, (long long)r->vectors->width,
                       r->vectors->array);
    for (int i = 0; i < r->n_options && !r->vectors; i++)
        ask_str_printf(out, "  %s%d %s\n", i == r->answer_index ? "*" : " ", i,
                       r->options[i]);
    if (r->n_options == 0 && r->answer) ask_str_printf(out, "   = %s\n", r->answer);
    if (r->has_count) ask_str_printf(out, "   = %lld\n", (long long)r->count);
    for (int i = 0; i < r->n_windows; i++)
        ask_str_printf(out, "   = %g s to %g s\n", r->windows[i].start_s,
                       r->windows[i].end_s);
}

static void as_text(ask_str *out, const void *what)
{
    const findings *f = what;
    const ask_data_record *r = first_question(f);
    const char *split = ask_dataset_split(f->data);
    ask_str_printf(out, "file        %s\n", ask_dataset_file(f->data));
    ask_str_printf(out, "split       %s\n", split ? split : "not known");
    text_numbers(out, f);
    text_vocabulary(out, f->data);
    text_tags(out, &f->summary);
    text_notices(out, f);
    ask_str_printf(out, "\n%s, video %s", r->id, r->video);
    if (r->has_clip) ask_str_printf(out, ", %g s to %g s", r->clip.start_s, r->clip.end_s);
    ask_str_printf(out, ": %s\n", r->vectors ? "no words" : r->question);
    text_answer(out, r);
}

/* ---- one set, as JSON: docs/formats.md ---- */

static void json_numbers(ask_json_writer *w, const findings *f)
{
    const ask_data_summary *s = &f->summary;
    ask_json_put_int(w, "n_questions", (int64_t)s->n_questions);
    ask_json_put_int(w, "n_answered", (int64_t)s->n_answered);
    ask_json_open_object(w, "kinds");
    for (int k = 0; k < ASK_DATA_N_KINDS; k++)
        ask_json_put_int(w, ask_data_kind_name((ask_data_kind)k), (int64_t)s->n_kinds[k]);
    ask_json_close(w);
    ask_json_put_int(w, "n_clips", (int64_t)s->n_clips);
    ask_json_put_int(w, "n_windows", (int64_t)s->n_windows);
    ask_json_put_int(w, "n_saliency", (int64_t)s->n_saliency);
    ask_json_put_int(w, "n_events", (int64_t)s->n_events);
    ask_json_put_int(w, "n_situations", (int64_t)s->n_situations);
    ask_json_put_int(w, "n_vectors", (int64_t)s->n_vectors);
    ask_json_put_int(w, "n_subtitles", (int64_t)s->n_subtitles);
    ask_json_put_int(w, "n_videos", (int64_t)s->n_videos);
    if (ask_dataset_has_videos(f->data))
        ask_json_put_int(w, "n_videos_found", (int64_t)s->n_videos_found);
}

static void json_tags(ask_json_writer *w, const ask_data_summary *s)
{
    ask_json_open_object(w, "tags");
    for (size_t i = 0; i < s->n_tags;) {
        size_t n = group_size(s, i);
        ask_json_open_object(w, s->tags[i].group);
        for (size_t k = 0; k < n; k++, i++)
            ask_json_put_int(w, s->tags[i].name, (int64_t)s->tags[i].n);
        ask_json_close(w);
    }
    ask_json_close(w);
}

static void json_classes(ask_json_writer *w, const ask_dataset *d)
{
    int n;
    const char *const *classes = ask_dataset_classes(d, &n);
    ask_json_open_array(w, "classes");
    for (int i = 0; i < n; i++) ask_json_put_string(w, NULL, classes[i]);
    ask_json_close(w);
}

static void json_vocabulary(ask_json_writer *w, const ask_dataset *d)
{
    int n;
    ask_dataset_answers(d, &n);
    ask_json_put_int(w, "n_vocabulary", n);
}

static void json_notices(ask_json_writer *w, const ask_dataset *d)
{
    size_t n;
    const ask_data_notice *notices = ask_dataset_report(d, &n);
    ask_json_open_array(w, "noticed");
    for (size_t i = 0; i < n; i++) {
        ask_json_open_object(w, NULL);
        ask_json_put_string(w, "kind", ask_data_notice_name(notices[i].kind));
        ask_json_put_string(w, "text", notices[i].text);
        ask_json_close(w);
    }
    ask_json_close(w);
}

static void as_json(ask_str *out, const void *what)
{
    const findings *f = what;
    ask_json_writer w = {.out = out, .pretty = true};
    ask_json_open_object(&w, NULL);
    ask_json_put_string(&w, "schema", "askance.data/1");
    ask_json_put_string(&w, "set", f->set);
    ask_json_put_string(&w, "file", ask_dataset_file(f->data));
    const char *split = ask_dataset_split(f->data);
    if (split) ask_json_put_string(&w, "split", split);
    json_numbers(&w, f);
    json_tags(&w, &f->summary);
    json_classes(&w, f->data);
    json_vocabulary(&w, f->data);
    json_notices(&w, f->data);
    cli_data_record(&w, "first", first_question(f));
    ask_json_open_object(&w, "notes");
    if (!split)
        ask_json_put_string(&w, "split", "the file's name does not say; use --split");
    if (!ask_dataset_has_videos(f->data))
        ask_json_put_string(&w, "n_videos_found",
                            "videos were not looked for; use --videos");
    ask_json_close(&w);
    ask_json_close(&w);
    ask_str_append_char(out, '\n');
}

/* ---- the command ---- */

static bool tell(const cli_call *call, const char *set, const ask_dataset *d,
                 ask_error *err)
{
    findings f = {.set = set, .data = d};
    if (!ask_data_summary_of(&f.summary, d, err)) return false;
    bool ok = cli_output_result(call->output, as_text, as_json, &f, err);
    ask_data_summary_free(&f.summary);
    return ok;
}

static cli_outcome run(const cli_call *call, const void *given, ask_error *err)
{
    const values *v = given;
    if (call->arguments->n == 0)
        return cli_output_result(call->output, list_as_text, list_as_json, NULL, err)
                   ? CLI_DONE
                   : CLI_FAILED;
    if (call->arguments->n == 1) {
        ask_fail(err, ASK_ERR_USAGE, "where is the set? expected SET PATH");
        return CLI_FAILED;
    }
    ask_data_options opt = ask_data_defaults();
    opt.strict = v->strict;
    opt.videos = v->videos;
    opt.cancel = call->cancel;
    const char *set = call->arguments->items[0];
    ask_dataset *d = ask_dataset_open(set, call->arguments->items[1], v->split, &opt, err);
    bool ok = d && tell(call, set, d, err);
    ask_dataset_close(d);
    return ok ? CLI_DONE : CLI_FAILED;
}

static const cli_option options[] = {
    {.name = "split",
     .kind = CLI_TEXT,
     .at = offsetof(values, split),
     .argument = "NAME",
     .help = "val, test or train (default: the first that is there)"},
    {.name = "videos",
     .kind = CLI_TEXT,
     .at = offsetof(values, videos),
     .argument = "DIR",
     .help = "look for the videos in DIR (default: videos beside the file)"},
    {.name = "strict",
     .kind = CLI_FLAG,
     .at = offsetof(values, strict),
     .help = "what would be noticed is an error"},
    {0},
};

static const values defaults = {0};

const cli_command cli_data_command = {
    .name = "data",
    .summary = "Read a published set of questions and say what it has",
    .arguments = "[SET PATH]",
    .max_arguments = 2,
    .description =
        "Reads the questions of SET in the files as they are published; PATH is their\n"
        "folder, or the file of questions. Tells how many there are of which kinds and\n"
        "types, what is odd (questions twice, videos that are not there, answers that are\n"
        "none of the options), and the first question. Without SET the sets are listed.\n\n"
        "Exit status 3 when a file is malformed, or under --strict odd; 2 for a SET or a\n"
        "split that there is none of.",
    .options = options,
    .defaults = &defaults,
    .values_bytes = sizeof defaults,
    .run = run,
};
