#include "record/record.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "record/record_fields_priv.h"

static bool fail_memory(ask_error *err)
{
    return ask_fail_memory(err);
}

/* ---- copies ---- */

enum { REPLACEMENT_BYTES = 3 };
static const char REPLACEMENT[] = "\xEF\xBF\xBD"; // U+FFFD

const char *record_copy_text(ask_arena *a, const char *text)
{
    size_t n_bytes = strlen(text);
    if (ask_utf8_valid(text, n_bytes)) return ask_arena_strdup(a, text);
    char *copy = ask_arena_array(a, n_bytes + 1, REPLACEMENT_BYTES);
    if (!copy) return NULL;
    char *end = copy;
    for (size_t i = 0; i < n_bytes;) {
        uint32_t c;
        int n = ask_utf8_decode(&c, text + i, n_bytes - i);
        memcpy(end, n ? text + i : REPLACEMENT, n ? (size_t)n : REPLACEMENT_BYTES);
        end += n ? n : REPLACEMENT_BYTES;
        i += n ? (size_t)n : 1;
    }
    return copy;
}

/* Replaces a borrowed text by a copy of it. */
static bool own_text(ask_arena *a, const char **text)
{
    if (!*text) return true;
    *text = record_copy_text(a, *text);
    return *text != NULL;
}

static bool own_texts(ask_arena *a, ask_record_texts *texts)
{
    const char **items = ask_arena_array(a, texts->n, sizeof *items);
    if (!items) return false;
    for (size_t i = 0; i < texts->n; i++) {
        items[i] = texts->items[i];
        if (!own_text(a, &items[i])) return false;
    }
    texts->items = items;
    return true;
}

static bool own_pairs(ask_arena *a, ask_record_pairs *pairs)
{
    ask_record_pair *items = ask_arena_array(a, pairs->n, sizeof *items);
    if (!items) return false;
    for (size_t i = 0; i < pairs->n; i++) {
        items[i] = pairs->items[i];
        if (!own_text(a, &items[i].name) || !own_text(a, &items[i].text)) return false;
    }
    pairs->items = items;
    return true;
}

static bool own_reals(ask_arena *a, ask_record_reals *reals)
{
    double *items = ask_arena_array(a, reals->n, sizeof *items);
    if (!items) return false;
    if (reals->n) memcpy(items, reals->items, reals->n * sizeof *items);
    reals->items = items;
    return true;
}

/* The n structs that a member points to; NULL stays. */
static bool own_pointed(ask_arena *a, const record_struct *of, void *member, size_t n)
{
    const void *items;
    memcpy(&items, member, sizeof items);
    if (!items) return true;
    items = record_copy(a, of, items, n);
    memcpy(member, &items, sizeof items);
    return items != NULL;
}

/* Replaces what a struct borrows by copies. */
static bool own_fields(ask_arena *a, const record_struct *s, void *object)
{
    bool ok = true;
    for (const record_field *f = s->fields; ok && f->key; f++) {
        void *at = (char *)object + f->at;
        if (f->kind == FIELD_TEXT) ok = own_text(a, at);
        if (f->kind == FIELD_TEXTS) ok = own_texts(a, at);
        if (f->kind == FIELD_PAIRS) ok = own_pairs(a, at);
        if (f->kind == FIELD_REALS) ok = own_reals(a, at);
        if (f->kind == FIELD_STRUCT) ok = own_fields(a, f->of, at);
        if (f->kind == FIELD_PART) ok = own_pointed(a, f->of, at, 1);
        if (f->kind == FIELD_LIST) ok = own_pointed(a, f->of, at, field_count(object, f));
    }
    return ok;
}

void *record_copy(ask_arena *a, const record_struct *s, const void *items, size_t n)
{
    char *copy = ask_arena_array(a, n, s->bytes);
    if (!copy) return NULL;
    if (n) memcpy(copy, items, n * s->bytes);
    for (size_t i = 0; i < n; i++) {
        if (!own_fields(a, s, copy + i * s->bytes)) return NULL;
    }
    return copy;
}

/* ---- the record ---- */

ask_record *ask_record_new(ask_record_kind kind, ask_error *err)
{
    ask_record *r = calloc(1, sizeof *r);
    if (r) *r = (ask_record){.kind = kind, .arena = ask_arena_new(0)};
    if (r && r->arena) return r;
    ask_record_free(r);
    fail_memory(err);
    return NULL;
}

void ask_record_free(ask_record *r)
{
    if (!r) return;
    ask_arena_free(r->arena);
    free(r);
}

const char *ask_record_schema(ask_record_kind kind)
{
    return record_kinds[kind].schema;
}

bool ask_record_set_query(ask_record *r, const ask_record_query *query, ask_error *err)
{
    const void *copy = record_copy(r->arena, &record_query_fields, query, 1);
    if (copy) r->query = copy;
    return copy || fail_memory(err);
}

bool ask_record_set_answer(ask_record *r, const ask_record_answer *answer, ask_error *err)
{
    const void *copy = record_copy(r->arena, &record_answer_fields, answer, 1);
    if (copy) r->answer = copy;
    return copy || fail_memory(err);
}

bool ask_record_set_verdict(ask_record *r, const ask_record_verdict *verdict,
                            ask_error *err)
{
    const void *copy = record_copy(r->arena, &record_verdict_fields, verdict, 1);
    if (copy) r->verdict = copy;
    return copy || fail_memory(err);
}

