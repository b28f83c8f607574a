/* Talks in files: contexts (model/context.h) with a note that has what was said. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_write.h"
#include "base/str.h"
#include "vqa/talk_priv.h"

static const char SCHEMA[] = "askance.talk/1"; // docs/formats.md
static const char *const roles[] = {"user", "assistant"};

/* ---- saving ---- */

static char *write_turns(const ask_talk *t, ask_error *err)
{
    ask_str text = {0};
    ask_json_writer w = {.out = &text};
    ask_json_open_object(&w, NULL);
    ask_json_put_string(&w, "schema", SCHEMA);
    ask_json_put_string(&w, "video", t->footage.video_id);
    ask_json_open_array(&w, "turns");
    for (int i = 0; i < t->n_turns; i++) {
        ask_json_open_object(&w, NULL);
        ask_json_put_string(&w, "role", t->turns[i].role);
        ask_json_put_string(&w, "text", t->turns[i].text);
        ask_json_close(&w);
    }
    ask_json_close(&w);
    ask_json_close(&w);
    return ask_str_take(&text, err);
}

bool ask_talk_save(const ask_talk *t, const char *path, ask_error *err)
{
    if (!t->context)
        return ask_fail(err, ASK_ERR_USAGE, "nothing was read that %s could keep", path);
    char *turns = t->n_turns > 0 ? write_turns(t, err) : NULL;
    if (t->n_turns > 0 && !turns) return false;
    bool ok = ask_context_save(t->context, path, turns, err);
    free(turns);
    return ok;
}

/* ---- loading ---- */

/* Text i of the list, borrowed from the document. */
static bool read_turn(const char **out, ask_json_value turns, size_t i, ask_error *err)
{
    const char *role;
    ask_json_value turn = ask_json_item(turns, i);
    if (!ask_json_get_string(&role, turn, "role", err)) return false;
    if (strcmp(role, roles[i % 2]) != 0)
        return ask_json_fail(ask_json_find(turn, "role"), err,
                             "is \"%.20s\" where \"%s\" comes in turn", role, roles[i % 2]);
    return ask_json_get_string(out, turn, "text", err);
}

static bool read_both(ask_talk *t, ask_json_value turns, size_t i, ask_error *err)
{
    const char *asked, *said;
    ask_error why = {0};
    if (!read_turn(&asked, turns, i, err) || !read_turn(&said, turns, i + 1, err))
        return false;
    if (!talk_check_text(asked, &why))
        return ask_json_fail(ask_json_item(turns, i), err, "%s", why.message);
    return talk_remember(t, asked, said, err);
}

/* Adds them to a talk without any. */
static bool read_turns(ask_talk *t, ask_json_value root, ask_error *err)
{
    const char *schema, *video;
    ask_json_value turns;
    if (!ask_json_get_string(&schema, root, "schema", err) ||
        !ask_json_opt_string(&video, root, "video", t->footage.video_id, err) ||
        !ask_json_get_array(&turns, root, "turns", err))
        return false;
    if (strcmp(schema, SCHEMA) != 0)
        return ask_json_fail(ask_json_find(root, "schema"), err, "is \"%.40s\", not \"%s\"",
                             schema, SCHEMA);
    if (strcmp(video, t->footage.video_id) != 0) return true; // that was another talk
    size_t n = ask_json_count(turns);
    if (n % 2 != 0)
        return ask_json_fail(turns, err,
                             "has %zu turns, so the last question has no answer", n);
    if (n > (size_t)t->language.n_context)
        return ask_json_fail(turns, err,
                             "has %zu turns, more than the %d tokens of a prompt", n,
                             t->language.n_context);
    for (size_t i = 0; i < n; i += 2)
        if (!read_both(t, turns, i, err)) return false;
    return true;
}

bool talk_take_turns(ask_talk *t, const char *note, const char *name, ask_error *err)
{
    ask_talk read = *t; // whose turns are its own
    read.turns = NULL;
    read.n_turns = read.capacity = 0;
    ask_json *doc = ask_json_parse(note, strlen(note), name, NULL, err);
    bool ok = doc && read_turns(&read, ask_json_root(doc), err);
    ask_json_free(doc);
    ask_talk *rest = ok ? t : &read;
    ask_talk_forget(rest);
    free(rest->turns);
    if (!ok) return ask_fail_as(err, ASK_ERR_MODEL);
    t->turns = read.turns;
    t->n_turns = read.n_turns;
    t->capacity = read.capacity;
    return true;
}

bool ask_talk_load(ask_talk *t, const char *path, ask_error *err)
{
    char *note = NULL;
    ask_context *c = ask_context_load(t->session, path, 0, &note, err);
    if (!c) return false;
    bool ok = !note || talk_take_turns(t, note, path, err);
    if (ok && !note) ask_talk_forget(t);
    free(note);
    if (!ok) {
        ask_context_close(c);
        return false;
    }
    ask_context_close(t->context);
    t->context = c;
    return true;
}
