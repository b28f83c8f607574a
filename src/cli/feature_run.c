#include "cli/feature_run.h"

#include <stdlib.h>

#include "base/checked.h"
#include "base/json_write.h"

bool cli_feature_run_new(cli_feature_run *out, size_t n_videos, size_t n_models,
                         ask_error *err)
{
    size_t n_files;
    if (!ask_mul_size(&n_files, n_videos, n_models))
        return ask_fail(err, ASK_ERR_LIMIT, "%zu videos by %zu models are too many files",
                        n_videos, n_models);
    *out = (cli_feature_run){
        .files = calloc(n_files, sizeof *out->files),
        .failures = calloc(n_files, sizeof *out->failures),
    };
    if (out->files && out->failures) return true;
    cli_feature_run_free(out);
    return ask_fail_memory(err);
}

void cli_feature_run_free(cli_feature_run *r)
{
    for (size_t i = 0; i < r->n_files; i++) free(r->files[i].path);
    free(r->files);
    free(r->failures);
    *r = (cli_feature_run){0};
}

static size_t count_kept(const cli_feature_run *r)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n_files; i++) n += r->files[i].kept;
    return n;
}

void cli_feature_run_text(ask_str *out, const void *run)
{
    const cli_feature_run *r = run;
    for (size_t i = 0; i < r->n_files; i++) {
        const cli_feature_made *f = &r->files[i];
        ask_str_printf(out, "%s  [", f->path);
        for (int k = 0; k < f->n_dims; k++)
            ask_str_printf(out, "%s%lld", k ? ", " : "", (long long)f->shape[k]);
        if (f->kept)
            ask_str_append(out, "]  kept\n");
        else
            ask_str_printf(out, "]  made in %.1f s\n", f->seconds);
    }
    size_t n_kept = count_kept(r);
    ask_str_printf(out, "%zu made, %zu kept", r->n_files - n_kept, n_kept);
    if (r->n_failures) ask_str_printf(out, ", %zu failed", r->n_failures);
    ask_str_printf(out, ", in %.1f s\n", r->seconds);
}

static void put_model(ask_json_writer *w, const cli_feature_model *m)
{
    ask_json_put_string(w, "model", m->dir);
    ask_json_put_string(w, "layout", ask_feature_layout_name(m->layout));
}

static void put_file(ask_json_writer *w, const cli_feature_made *f)
{
    ask_json_open_object(w, NULL);
    ask_json_put_string(w, "path", f->path);
    ask_json_put_string(w, "video", f->video);
    put_model(w, f->model);
    ask_json_put_bool(w, "kept", f->kept);
    ask_json_put_double(w, "seconds", f->seconds);
    ask_json_open_array(w, "shape");
    for (int k = 0; k < f->n_dims; k++) ask_json_put_int(w, NULL, f->shape[k]);
    ask_json_close(w);
    ask_json_close(w);
}

static void put_failure(ask_json_writer *w, const cli_feature_failure *f)
{
    ask_json_open_object(w, NULL);
    ask_json_put_string(w, "video", f->video);
    if (f->model) put_model(w, f->model);
    ask_json_put_string(w, "code", ask_error_name(f->error.code));
    ask_json_put_string(w, "message", f->error.message);
    ask_json_close(w);
}

void cli_feature_run_json(ask_str *out, const void *run)
{
    const cli_feature_run *r = run;
    size_t n_kept = count_kept(r);
    ask_json_writer w = {.out = out, .pretty = true};
    ask_json_open_object(&w, NULL);
    ask_json_put_string(&w, "schema", "askance.features.run/1");
    ask_json_put_int(&w, "n_made", (int64_t)(r->n_files - n_kept));
    ask_json_put_int(&w, "n_kept", (int64_t)n_kept);
    ask_json_open_array(&w, "files");
    for (size_t i = 0; i < r->n_files; i++) put_file(&w, &r->files[i]);
    ask_json_close(&w);
    ask_json_open_array(&w, "failures");
    for (size_t i = 0; i < r->n_failures; i++) put_failure(&w, &r->failures[i]);
    ask_json_close(&w);
    ask_json_put_double(&w, "seconds", r->seconds);
    ask_json_open_object(&w, "notes");
    ask_json_close(&w);
    ask_json_close(&w);
    ask_str_append_char(out, '\n');
}
