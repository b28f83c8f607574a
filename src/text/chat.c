#include "text/chat.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "base/options.h"
#include "base/str.h"
#include "text/chat_builtin_priv.h"
#include "text/chat_find_priv.h"
#include "text/template_priv.h"

/* How a template takes the content of a role's messages. */
typedef struct {
    bool string, parts; // which of them it writes out as they should be
} form;

typedef enum { USER, SYSTEM, ASSISTANT, N_ROLES } role;
static const char *const role_names[N_ROLES] = {"user", "system", "assistant"};

struct ask_chat {
    ask_template *template;
    char *source;
    char *tokens[ASK_N_ROLES]; // owned texts; NULL: none
    bool is_builtin;
    form forms[N_ROLES];
    bool takes_image, takes_video; // in parts
};

/* ---- a conversation as JSON ---- */

/* The marks that stand for media, where the template does not write its own. */
typedef struct {
    const char *image, *video;
} marks;

static const char *mark_of(const marks *m, ask_chat_part_kind kind)
{
    return kind == ASK_CHAT_IMAGE ? m->image : m->video;
}

static bool takes(const ask_chat *c, ask_chat_part_kind kind)
{
    return kind == ASK_CHAT_IMAGE   ? c->takes_image
           : kind == ASK_CHAT_VIDEO ? c->takes_video
                                    : true;
}

/* Marks, each on a line, then texts with ends of lines between. */
static bool put_string(ask_json_writer *w, const ask_chat_message *m, const marks *by,
                       ask_error *err)
{
    ask_str text = {0};
    bool is_first = true;
    for (int i = 0; i < m->n_parts; i++)
        if (m->parts[i].kind != ASK_CHAT_TEXT)
            ask_str_printf(&text, "%s\n", mark_of(by, m->parts[i].kind));
    for (int i = 0; i < m->n_parts; i++) {
        if (m->parts[i].kind != ASK_CHAT_TEXT) continue;
        if (!is_first) ask_str_append_char(&text, '\n');
        ask_str_append(&text, m->parts[i].text);
        is_first = false;
    }
    char *whole = ask_str_take(&text, err);
    if (whole) ask_json_put_string(w, "content", whole);
    free(whole);
    return whole != NULL;
}

/* Media that the template knows as their kind, others as a text with their mark. */
static void put_part(ask_json_writer *w, const ask_chat *c, const ask_chat_part *p,
                     const marks *by)
{
    static const char *const words[] = {"text", "image", "video"};
    bool is_text = p->kind == ASK_CHAT_TEXT, known = takes(c, p->kind);
    ask_json_open_object(w, NULL);
    ask_json_put_string(w, "type", known ? words[p->kind] : "text");
    ask_str mark = {0};
    if (!is_text && !known) ask_str_printf(&mark, "%s\n", mark_of(by, p->kind));
    if (is_text || !known)
        ask_json_put_string(w, "text", is_text ? p->text : ask_str_text(&mark));
    w->out->failed |= mark.failed;
    ask_str_free(&mark);
    ask_json_close(w);
}

static void put_parts(ask_json_writer *w, const ask_chat *c, const ask_chat_message *m,
                      const marks *by)
{
    ask_json_open_array(w, "content");
    for (int i = 0; i < m->n_parts; i++) put_part(w, c, &m->parts[i], by);
    ask_json_close(w);
}

static bool has_media(const ask_chat_message *m)
{
    for (int i = 0; i < m->n_parts; i++)
        if (m->parts[i].kind != ASK_CHAT_TEXT) return true;
    return false;
}

/* Whether a message goes to the template in parts: where it has media that they can tell,
 * or where a string would not do. */
static bool goes_in_parts(const ask_chat *c, const ask_chat_message *m)
{
    form f = c->forms[USER];
    for (int i = 0; i < N_ROLES; i++)
        if (strcmp(m->role, role_names[i]) == 0) f = c->forms[i];
    return f.parts && (has_media(m) || !f.string);
}

