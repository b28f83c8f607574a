/* Lines of samples.jsonl: what is read and graded never fails but with an error, and what
 * is written of it is read again as the same line. */
#include <stdlib.h>
#include <string.h>

#include "eval/samples.h"
#include "eval/scores.h"
#include "eval/submission.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static ask_str written(const ask_eval_rows *rows)
{
    ask_str text = {0};
    for (size_t i = 0; i < rows->n; i++) ask_eval_row_write(&text, &rows->rows[i]);
    if (text.failed) abort();
    return text;
}

/* Numbers that are no doubles at first are after one writing. */
static void check_again(const ask_eval_rows *rows)
{
    ask_error err;
    ask_str once = written(rows);
    ask_eval_rows read;
    size_t n_whole;
    if (!ask_eval_rows_parse(&read, &n_whole, ask_str_text(&once), once.length, "again",
                             &err))
        abort();
    ask_str twice = written(&read);
    if (n_whole != once.length || strcmp(ask_str_text(&once), ask_str_text(&twice)) != 0)
        abort();
    ask_str_free(&once);
    ask_str_free(&twice);
    ask_eval_rows_free(&read);
}

static void grade(const ask_eval_rows *rows)
{
    ask_error err;
    ask_eval_scores scores;
    ask_bootstrap_options o = ask_bootstrap_defaults();
    o.n_draws = 2;
    if (!ask_eval_grade(&scores, rows->rows, rows->n, &o, &err)) abort();
    ask_eval_scores_free(&scores);
    ask_str text = {0};
    ask_eval_submission_write(&text, "star", rows);
    ask_eval_submission_write(&text, "qvhighlights", rows);
    ask_str_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ask_error err;
    ask_eval_rows rows;
    if (!ask_eval_rows_parse(&rows, NULL, (const char *)data, size, "samples", &err))
        return 0;
    check_again(&rows);
    grade(&rows);
    ask_eval_rows_free(&rows);
    return 0;
}
