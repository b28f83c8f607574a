/* Which kind of tokenizer the files of a folder are of. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/path.h"
#include "text/recipe_priv.h"

/* They have such a vocab.txt or sentencepiece model too, and do other things with it. */
static const char *const others[] = {
    "albert", "big_bird", "camembert", "fnet",        "funnel", "mbart",
    "mpnet",  "pegasus",  "rembert",   "xlm-roberta", "xlnet",
};

static bool is_other(const char *model_type)
{
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(others[i], model_type) == 0) return true;
    return false;
}

static bool fail(ask_json_value v, const char *name, const char *file, ask_error *err)
{
    return ask_json_fail(v, err, "the tokenizer %s is not supported with a %s", name, file);
}

static bool of_class(bool *found, ask_recipe_kind *out, ask_recipe_source source,
                     const char *file, ask_json_value v, ask_error *err)
{
    const char *name;
    if (!ask_json_get_string(&name, v, NULL, err)) return false;
    *found = ask_recipe_of_class(out, name) && ask_recipe_source_of(*out) == source;
    return *found || fail(v, name, file, err);
}

/* "model_type" of config.json, which may name a model that says nothing of its tokenizer.
 */
static bool of_config(bool *found, ask_recipe_kind *out, ask_recipe_source source,
                      const char *file, ask_json_value config, ask_error *err)
{
    const char *type;
    ask_recipe_kind kind;
    if (!ask_json_opt_string(&type, config, "model_type", "", err)) return false;
    if (source != ASK_RECIPE_OF_MERGES && is_other(type))
        return fail(ask_json_member(config, "model_type"), type, file, err);
    *found = ask_recipe_of_model_type(&kind, type) && ask_recipe_source_of(kind) == source;
    if (*found) *out = kind;
    return true;
}

static bool of_folder(bool *found, ask_recipe_kind *out, ask_recipe_source source,
                      const char *file, const char *dir, ask_error *err)
{
    char *path = ask_path_join(dir, "config.json", err);
    if (!path) return false;
    bool ok = true;
    if (ask_file_exists(path)) {
        ask_json *doc = ask_json_read(path, NULL, err);
        ok = doc && of_config(found, out, source, file, ask_json_root(doc), err);
        ask_json_free(doc);
    }
    free(path);
    return ok;
}

bool ask_recipe_find(bool *found, ask_recipe_kind *out, ask_recipe_source source,
                     const char *file, const char *dir, const ask_roles *roles,
                     ask_error *err)
{
    ask_json_value class = ask_roles_config(roles, "tokenizer_class");
    *found = false;
    if (ask_json_type_of(class) > ASK_JSON_NULL)
        return of_class(found, out, source, file, class, err);
    return !dir || of_folder(found, out, source, file, dir, err);
}
