#include "model/prompt.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "model/context_priv.h"
#include "model/model_priv.h"
#include "text/stream.h"

/* ---- building ---- */

typedef struct {
    ask_prompt out; // owned
    int capacity;
    ask_rows_info info; // of a model that sees something; else without a placeholder
    bool by_token;      // the tokenizer knows the placeholder, as the mark of a row
    const ask_prompt_group *groups;
    int n_groups, n_taken;
} building;

static bool add(building *b, ask_place place, ask_error *err)
{
    if (b->out.n == b->capacity) {
        int capacity = b->capacity ? 2 * b->capacity : 256;
        void *moved = realloc(b->out.places, (size_t)capacity * sizeof *b->out.places);
        if (!moved) return ask_fail_memory(err);
        b->out.places = moved;
        b->capacity = capacity;
    }
    b->out.places[b->out.n++] = place;
    return true;
}

static bool add_mark(building *b, int64_t id, ask_error *err)
{
    return id < 0 || add(b, (ask_place){.id = id}, err);
}

static bool add_group(building *b, ask_error *err)
{
    int at = b->n_taken++;
    if (at >= b->n_groups) return true; // told when all are counted
    const ask_prompt_group *g = &b->groups[at];
    if (!add_mark(b, b->info.begin, err)) return false;
    for (int i = 0; i < g->n; i++) {
        ask_place row = g->rows[i];
        row.id = b->info.mark < 0 ? 0 : b->info.mark;
        if (!add(b, row, err)) return false;
    }
    b->out.n_rows += g->n;
    return add_mark(b, b->info.end, err);
}

/* The tokens of a text; those that are placeholders become rows. special: what the
 * tokenizer puts around a text, or what stands before it in place of that. */
static bool add_tokens(building *b, const ask_tokenizer *t, const char *text, bool special,
                       ask_error *err)
{
    ask_tokens tokens = {0};
    bool opens = special && b->info.opens > 0;
    if (opens && !add(b, (ask_place){.id = b->info.opens}, err)) return false;
    bool ok = ask_tokenizer_encode(t, text, NULL, special && !opens, &tokens, err);
    for (int i = 0; i < tokens.n && ok; i++) {
        int64_t id = tokens.tokens[i].id;
        ok = b->by_token && id == b->info.mark ? add_group(b, err)
                                               : add(b, (ask_place){.id = id}, err);
    }
    ask_tokens_free(&tokens);
    return ok;
}

/* A part of a text that is taken by itself. */
typedef bool add_part(building *b, const ask_tokenizer *t, const char *text, bool special,
                      ask_error *err);

static bool add_bytes(building *b, const ask_tokenizer *t, const char *text, size_t n_bytes,
                      bool special, add_part *add_it, ask_error *err)
{
    ask_str part = {0};
    ask_str_append_bytes(&part, text, n_bytes);
    bool ok = (!part.failed || ask_fail_memory(err)) &&
              add_it(b, t, ask_str_text(&part), special, err);
    ask_str_free(&part);
    return ok;
}

/* A text whose parts between seams are made tokens apart. */
static bool add_text(building *b, const ask_tokenizer *t, const char *text, bool special,
                     ask_error *err)
{
    const char *at = text, *seam = b->info.seam, *found;
    while (seam && (found = strstr(at, seam))) {
        if (!add_bytes(b, t, at, (size_t)(found - at), special, add_tokens, err))
            return false;
        special = false;
        at = found + strlen(seam);
    }
    return add_tokens(b, t, at, special, err);
}

/* Where the tokenizer does not know the placeholder, it is found in the text. */
static bool add_pieces(building *b, const ask_tokenizer *t, const char *text, bool special,
                       ask_error *err)
{
    const char *at = text, *found;
    while ((found = strstr(at, b->info.placeholder))) {
        bool leads = b->info.leads && found == text;
        if (!leads && !add_bytes(b, t, at, (size_t)(found - at), special, add_text, err))
            return false;
        if (!add_group(b, err)) return false;
        special = special && leads;
        at = found + strlen(b->info.placeholder);
    }
    return add_text(b, t, at, special, err);
}

static bool encodes(const ask_model *m)
{
    return m->network->language && context_language_sizes(m).n_encoder_layers > 0;
}

/* What an encoder reads ends with the token that ends texts, and nothing begins it. */
static bool add_end(building *b, const ask_model *m, ask_error *err)
{
    const ask_generation_config *g = &m->generation;
    return g->n_end_ids == 0 || add(b, (ask_place){.id = g->end_ids[0]}, err);
}

static bool check_groups(const building *b, ask_error *err)
{
    return b->n_taken == b->n_groups ||
           ask_fail(err, ASK_ERR_USAGE,
                    "the prompt has %d places for what is seen (%s), for %d: leave \"%s\" "
                    "out of the words",
                    b->n_taken, b->info.placeholder, b->n_groups, b->info.placeholder);
}

