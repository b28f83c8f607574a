#include "text/roles_priv.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/path.h"
#include "base/str.h"

static const char *const names[ASK_N_ROLES] = {
    [ASK_ROLE_BOS] = "bos",   [ASK_ROLE_EOS] = "eos", [ASK_ROLE_UNK] = "unk",
    [ASK_ROLE_SEP] = "sep",   [ASK_ROLE_PAD] = "pad", [ASK_ROLE_CLS] = "cls",
    [ASK_ROLE_MASK] = "mask",
};

const char *ask_role_name(ask_role r)
{
    return names[r];
}

/* Reads a file of a folder if it is there; an object. */
static bool read_optional(ask_json **out, const char *dir, const char *name, ask_error *err)
{
    char *path = ask_path_join(dir, name, err);
    if (!path) return false;
    bool ok = true;
    if (ask_file_exists(path)) {
        *out = ask_json_read(path, NULL, err);
        ask_json_value object;
        ok = *out && ask_json_get_object(&object, ask_json_root(*out), NULL, err);
    }
    free(path);
    return ok;
}

bool ask_roles_open(ask_roles *out, const char *dir, ask_error *err)
{
    ask_roles r = {0};
    if (!read_optional(&r.config, dir, "tokenizer_config.json", err) ||
        !read_optional(&r.map, dir, "special_tokens_map.json", err)) {
        ask_roles_close(&r);
        return false;
    }
    *out = r;
    return true;
}

void ask_roles_close(ask_roles *r)
{
    ask_json_free(r->config);
    ask_json_free(r->map);
    *r = (ask_roles){0};
}

ask_json_value ask_roles_config(const ask_roles *r, const char *key)
{
    if (!r->config) return (ask_json_value){0};
    return ask_json_member(ask_json_root(r->config), key);
}

ask_json_value ask_roles_find(const ask_roles *r, ask_role role)
{
    char key[16];
    ask_format(key, sizeof key, "%s_token", names[role]);
    ask_json_value config = ask_roles_config(r, key), map = {0};
    if (r->map) map = ask_json_member(ask_json_root(r->map), key);
    // Newer checkpoints list the tokens in the configuration, and the map is then not read.
    bool newer =
        ask_json_type_of(ask_roles_config(r, "added_tokens_decoder")) != ASK_JSON_ABSENT;
    ask_json_value first = newer ? config : map, second = newer ? map : config;
    return ask_json_type_of(first) != ASK_JSON_ABSENT ? first : second;
}

bool ask_roles_text(const char **out, ask_json_value v, ask_error *err)
{
    bool is_object = ask_json_type_of(v) == ASK_JSON_OBJECT;
    if (ask_json_type_of(v) <= ASK_JSON_NULL) {
        *out = NULL;
        return true;
    }
    return ask_json_get_string(out, v, is_object ? "content" : NULL, err);
}
