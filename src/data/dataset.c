#include "data/dataset.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/options.h"
#include "base/path.h"
#include "base/str.h"
#include "data/names_priv.h"
#include "data/reader_priv.h"
#include "data/videos_priv.h"

struct ask_dataset {
    data_build build; // owns the arena, the records and the notices
};

const char *ask_data_kind_name(ask_data_kind kind)
{
    static const char *const names[] = {
        [ASK_DATA_CHOICE] = "choice",
        [ASK_DATA_OPEN] = "open",
        [ASK_DATA_COUNT] = "count",
        [ASK_DATA_RETRIEVE] = "retrieve",
    };
    return names[kind];
}

const char *ask_data_notice_name(ask_data_notice_kind kind)
{
    static const char *const names[ASK_DATA_N_NOTICES] = {
        [ASK_DATA_DUPLICATE_ID] = "duplicate_id",
        [ASK_DATA_NO_ANSWER] = "no_answer",
        [ASK_DATA_UNKNOWN_ANSWER] = "unknown_answer",
        [ASK_DATA_UNLISTED_ANSWER] = "unlisted_answer",
        [ASK_DATA_MISMATCH] = "mismatch",
        [ASK_DATA_OUTSIDE] = "outside",
        [ASK_DATA_MISSING_VIDEO] = "missing_video",
        [ASK_DATA_MISSING_EVENTS] = "missing_events",
        [ASK_DATA_UNKNOWN_EVENT] = "unknown_event",
        [ASK_DATA_ODD_TYPE] = "odd_type",
    };
    return names[kind];
}

ask_data_options ask_data_defaults(void)
{
    return (ask_data_options){.struct_size = sizeof(ask_data_options)};
}

/* ---- which file ---- */

static const data_split *find_split(const data_set *set, const char *name)
{
    for (int i = 0; i < DATA_MOST_SPLITS && set->splits[i].name; i++)
        if (strcmp(set->splits[i].name, name) == 0) return &set->splits[i];
    return NULL;
}

static bool fail_split(const data_set *set, const char *name, ask_error *err)
{
    ask_str names = {0};
    for (int i = 0; i < DATA_MOST_SPLITS && set->splits[i].name; i++)
        ask_str_printf(&names, "%s%s", i ? ", " : "", set->splits[i].name);
    ask_fail(err, ASK_ERR_USAGE, "%s has no split \"%s\" (splits: %s)", set->name, name,
             ask_str_text(&names));
    ask_str_free(&names);
    return false;
}

/* The file of a split in a folder, in the arena; NULL when there is none. */
static const char *file_of_split(data_build *b, const data_set *set, const char *dir,
                                 const data_split *split)
{
    for (int i = 0; i < DATA_MOST_FILES && set->files[i]; i++) {
        const char *name = data_fill_in(b, set->files[i], split->in_file);
        const char *path = data_printf(b, "%s/%s", dir, name);
        if (ask_file_exists(path)) return path;
    }
    return NULL;
}

/* split NULL: there is none of any split. */
static bool fail_no_file(data_build *b, const data_set *set, const char *dir,
                         const data_split *split, ask_error *err)
{
    ask_str names = {0};
    for (int i = 0; i < DATA_MOST_FILES && set->files[i]; i++)
        ask_str_printf(&names, "%s%s", i ? " or " : "",
                       split ? data_fill_in(b, set->files[i], split->in_file)
                             : set->files[i]);
    if (names.failed || b->no_memory)
        ask_fail_memory(err);
    else
        ask_fail(err, ASK_ERR_IO, "%s: no file %s in it, as %s has", dir,
                 ask_str_text(&names), set->title);
    ask_str_free(&names);
    return false;
}

static bool find_in_folder(data_build *b, const data_set *set, const char *dir,
                           const char *name, ask_error *err)
{
    for (int i = 0; i < DATA_MOST_SPLITS && set->splits[i].name; i++) {
        const data_split *s = &set->splits[i];
        if (name && strcmp(name, s->name) != 0) continue;
        b->file = file_of_split(b, set, dir, s);
        if (b->no_memory) return ask_fail_memory(err);
        b->split = s->name;
        b->dir = dir;
        if (b->file) return true;
    }
    return fail_no_file(b, set, dir, name ? find_split(set, name) : NULL, err);
}

/* What split a file is of, by its name; NULL: its name does not say. */
static const char *split_of_file(data_build *b, const data_set *set, const char *path)
{
    for (int i = 0; i < DATA_MOST_SPLITS && set->splits[i].name; i++) {
        for (int k = 0; k < DATA_MOST_FILES && set->files[k]; k++) {
            if (!strchr(set->files[k], '*')) continue;
            const char *name = data_fill_in(b, set->files[k], set->splits[i].in_file);
            if (strcmp(ask_path_basename(name), ask_path_basename(path)) == 0)
                return set->splits[i].name;
        }
    }
    return NULL;
}

/* The folder of a set's files by the path of one, in the arena: "x" for "x/qa/qa_val.json"
 * of a set whose files are "qa/qa_*.json". NULL: the path does not say. */
static const char *folder_by_pattern(data_build *b, const data_set *set, const char *path)
{
    for (int i = 0; i < DATA_MOST_SPLITS && set->splits[i].name; i++) {
        for (int k = 0; k < DATA_MOST_FILES && set->files[k]; k++) {
            const char *name = data_fill_in(b, set->files[k], set->splits[i].in_file);
            if (!strchr(name, '/') || !ask_ends_with(path, name)) continue;
            size_t n = strlen(path) - strlen(name);
            if (n == 0) return ".";
            if (n == 1 && path[0] == '/') return "/";
            if (path[n - 1] == '/') return data_printf(b, "%.*s", (int)n - 1, path);
        }
    }
    return NULL;
}

