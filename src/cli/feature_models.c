#include "cli/feature_models.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "cli/default_model.h"
#include "cli/last_name.h"
#include "cli/model_dir.h"
#include "cli/same_file.h"

/* "mist=models/clip" or "models/clip"; a folder may have a '=' in its name. *named: whether
 * the layout is. */
static bool split(const char **dir, ask_feature_layout *layout, bool *named,
                  const char *text, ask_error *err)
{
    const char *equals = strchr(text, '=');
    *dir = text;
    *named = equals && !ask_file_is_dir(text);
    if (*named) {
        char name[64];
        ask_format(name, sizeof name, "%.*s", (int)(equals - text), text);
        if (!ask_feature_layout_find(layout, name, err)) return false;
        *dir = equals + 1;
    }
    return **dir || ask_fail(err, ASK_ERR_USAGE,
                             "--model=%s names no folder: give DIR or LAYOUT=DIR", text);
}

/* The model of a folder, which may be open under another name. */
static bool take_model(cli_feature_model *m, const cli_feature_models *before,
                       const ask_model_options *opt, ask_error *err)
{
    for (size_t i = 0; i < before->n && !m->shares; i++) {
        if (!cli_same_file(&m->shares, before->items[i].dir, m->dir, err)) return false;
        if (m->shares) m->model = before->items[i].model;
    }
    if (!m->shares) m->model = ask_model_open(m->dir, opt, err);
    return m->model;
}

/* called: what the user calls the folder, or the model in it. */
static bool set_name(cli_feature_model *m, const char *called, ask_error *err)
{
    char *folder = cli_last_name(called, err);
    if (!folder) return false;
    ask_str name = {0};
    ask_str_printf(&name, "%s-%s", folder, ask_feature_layout_name(m->layout));
    free(folder);
    m->name = ask_str_take(&name, err);
    return m->name;
}

/* The next one of *all, which counts it from the start: it is closed with the others. */
static bool open_next(cli_feature_models *all, const char *text,
                      const ask_model_options *opt, ask_error *err)
{
    cli_feature_model *m = &all->items[all->n];
    const char *dir;
    bool named;
    if (!split(&dir, &m->layout, &named, text, err)) return false;
    if (!cli_model_dir(&m->dir, dir, err)) return false;
    if (!m->dir && !(m->dir = ask_strdup(dir, err))) return false;
    bool taken = take_model(m, all, opt, err);
    all->n++;
    if (!taken || (!named && !ask_feature_layout_of(&m->layout, m->model, err)))
        return false;
    memcpy(m->id, ask_model_info_of(m->model).id, sizeof m->id);
    m->session = ask_session_open(m->model, err);
    return m->session && ask_feature_layout_check(m->layout, m->model, err) &&
           set_name(m, dir, err);
}

static bool check_names(const cli_feature_models *all, ask_error *err)
{
    const cli_feature_model *m = all->items;
    for (size_t i = 0; i < all->n; i++) {
        for (size_t k = 0; k < i; k++)
            if (strcmp(m[i].name, m[k].name) == 0)
                return ask_fail(err, ASK_ERR_USAGE,
                                "%s and %s would both be kept as %s: rename a folder, or "
                                "run them one by one",
                                m[k].dir, m[i].dir, m[i].name);
    }
    return true;
}

static bool open_list(cli_feature_models *all, const cli_list *list,
                      const ask_model_options *opt, ask_error *err)
{
    for (int i = 0; i < list->n; i++)
        if (!open_next(all, list->items[i], opt, err)) return false;
    return check_names(all, err);
}

static bool open_default(cli_feature_models *all, const ask_model_options *opt,
                         ask_error *err)
{
    cli_default_model m = {0};
    const char *dir;
    bool ok =
        cli_default_model_choose(&dir, &m, NULL, err) && open_next(all, dir, opt, err);
    cli_default_model_free(&m);
    return ok;
}

bool cli_feature_models_open(cli_feature_models *out, const cli_list *list,
                             const ask_model_options *opt, ask_error *err)
{
    cli_feature_models all = {.items = calloc((size_t)list->n + 1, sizeof *all.items)};
    if (!all.items) return ask_fail_memory(err);
    bool ok = list->n ? open_list(&all, list, opt, err) : open_default(&all, opt, err);
    if (ok)
        *out = all;
    else
        cli_feature_models_close(&all);
    return ok;
}

void cli_feature_models_close(cli_feature_models *m)
{
    for (size_t i = 0; i < m->n; i++) ask_session_close(m->items[i].session);
    for (size_t i = 0; i < m->n; i++) {
        if (!m->items[i].shares) ask_model_close(m->items[i].model);
        free(m->items[i].dir);
        free(m->items[i].name);
    }
    free(m->items);
    *m = (cli_feature_models){0};
}