bool ask_prompt_make(ask_prompt *out, ask_session *s, const char *text, bool has_begin,
                     const ask_prompt_group *groups, int n_groups, ask_error *err)
{
    ask_model *m = model_of_session(s);
    building b = {.groups = groups, .n_groups = n_groups};
    if ((m->network->visual || n_groups > 0) && !ask_rows_info_of(&b.info, m, err))
        return false;
    const ask_tokenizer *t = model_tokenizer(m, err);
    if (!t) return false;
    const char *placeholder = b.info.placeholder;
    b.by_token = placeholder && !b.info.leads && b.info.mark >= 0 &&
                 ask_tokenizer_id(t, placeholder) == b.info.mark;
    const bool encoded = encodes(m), special = !has_begin && !encoded;
    bool ok = (placeholder && !b.by_token ? add_pieces(&b, t, text, special, err)
                                          : add_text(&b, t, text, special, err)) &&
              (!encoded || add_end(&b, m, err)) && check_groups(&b, err);
    if (ok)
        *out = b.out;
    else
        ask_prompt_free(&b.out);
    return ok;
}

void ask_prompt_free(ask_prompt *p)
{
    free(p->places);
    *p = (ask_prompt){0};
}

/* ---- going on ---- */

static int common_places(const ask_prompt *a, const ask_prompt *b)
{
    int n = 0;
    while (n < a->n && n < b->n && a->places[n].id == b->places[n].id &&
           a->places[n].identity == b->places[n].identity)
        n++;
    return n;
}

/* ids of the places of `longer` from `from` on. */
static bool take_ids(int64_t **out, int *n, const ask_prompt *longer, int from,
                     ask_error *err)
{
    *n = longer->n - from;
    *out = malloc(((size_t)*n + 1) * sizeof **out);
    if (!*out) return ask_fail_memory(err);
    for (int i = 0; i < *n; i++) (*out)[i] = longer->places[from + i].id;
    return true;
}

/* An answer to what was encoded is a text of its own, which no blank begins. */
static bool make_answer(int64_t **out, int *n, ask_model *m, const char *text,
                        ask_error *err)
{
    building b = {0};
    const ask_tokenizer *t = model_tokenizer(m, err);
    bool ok = t && add_tokens(&b, t, text + strspn(text, " "), false, err) &&
              take_ids(out, n, &b.out, 0, err);
    ask_prompt_free(&b.out);
    return ok;
}

bool ask_prompt_continue(int64_t **out, int *n, int *n_common, ask_session *s,
                         const ask_prompt *prompt, const char *prompt_text, bool has_begin,
                         const ask_prompt_group *groups, int n_groups, const char *text,
                         ask_error *err)
{
    ask_model *m = model_of_session(s);
    if (encodes(m)) {
        if (!make_answer(out, n, m, text, err)) return false;
        *n_common = prompt->n;
        return true;
    }
    ask_str both = {0};
    ask_prompt longer = {0};
    ask_str_printf(&both, "%s%s", prompt_text, text);
    bool ok =
        (!both.failed || ask_fail_memory(err)) &&
        ask_prompt_make(&longer, s, ask_str_text(&both), has_begin, groups, n_groups, err);
    if (ok) *n_common = common_places(prompt, &longer);
    ok = ok && take_ids(out, n, &longer, *n_common, err);
    ask_prompt_free(&longer);
    ask_str_free(&both);
    return ok;
}

/* ---- letters ---- */

static bool take_letters(char **texts, ask_text_stream *stream, const int64_t *ids, int n,
                         ask_error *err)
{
    for (int i = 0; i < n; i++) {
        const char *text, *rest = "";
        if (!ask_text_stream_add(stream, ids[i], &text, err)) return false;
        ask_str letters = {0};
        ask_str_append(&letters, text);
        if (i == n - 1 && !ask_text_stream_end(stream, &rest, err)) {
            ask_str_free(&letters);
            return false;
        }
        ask_str_append(&letters, rest);
        if (!(texts[i] = ask_str_take(&letters, err))) return false;
    }
    return true;
}

bool ask_prompt_letters(char **texts, ask_session *s, const int64_t *ids, int n,
                        ask_error *err)
{
    const ask_tokenizer *t = model_tokenizer(model_of_session(s), err);
    ask_text_stream *stream = t ? ask_text_stream_open(t, true, err) : NULL;
    for (int i = 0; i < n; i++) texts[i] = NULL;
    bool ok = stream && take_letters(texts, stream, ids, n, err);
    ask_text_stream_close(stream);
    for (int i = 0; i < n && !ok; i++) {
        free(texts[i]);
        texts[i] = NULL;
    }
    return ok;
}