bool ask_record_set_checks(ask_record *r, const ask_record_checks *checks, ask_error *err)
{
    const void *copy = record_copy(r->arena, &record_checks_fields, checks, 1);
    if (copy) r->checks = copy;
    return copy || fail_memory(err);
}

bool ask_record_set_saliency(ask_record *r, const ask_record_map *maps, size_t n,
                             ask_error *err)
{
    const void *copy = record_copy(r->arena, &record_map_fields, maps, n);
    if (!copy) return fail_memory(err);
    r->saliency = copy;
    r->n_saliency = n;
    return true;
}

bool ask_record_set_presence(ask_record *r, const ask_record_presence *presence,
                             ask_error *err)
{
    const void *copy = record_copy(r->arena, &record_presence_fields, presence, 1);
    if (copy) r->presence = copy;
    return copy || fail_memory(err);
}

bool ask_record_set_video(ask_record *r, const ask_record_video *video, ask_error *err)
{
    const void *copy = record_copy(r->arena, &record_video_fields, video, 1);
    if (copy) r->video = copy;
    return copy || fail_memory(err);
}

bool ask_record_set_plan(ask_record *r, const ask_record_plan *plan, ask_error *err)
{
    const void *copy = record_copy(r->arena, &record_plan_fields, plan, 1);
    if (copy) r->plan = copy;
    return copy || fail_memory(err);
}

bool ask_record_set_frames(ask_record *r, const ask_record_frame *frames, size_t n,
                           ask_error *err)
{
    const void *copy = record_copy(r->arena, &record_frame_fields, frames, n);
    if (!copy) return fail_memory(err);
    r->frames = copy;
    r->n_frames = n;
    return true;
}

bool ask_record_set_moments(ask_record *r, const ask_record_moment *moments, size_t n,
                            ask_error *err)
{
    const void *copy = record_copy(r->arena, &record_moment_fields, moments, n);
    if (!copy) return fail_memory(err);
    r->moments = copy;
    r->n_moments = n;
    return true;
}

bool ask_record_set_subtitles(ask_record *r, const ask_record_subtitles *subtitles,
                              ask_error *err)
{
    const void *copy = record_copy(r->arena, &record_subtitles_fields, subtitles, 1);
    if (copy) r->subtitles = copy;
    return copy || fail_memory(err);
}

bool ask_record_set_cost(ask_record *r, const ask_record_cost *cost, ask_error *err)
{
    const void *copy = record_copy(r->arena, &record_cost_fields, cost, 1);
    if (copy) r->cost = copy;
    return copy || fail_memory(err);
}

bool ask_record_set_reproduce(ask_record *r, const ask_record_reproduce *reproduce,
                              ask_error *err)
{
    const void *copy = record_copy(r->arena, &record_reproduce_fields, reproduce, 1);
    if (copy) r->reproduce = copy;
    return copy || fail_memory(err);
}

/* ---- notes ---- */

/* The place of a note; notes->n when there is none. */
static size_t find_note(const ask_record_pairs *notes, const char *path)
{
    size_t i = 0;
    while (i < notes->n && strcmp(notes->items[i].name, path) != 0) i++;
    return i;
}

/* Takes away what stands at a place; the ones behind it keep their order. */
static bool drop_note(ask_record *r, size_t at, ask_error *err)
{
    if (at == r->notes.n) return true;
    size_t n_behind = r->notes.n - at - 1;
    ask_record_pair *items = ask_arena_array(r->arena, r->notes.n, sizeof *items);
    if (!items) return fail_memory(err);
    memcpy(items, r->notes.items, at * sizeof *items);
    memcpy(items + at, r->notes.items + at + 1, n_behind * sizeof *items);
    r->notes = (ask_record_pairs){items, r->notes.n - 1};
    return true;
}

bool ask_record_note(ask_record *r, const char *path, const char *reason, ask_error *err)
{
    size_t at = find_note(&r->notes, path);
    if (!reason) return drop_note(r, at, err);
    size_t n = at < r->notes.n ? r->notes.n : r->notes.n + 1;
    ask_record_pair *items = ask_arena_array(r->arena, n, sizeof *items);
    if (!items) return fail_memory(err);
    if (r->notes.n) memcpy(items, r->notes.items, r->notes.n * sizeof *items);
    items[at] = (ask_record_pair){record_copy_text(r->arena, path),
                                  record_copy_text(r->arena, reason)};
    if (!items[at].name || !items[at].text) return fail_memory(err);
    r->notes = (ask_record_pairs){items, n};
    return true;
}

const char *ask_record_note_of(const ask_record *r, const char *path)
{
    size_t at = find_note(&r->notes, path);
    return at < r->notes.n ? r->notes.items[at].text : NULL;
}

/* ---- attention ---- */

static ask_maybe_real mean_of(double sum, size_t n)
{
    return n ? ask_known_real(sum / (double)n) : (ask_maybe_real){0};
}

ask_maybe_real ask_record_frame_share(const ask_record *r, size_t frame)
{
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; r->answer && i < r->answer->n_tokens; i++) {
        const ask_record_reals *shares = &r->answer->tokens[i].frames;
        if (frame >= shares->n) continue;
        sum += shares->items[frame];
        n++;
    }
    return mean_of(sum, n);
}

ask_maybe_real ask_record_text_share(const ask_record *r)
{
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; r->answer && i < r->answer->n_tokens; i++) {
        const ask_maybe_real share = r->answer->tokens[i].text_share;
        if (!share.known) continue;
        sum += share.value;
        n++;
    }
    return mean_of(sum, n);
}
