#include "cli/model_dir.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cli/hub_env.h"
#include "hub/cache.h"

static bool fail_absent(const char *named, const char *cache, ask_error *err)
{
    return ask_fail(err, ASK_ERR_MODEL,
                    "%s: there is no such file or folder, and no such model in the cache "
                    "(%s); askance model pull %s downloads it",
                    named, cache ? cache : "there is none", named);
}

bool cli_model_dir(char **out, const char *named, ask_error *err)
{
    ask_hub_id id;
    char *dir = NULL, *cache = NULL;
    if (!ask_file_exists(named) && ask_hub_id_parse(&id, named, NULL)) {
        bool ok = cli_hub_cache(&cache, err) &&
                  (!cache || ask_hub_cache_find(&dir, cache, &id, err));
        // A name alone may be a folder that is missing as well.
        if (ok && !dir && strchr(id.name, '/')) ok = fail_absent(named, cache, err);
        free(cache);
        if (!ok) return false;
    }
    *out = dir;
    return true;
}

static bool put_one(cli_model_dirs *dirs, const char **named, ask_error *err)
{
    char *path;
    if (!*named || !**named) return true;
    if (!cli_model_dir(&path, *named, err)) return false;
    if (!path) return true;
    char **paths = realloc(dirs->paths, ((size_t)dirs->n + 1) * sizeof *paths);
    if (!paths) {
        free(path);
        return ask_fail_memory(err);
    }
    dirs->paths = paths;
    dirs->paths[dirs->n++] = path;
    *named = path;
    return true;
}

bool cli_model_dirs_put(cli_model_dirs *out, const cli_target *targets, int n_targets,
                        cli_arguments *arguments, int n_models, ask_error *err)
{
    *out = (cli_model_dirs){0};
    for (int t = 0; t < n_targets; t++)
        for (const cli_option *o = targets[t].options; o->name; o++)
            if (o->kind == CLI_MODEL &&
                !put_one(out, (const char **)((char *)targets[t].values + o->at), err))
                return false;
    for (int i = 0; i < n_models && i < arguments->n; i++)
        if (!put_one(out, &arguments->items[i], err)) return false;
    return true;
}

void cli_model_dirs_free(cli_model_dirs *dirs)
{
    for (int i = 0; i < dirs->n; i++) free(dirs->paths[i]);
    free(dirs->paths);
    *dirs = (cli_model_dirs){0};
}
