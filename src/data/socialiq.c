/* socialiq.c - Social-IQ 1.0 in words: a text for each video.
 *
 * After: Zadeh et al. 2019 (Social-IQ). qa/VIDEO_trimmed.txt has, line by line, a question,
 * its right answers and its wrong ones:
 *
 *     q1: How does the man feel about the news?
 *     a: He is relieved
 *     i: He does not care
 *
 * Each right answer is a choice of its own, beside all wrong ones; so both measures of the
 * set can be taken, right over wrong in every pair (A2) and one of four (A4). The release
 * has no order among them: the k-th right answer is put k-th, so that no place is more
 * often right than another. */
#include <stdlib.h>
#include <string.h>

#include "base/dir.h"
#include "base/file.h"
#include "base/path.h"
#include "data/socialiq_priv.h"

enum { MOST_ANSWERS = 32 }; // of one kind; published are 4 right and 3 wrong ones

typedef struct {
    const char *video;
    const char *number; // "q1"; NULL: none was begun
    const char *text;
    size_t row;
    const char *right[MOST_ANSWERS], *wrong[MOST_ANSWERS];
    int n_right, n_wrong;
} question;

/* The choice of a right answer among the wrong ones. */
static bool add_choice(data_build *b, const question *q, int k, ask_error *err)
{
    int n = q->n_wrong + 1, right = k % n;
    ask_data_record r = {.kind = ASK_DATA_CHOICE, .row = q->row, .n_options = n};
    const char **options = data_array(b, (size_t)n, sizeof *options);
    if (!options) return ask_fail_memory(err);
    for (int i = 0; i < n; i++)
        options[i] = i == right ? q->right[k] : q->wrong[i < right ? i : i - 1];
    r.id = data_printf(b, "%s_%s_%d", q->video, q->number, k);
    r.video = q->video;
    r.question = q->text;
    r.options = options;
    data_answer_index(&r, right);
    return data_add(b, &r, err);
}

/* Adds what was gathered of a question. Without a right or a wrong answer there is nothing
 * to choose. */
static bool end_question(data_build *b, question *q, ask_error *err)
{
    if (!q->number) return true;
    if (q->n_right == 0 || q->n_wrong == 0)
        return data_notice(b, ASK_DATA_MISMATCH, err,
                           "%s:%zu: %s has %d right and %d wrong answers; left out",
                           b->file, q->row, q->number, q->n_right, q->n_wrong);
    for (int k = 0; k < q->n_right; k++)
        if (!add_choice(b, q, k, err)) return false;
    return true;
}

/* The text behind "q1:"; some lines lack the colon. NULL: there is none. */
static const char *text_of(const char *line)
{
    line += 1 + strspn(line + 1, "0123456789");
    line += strspn(line, ": \t");
    return *line ? line : NULL;
}

/* Whether a line begins as "q1:", "a:" or "i:" do, and not as a word does. */
static bool is_marked(const char *line)
{
    char behind = line[1 + strspn(line + 1, "0123456789")];
    return strchr("qai", line[0]) && (behind == ':' || behind == ' ' || behind == '\t');
}

static bool begin_question(data_build *b, question *q, const data_lines *it,
                           const char *text, ask_error *err)
{
    if (!end_question(b, q, err)) return false;
    size_t n = 1 + strspn(it->line + 1, "0123456789");
    *q = (question){.video = q->video,
                    .number = data_printf(b, "%.*s", (int)n, it->line),
                    .text = data_copy(b, text),
                    .row = it->row};
    return true;
}

static bool add_answer(data_build *b, question *q, const data_lines *it, const char *text,
                       ask_error *err)
{
    bool is_right = it->line[0] == 'a';
    int *n = is_right ? &q->n_right : &q->n_wrong;
    if (!q->number)
        return ask_fail(err, ASK_ERR_FORMAT, "%s:%zu: an answer before any question",
                        it->text.name, it->row);
    if (*n == MOST_ANSWERS)
        return ask_fail(err, ASK_ERR_FORMAT, "%s:%zu: more than %d answers of one kind",
                        it->text.name, it->row, MOST_ANSWERS);
    (is_right ? q->right : q->wrong)[(*n)++] = data_copy(b, text);
    return true;
}

static bool read_line(data_build *b, question *q, const data_lines *it, ask_error *err)
{
    const char *text = is_marked(it->line) ? text_of(it->line) : NULL;
    if (!text)
        return data_notice(b, ASK_DATA_MISMATCH, err,
                           "%s:%zu: neither a question (q1:) nor an answer (a:, i:), "
                           "passed over: \"%.60s\"",
                           it->text.name, it->row, it->line);
    return it->line[0] == 'q' ? begin_question(b, q, it, text, err)
                              : add_answer(b, q, it, text, err);
}

/* "qa/VIDEO_trimmed.txt" is of VIDEO. */
static const char *video_of(data_build *b, const char *path)
{
    const char *name = ask_path_basename(path), *end = strrchr(name, '.');
    size_t n = end ? (size_t)(end - name) : strlen(name), m = strlen("_trimmed");
    if (n > m && memcmp(name + n - m, "_trimmed", m) == 0) n -= m;
    return data_printf(b, "%.*s", (int)n, name);
}

bool data_socialiq_read(data_build *b, data_text text, ask_error *err)
{
    question q = {.video = video_of(b, text.name)};
    data_lines it = {.text = text};
    bool ok = true;
    b->file = text.name;
    while (ok && data_lines_next(&it, err)) ok = read_line(b, &q, &it, err);
    bool ended = data_lines_end(&it);
    return ok && ended && end_question(b, &q, err);
}

static bool read_files(data_build *b, const ask_dir_names *names, data_fold *fold,
                       ask_error *err)
{
    const char *dir = b->file;
    for (size_t i = 0; i < names->n; i++) {
        const char *path = data_printf(b, "%s/%s", dir, names->names[i]);
        if (!data_fold_has(fold, video_of(b, path))) continue;
        if (b->no_memory) return ask_fail_memory(err);
        if (!data_with_file(b, path, data_socialiq_read, err)) return false;
    }
    b->file = dir;
    return data_fold_end(fold, b, err);
}

bool data_socialiq_read_path(data_build *b, ask_error *err)
{
    if (!ask_file_is_dir(b->file))
        return data_with_file(b, b->file, data_socialiq_read, err);
    data_fold fold = {0};
    ask_dir_names names = {0};
    bool ok = data_fold_read(&fold, b, err) &&
              ask_dir_list(&names, b->file, "*.txt", err) &&
              read_files(b, &names, &fold, err);
    ask_dir_names_free(&names);
    data_fold_free(&fold);
    return ok;
}
