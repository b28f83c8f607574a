#include "support/memory_model.h"

#include "base/str.h"
#include "support/testing.h"

memory_model memory_model_open(const char *dir)
{
    ask_error err = {0};
    memory_model m = {.model = ask_model_open(dir, NULL, &err)};
    CHECK_OK(m.model, &err);
    m.session = ask_session_open(m.model, &err);
    CHECK_OK(m.session, &err);
    return m;
}

void memory_model_close(memory_model *m)
{
    ask_session_close(m->session);
    ask_model_close(m->model);
}

ask_memory memory_model_remember(ask_session *s, const ask_sights *sights,
                                 const bool *shown)
{
    ask_error err = {0};
    ask_memory m;
    CHECK_OK(ask_memory_make(&m, s, sights, shown, NULL, &err), &err);
    return m;
}

ask_recalled memory_model_recall(ask_session *s, const ask_memory *m, const char *question,
                                 const char *const *options, int n_options)
{
    ask_error err = {0};
    ask_recalled r;
    CHECK_OK(ask_memory_recall(&r, s, m, question, options, n_options, NULL, &err), &err);
    return r;
}

static void write_list(const char *path, const char *const *texts, int n)
{
    ask_str s = {0};
    ask_str_append(&s, "[");
    for (int i = 0; i < n; i++) ask_str_printf(&s, "%s\"%s\"", i ? ", " : "", texts[i]);
    ask_str_append(&s, "]");
    test_write_text(path, ask_str_text(&s));
    ask_str_free(&s);
}

void memory_model_write_answers(const char *dir, const char *const *answers, int n_answers,
                                const char *const *denials, int n_denials)
{
    write_list(test_path(dir, "answers.json"), answers, n_answers);
    write_list(test_path(dir, "denials.json"), denials, n_denials);
}
