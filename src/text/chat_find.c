#include "text/chat_find_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/path.h"
#include "base/str.h"

enum { MAX_FILE_BYTES = 8 << 20 };

void ask_chat_found_free(ask_chat_found *f)
{
    free(f->source);
    free(f->text);
    *f = (ask_chat_found){0};
}

/* Takes a path over; false, and frees it, where its file is not there. */
static bool is_there(char *path)
{
    if (ask_file_exists(path)) return true;
    free(path);
    return false;
}

/* "default" of a list of {"name", "template"}. */
static ask_json_value default_of_list(ask_json_value list)
{
    ask_json_value none = {0};
    for (size_t i = 0; i < ask_json_count(list); i++) {
        ask_json_value item = ask_json_item(list, i);
        const char *name;
        if (ask_json_opt_string(&name, item, "name", "", NULL) &&
            strcmp(name, "default") == 0)
            return ask_json_member(item, "template");
    }
    return none;
}

/* A text, several with names in a list or an object, or nothing. */
static bool take_value(ask_chat_found *out, ask_json_value v, const char *path,
                       ask_error *err)
{
    ask_json_type type = ask_json_type_of(v);
    if (type <= ASK_JSON_NULL) return true;
    const char *text;
    ask_json_value chosen = v;
    if (type == ASK_JSON_ARRAY) chosen = default_of_list(v);
    if (type == ASK_JSON_OBJECT) chosen = ask_json_member(v, "default");
    if (ask_json_type_of(chosen) == ASK_JSON_ABSENT)
        return ask_json_fail(v, err, "has no template named \"default\"");
    if (!ask_json_get_string(&text, chosen, NULL, err)) return false;
    ask_chat_found f = {.source = ask_strdup(path, err),
                        .text = ask_strdup(text, err),
                        .n_bytes = strlen(text)};
    if (f.source && f.text) {
        *out = f;
        return true;
    }
    ask_chat_found_free(&f);
    return false;
}

/* "chat_template" of a JSON file of the folder, if there is one. */
static bool in_json_file(ask_chat_found *out, const char *dir, const char *name,
                         ask_error *err)
{
    char *path = ask_path_join(dir, name, err);
    if (!path) return false;
    if (!is_there(path)) return true;
    ask_json *doc = ask_json_read(path, NULL, err);
    bool ok = doc && take_value(out, ask_json_find(ask_json_root(doc), "chat_template"),
                                path, err);
    ask_json_free(doc);
    free(path);
    return ok;
}

static bool in_jinja_file(ask_chat_found *out, const char *dir, ask_error *err)
{
    ask_chat_found f = {.source = ask_path_join(dir, "chat_template.jinja", err)};
    if (!f.source) return false;
    if (!is_there(f.source)) return true;
    if (!ask_file_read(&f.text, &f.n_bytes, f.source, MAX_FILE_BYTES, err)) {
        free(f.source);
        return false;
    }
    *out = f;
    return true;
}

bool ask_chat_find_in_config(ask_chat_found *out, const char *name, const ask_roles *roles,
                             ask_error *err)
{
    return take_value(out, ask_roles_config(roles, "chat_template"), name, err);
}

static bool in_tokenizer_config(ask_chat_found *out, const char *dir,
                                const ask_roles *roles, ask_error *err)
{
    char *path = ask_path_join(dir, "tokenizer_config.json", err);
    bool ok = path && ask_chat_find_in_config(out, path, roles, err);
    free(path);
    return ok;
}

bool ask_chat_find(ask_chat_found *out, const char *dir, const ask_roles *roles,
                   ask_error *err)
{
    ask_chat_found f = {0};
    if (!in_json_file(&f, dir, "processor_config.json", err)) return false;
    if (!f.source && !in_json_file(&f, dir, "chat_template.json", err)) return false;
    if (!f.source && !in_jinja_file(&f, dir, err)) return false;
    if (!f.source && !in_tokenizer_config(&f, dir, roles, err)) return false;
    *out = f;
    return true;
}
