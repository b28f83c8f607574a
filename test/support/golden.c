#include "support/golden.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

golden golden_open_part(const char *name, const char *part)
{
    char path[128];
    ask_error err = {0};
    golden f = {0};
    snprintf(path, sizeof path, "golden/%s/%s.safetensors", name, part);
    CHECK_OK(f.file = ask_weights_open(test_fixture(path), &err), &err);
    f.used = calloc(ask_weights_count(f.file), sizeof *f.used);
    assert_non_null(f.used);
    return f;
}

void golden_close(golden *f)
{
    ask_weights_close(f->file);
    free(f->used);
    *f = (golden){0};
}

golden golden_open(const char *name)
{
    return golden_open_part(name, name);
}

static const ask_weights_entry *find(golden *f, const char *name)
{
    for (size_t i = 0; i < ask_weights_count(f->file); i++) {
        const ask_weights_entry *e = ask_weights_at(f->file, i);
        if (strcmp(e->name, name) != 0) continue;
        f->used[i] = true;
        return e;
    }
    return NULL;
}

const ask_weights_entry *golden_find(golden *f, const char *format, ...)
{
    char name[128];
    va_list args;
    va_start(args, format);
    vsnprintf(name, sizeof name, format, args);
    va_end(args);
    return find(f, name);
}

const ask_weights_entry *golden_get(golden *f, const char *format, ...)
{
    char name[128];
    va_list args;
    va_start(args, format);
    vsnprintf(name, sizeof name, format, args);
    va_end(args);
    const ask_weights_entry *e = find(f, name);
    if (!e) fail_msg("the golden file has no tensor %s", name);
    return e;
}

ask_tensor *golden_input(ask_graph *g, const ask_weights_entry *e)
{
    return ask_input(g, e->type, e->n_dims, e->shape);
}

void golden_put(ask_tensor *t, const ask_weights_entry *e)
{
    ask_error err = {0};
    CHECK_OK(ask_tensor_write(t, e->data, e->bytes, &err), &err);
}

static void check_shape(const ask_tensor *t, const ask_weights_entry *e)
{
    bool same = ask_tensor_n_dims(t) == e->n_dims && ask_tensor_type(t) == e->type;
    for (int i = 0; i < e->n_dims && same; i++) same = ask_tensor_dim(t, i) == e->shape[i];
    if (!same) fail_msg("%s: another shape or type", e->name);
}

void golden_check_within(const char *where, const ask_tensor *t, const ask_weights_entry *e,
                         double tol)
{
    char what[192];
    if (!t) fail_msg("%s, %s: was not built", e->name, where);
    check_shape(t, e);
    float *expected = malloc(e->bytes + 1), *actual = test_get(t);
    assert_non_null(expected);
    memcpy(expected, e->data, e->bytes);
    snprintf(what, sizeof what, "%s, %s", e->name, where);
    test_near(what, actual, expected, e->n_elements, tol);
    free(expected);
    free(actual);
}

void golden_check(const char *where, const ask_tensor *t, const ask_weights_entry *e)
{
    golden_check_within(where, t, e, GOLDEN_TOL);
}

const char *golden_unused(const golden *f)
{
    for (size_t i = 0; i < ask_weights_count(f->file); i++)
        if (!f->used[i]) return ask_weights_at(f->file, i)->name;
    return NULL;
}