static bool put_message(ask_json_writer *w, const ask_chat *c, const ask_chat_message *m,
                        const marks *by, ask_error *err)
{
    bool ok = true;
    ask_json_open_object(w, NULL);
    ask_json_put_string(w, "role", m->role);
    if (goes_in_parts(c, m))
        put_parts(w, c, m, by);
    else
        ok = put_string(w, m, by, err);
    ask_json_close(w);
    return ok;
}

static void put_tokens(ask_json_writer *w, const ask_chat *c)
{
    for (int i = 0; i < ASK_N_ROLES; i++) {
        char key[16];
        ask_format(key, sizeof key, "%s_token", ask_role_name((ask_role)i));
        if (c->tokens[i]) ask_json_put_string(w, key, c->tokens[i]);
    }
}

/* The template's variables, as transformers gives them. */
static ask_json *make_variables(const ask_chat *c, const ask_chat_message *messages, int n,
                                bool asks, const marks *by, ask_error *err)
{
    ask_str text = {0};
    ask_json_writer w = {.out = &text};
    bool ok = true;
    ask_json_open_object(&w, NULL);
    ask_json_open_array(&w, "messages");
    for (int i = 0; ok && i < n; i++) ok = put_message(&w, c, &messages[i], by, err);
    ask_json_close(&w);
    ask_json_put_bool(&w, "add_generation_prompt", asks);
    ask_json_put_null(&w, "tools");
    ask_json_put_null(&w, "documents");
    put_tokens(&w, c);
    if (c->is_builtin) {
        ask_json_put_string(&w, "image_mark", by->image);
        ask_json_put_string(&w, "video_mark", by->video);
    }
    ask_json_close(&w);
    if (!ok) {
        ask_str_free(&text);
        return NULL;
    }
    char *json = ask_str_take(&text, err);
    ask_json *doc =
        json ? ask_json_parse(json, strlen(json), "the conversation", NULL, err) : NULL;
    free(json);
    return doc;
}

/* ---- which content a template takes ---- */

/* What the template makes of a few messages; NULL where it fails. *no_memory is set where
 * that is why. */
static char *try(const ask_chat *c, const ask_chat_message *messages, int n,
                 bool *no_memory)
{
    static const marks by = {"<image>", "<video>"};
    ask_error err = {0};
    ask_template_limits limits = ask_template_default_limits();
    limits.max_bytes = (size_t)64 << 20;
    ask_json *doc = make_variables(c, messages, n, true, &by, &err);
    ask_json_value variables = doc ? ask_json_root(doc) : (ask_json_value){0};
    char *text =
        doc ? ask_template_render_all(c->template, &variables, 1, &limits, &err) : NULL;
    ask_json_free(doc);
    *no_memory |= err.code == ASK_ERR_NOMEM;
    return text;
}

static const char needle[] = "QkZjWv"; // what no template says by itself

/* Whether a role's text comes out, and not as a list that was printed. */
static bool comes_out(const ask_chat *c, role r, bool *no_memory)
{
    const ask_chat_part said = {.text = needle}, other = {.text = "a"};
    const ask_chat_message tried = {role_names[r], &said, 1}, user = {"user", &other, 1};
    const ask_chat_message all[N_ROLES][2] = {{tried}, {tried, user}, {user, tried}};
    char *text = try(c, all[r], r == USER ? 1 : 2, no_memory);
    bool ok = text && strstr(text, needle) && !strstr(text, "'type'") &&
              !strstr(text, "\"type\"");
    free(text);
    return ok;
}

/* Which forms do for a role, those of the others being known or a string. */
static void find_form(ask_chat *c, role r, bool *no_memory)
{
    form f = {0};
    c->forms[r] = (form){.string = true};
    f.string = comes_out(c, r, no_memory);
    c->forms[r] = (form){.parts = true};
    f.parts = comes_out(c, r, no_memory);
    if (!f.string && !f.parts) f.string = true; // whatever it refuses, it is told why later
    c->forms[r] = f;
}