static bool find_file(data_build *b, const data_set *set, const char *path,
                      const char *name, ask_error *err)
{
    if (name && !find_split(set, name)) return fail_split(set, name, err);
    path = data_copy(b, path);
    if (ask_file_is_dir(path)) return find_in_folder(b, set, path, name, err);
    char *dir = ask_path_dirname(path, err);
    if (!dir) return false;
    b->dir = folder_by_pattern(b, set, path);
    if (!b->dir) b->dir = data_copy(b, dir);
    free(dir);
    b->file = path;
    b->split = name ? find_split(set, name)->name : split_of_file(b, set, path);
    return !b->no_memory || ask_fail_memory(err);
}

static bool read_questions(data_build *b, const data_set *set, ask_error *err)
{
    const char *file = b->file;
    bool ok = set->read_path ? set->read_path(b, err)
                             : data_with_file(b, b->file, set->read, err);
    b->file = file; // readers of many files say which they are at
    if (!ok) return false;
    if (b->n_records > 0) return true;
    return ask_fail(err, ASK_ERR_FORMAT, "%s: no questions in it", b->file);
}

/* ---- what is the same for all sets ---- */

static bool notice_duplicates(data_build *b, ask_error *err)
{
    data_names seen = {0};
    bool ok = true;
    for (size_t i = 0; i < b->n_records && ok; i++) {
        const ask_data_record *r = &b->records[i];
        size_t n = seen.n, index;
        ok = data_names_add(&seen, &index, r->id, err) &&
             (seen.n > n || data_notice_at(b, ASK_DATA_DUPLICATE_ID, r, err,
                                           "question id \"%s\" was there before", r->id));
    }
    data_names_free(&seen);
    return ok;
}

/* A test split hides all answers or none. */
static bool notice_unanswered(data_build *b, ask_error *err)
{
    bool told = b->answers_told;
    if (!data_is_test(b)) return true; // the readers did
    for (size_t i = 0; i < b->n_records && !told; i++)
        told = data_is_answered(&b->records[i]);
    for (size_t i = 0; i < b->n_records && told; i++)
        if (!data_is_answered(&b->records[i]) &&
            !data_notice_unanswered(b, &b->records[i], err))
            return false;
    return true;
}

static bool check_strict(const data_build *b, ask_error *err)
{
    if (b->n_notices == 0) return true;
    return ask_fail(err, ASK_ERR_FORMAT, "%s (%s; %zu in all)", b->notices[0].text,
                    ask_data_notice_name(b->notices[0].kind), b->n_notices);
}

static const data_set *find_set(const char *name, ask_error *err)
{
    ask_str names = {0};
    for (const data_set *s = data_sets; s->name; s++) {
        if (strcmp(s->name, name) == 0) {
            ask_str_free(&names);
            return s;
        }
        ask_str_printf(&names, "%s%s", s > data_sets ? ", " : "", s->name);
    }
    if (names.failed)
        ask_fail_memory(err);
    else
        ask_fail(err, ASK_ERR_USAGE, "no set of questions is called \"%s\" (sets: %s)",
                 name, ask_str_text(&names));
    ask_str_free(&names);
    return NULL;
}

ask_dataset *ask_dataset_open(const char *name, const char *path, const char *split,
                              const ask_data_options *opt, ask_error *err)
{
    ask_data_options o = ask_data_defaults();
    ask_options_take(&o, sizeof o, opt);
    const data_set *set = find_set(name, err);
    if (!set) return NULL;
    ask_dataset *d = calloc(1, sizeof *d);
    data_build *b = d ? &d->build : NULL;
    if (!d || !(b->arena = ask_arena_new(0))) {
        ask_fail_memory(err);
        goto fail;
    }
    b->cancel = o.cancel;
    if (!find_file(b, set, path, split, err) || !data_find_videos(b, o.videos, err) ||
        !read_questions(b, set, err) || !notice_duplicates(b, err) ||
        !data_match_videos(b, set, err) || !data_find_subtitles(b, set, err))
        goto fail;
    if (set->read_more && !set->read_more(b, err)) goto fail;
    if (o.events && !data_read_given_events(b, o.events, err)) goto fail;
    if (!notice_unanswered(b, err) || !data_check_vocabulary(b, err)) goto fail;
    if (o.strict && !check_strict(b, err)) goto fail;
    return d;

fail:
    ask_dataset_close(d);
    return NULL;
}

void ask_dataset_close(ask_dataset *d)
{
    if (!d) return;
    data_build_free(&d->build);
    free(d);
}

/* ---- looking ---- */

const ask_data_record *ask_dataset_records(const ask_dataset *d, size_t *n)
{
    *n = d->build.n_records;
    return d->build.records;
}

const ask_data_notice *ask_dataset_report(const ask_dataset *d, size_t *n)
{
    *n = d->build.n_notices;
    return d->build.notices;
}

const char *const *ask_dataset_classes(const ask_dataset *d, int *n)
{
    *n = d->build.n_classes;
    return d->build.classes;
}

const char *const *ask_dataset_answers(const ask_dataset *d, int *n)
{
    *n = d->build.answers.n;
    return d->build.answers.texts;
}

const char *ask_dataset_file(const ask_dataset *d)
{
    return d->build.file;
}

const char *ask_dataset_split(const ask_dataset *d)
{
    return d->build.split;
}

bool ask_dataset_has_videos(const ask_dataset *d)
{
    return d->build.videos != NULL;
}

bool ask_data_set_at(ask_data_set_info *out, size_t i)
{
    for (const data_set *s = data_sets; s->name; s++, i--) {
        if (i > 0) continue;
        *out = (ask_data_set_info){.name = s->name, .title = s->title, .file = s->files[0]};
        return true;
    }
    return false;
}