/* Whether a medium before a text makes a difference. */
static bool tells(const ask_chat *c, ask_chat_part_kind kind, bool *no_memory)
{
    const ask_chat_part parts[] = {{.kind = kind}, {.text = needle}};
    const ask_chat_message with = {"user", parts, 2}, without = {"user", parts + 1, 1};
    char *a = try(c, &with, 1, no_memory), *b = try(c, &without, 1, no_memory);
    bool ok = a && b && strcmp(a, b) != 0;
    free(a);
    free(b);
    return ok;
}

static bool find_forms(ask_chat *c, ask_error *err)
{
    bool no_memory = false;
    c->takes_image = c->takes_video = true;
    for (int i = 0; i < N_ROLES; i++) find_form(c, (role)i, &no_memory);
    if (c->forms[USER].parts) {
        bool image = tells(c, ASK_CHAT_IMAGE, &no_memory),
             video = tells(c, ASK_CHAT_VIDEO, &no_memory);
        c->takes_image = image;
        c->takes_video = video;
    }
    return !no_memory || ask_fail_memory(err);
}

/* ---- opening ---- */

static bool set_token(ask_chat *c, ask_role r, const char *text, ask_error *err)
{
    if (!text || c->tokens[r]) return true;
    c->tokens[r] = ask_strdup(text, err);
    return c->tokens[r] != NULL;
}

static bool read_tokens(ask_chat *c, const ask_roles *roles, ask_error *err)
{
    for (int i = 0; i < ASK_N_ROLES; i++) {
        const char *text;
        if (!ask_roles_text(&text, ask_roles_find(roles, (ask_role)i), err) ||
            !set_token(c, (ask_role)i, text, err))
            return false;
    }
    return true;
}

static bool set_template(ask_chat *c, const char *text, size_t n_bytes, const char *source,
                         ask_error *err)
{
    c->source = ask_strdup(source, err);
    c->template = c->source ? ask_template_parse(text, n_bytes, source, err) : NULL;
    return c->template != NULL;
}

static bool use_builtin(ask_chat *c, const ask_chat_builtin *b, ask_error *err)
{
    c->is_builtin = true;
    return set_token(c, ASK_ROLE_BOS, b->bos, err) &&
           set_token(c, ASK_ROLE_EOS, b->eos, err) &&
           set_template(c, b->text, strlen(b->text), b->name, err);
}

/* The template that was found, or the one to take instead. */
static bool take_found(ask_chat *c, const ask_chat_found *found, const char *name,
                       const ask_chat_builtin *b, ask_error *err)
{
    if (found->source)
        return set_template(c, found->text, found->n_bytes, found->source, err);
    if (b) return use_builtin(c, b, err);
    return ask_fail(err, ASK_ERR_MODEL,
                    "%s: publishes no chat template, and none is named to take instead",
                    name);
}

static bool open_folder(ask_chat *c, const char *dir, const ask_chat_builtin *b,
                        ask_error *err)
{
    ask_roles roles;
    ask_chat_found found = {0};
    if (!ask_roles_open(&roles, dir, err)) return false;
    bool ok = read_tokens(c, &roles, err) && ask_chat_find(&found, dir, &roles, err) &&
              take_found(c, &found, dir, b, err);
    ask_chat_found_free(&found);
    ask_roles_close(&roles);
    return ok;
}

/* What a tokenizer_config.json says. */
typedef struct {
    const char *text;
    size_t n_bytes;
    const char *name;
} config_text;

static bool open_config(ask_chat *c, const config_text *t, const ask_chat_builtin *b,
                        ask_error *err)
{
    ask_roles roles = {.config = ask_json_parse(t->text, t->n_bytes, t->name, NULL, err)};
    ask_chat_found found = {0};
    bool ok = roles.config && read_tokens(c, &roles, err) &&
              ask_chat_find_in_config(&found, t->name, &roles, err) &&
              take_found(c, &found, t->name, b, err);
    ask_chat_found_free(&found);
    ask_roles_close(&roles);
    return ok;
}

static bool fail_name(const char *name, ask_error *err)
{
    ask_str known = {0};
    for (int i = 0; ask_chat_builtins[i]; i++)
        ask_str_printf(&known, "%s%s", i ? ", " : "", ask_chat_builtins[i]);
    ask_fail(err, ASK_ERR_USAGE, "there is no chat template \"%s\"; there are %s", name,
             ask_str_text(&known));
    ask_str_free(&known);
    return false;
}

/* From a folder, or from a text, or, of neither, the built-in one. */
static ask_chat *open_chat(const char *dir, const config_text *text, const char *builtin,
                           ask_error *err)
{
    ask_error own = {0};
    const ask_chat_builtin *b = builtin ? ask_chat_builtin_find(builtin) : NULL;
    if (!err) err = &own; // its code is looked at below
    if ((builtin || !(dir || text)) && !b) {
        fail_name(builtin ? builtin : "", err);
        return NULL;
    }
    ask_chat *c = calloc(1, sizeof *c);
    if (!c) {
        ask_fail_memory(err);
        return NULL;
    }
    bool ok = text  ? open_config(c, text, b, err)
              : dir ? open_folder(c, dir, b, err)
                    : use_builtin(c, b, err);
    if (ok && find_forms(c, err)) return c;
    if (err->code == ASK_ERR_FORMAT) ask_fail_as(err, ASK_ERR_MODEL);
    ask_chat_close(c);
    return NULL;
}

ask_chat *ask_chat_open(const char *dir, const char *builtin, ask_error *err)
{
    return open_chat(dir, NULL, builtin, err);
}

ask_chat *ask_chat_parse(const char *config, size_t n_bytes, const char *name,
                         const char *builtin, ask_error *err)
{
    return open_chat(NULL, &(config_text){config, n_bytes, name}, builtin, err);
}

void ask_chat_close(ask_chat *c)
{
    if (!c) return;
    for (int i = 0; i < ASK_N_ROLES; i++) free(c->tokens[i]);
    ask_template_free(c->template);
    free(c->source);
    free(c);
}

const char *ask_chat_source(const ask_chat *c)
{
    return c->source;
}

const char *ask_chat_bos(const ask_chat *c)
{
    return c->tokens[ASK_ROLE_BOS];
}

const char *ask_chat_eos(const ask_chat *c)
{
    return c->tokens[ASK_ROLE_EOS];
}

/* ---- rendering ---- */

ask_chat_options ask_chat_defaults(void)
{
    return (ask_chat_options){.struct_size = sizeof(ask_chat_options),
                              .add_generation_prompt = true,
                              .image_mark = "<image>",
                              .video_mark = "<video>"};
}

void ask_chat_prompt_free(ask_chat_prompt *p)
{
    free(p->text);
    *p = (ask_chat_prompt){0};
}

bool ask_chat_render(ask_chat_prompt *out, const ask_chat *c,
                     const ask_chat_message *messages, int n_messages,
                     const ask_chat_options *opt, ask_error *err)
{
    ask_chat_options o = ask_chat_defaults();
    ask_options_take(&o, sizeof o, opt);
    marks by = {o.image_mark ? o.image_mark : "<image>",
                o.video_mark ? o.video_mark : "<video>"};
    ask_template_limits limits = ask_template_default_limits();
    limits.now_unix_s = o.now_unix_s;
    ask_json *doc =
        make_variables(c, messages, n_messages, o.add_generation_prompt, &by, err);
    if (!doc) return false;
    const ask_json_value objects[] = {ask_json_root(doc), o.variables};
    char *text = ask_template_render_all(c->template, objects, 2, &limits, err);
    ask_json_free(doc);
    if (!text) return false;
    const char *bos = ask_chat_bos(c);
    *out = (ask_chat_prompt){.text = text,
                             .has_bos = bos && *bos && ask_starts_with(text, bos)};
    return true;
}
