#include "text/match_priv.h"

#include "base/utf8.h"
#include "text/grow_priv.h"

static bool add(ask_matches *m, uint32_t begin, uint32_t end, bool found, ask_error *err)
{
    ask_match *items =
        ask_grow(m->arena, m->items, m->n, &m->capacity, m->n + 1, sizeof *items);
    if (!items) return ask_fail_memory(err);
    m->items = items;
    items[m->n++] = (ask_match){begin, end, found};
    return true;
}

/* A match, and before it what lies between it and the end of the last one. */
static bool add_found(ask_matches *m, uint32_t *done, uint32_t begin, uint32_t end,
                      ask_error *err)
{
    if (*done < begin && !add(m, *done, begin, false, err)) return false;
    *done = end;
    return add(m, begin, end, true, err);
}

static bool add_rest(ask_matches *m, uint32_t done, uint32_t n_bytes, ask_error *err)
{
    return done == n_bytes || add(m, done, n_bytes, false, err);
}

bool ask_matches_of_regex(ask_matches *out, const ask_regex *re, const char *text,
                          uint32_t n_bytes, ask_error *err)
{
    ask_regex_search *search = ask_regex_search_open(re, text, n_bytes, err);
    if (!search) return false;
    uint32_t done = 0;
    size_t begin, end;
    bool found = false, ok = true;
    while (ok && (ok = ask_regex_search_next(search, &found, &begin, &end, err)) && found)
        ok = add_found(out, &done, (uint32_t)begin, (uint32_t)end, err);
    ask_regex_search_close(search);
    return ok && add_rest(out, done, n_bytes, err);
}

static uint32_t read_character(uint32_t *c, const char *text, uint32_t left)
{
    *c = (unsigned char)*text;
    return *c < 0x80 ? 1 : (uint32_t)ask_utf8_decode(c, text, left);
}

bool ask_matches_of_characters(ask_matches *out, bool (*is_in_set)(uint32_t c),
                               const char *text, uint32_t n_bytes, ask_error *err)
{
    uint32_t done = 0, c;
    for (uint32_t at = 0, n; at < n_bytes; at += n) {
        n = read_character(&c, text + at, n_bytes - at);
        if (is_in_set(c) && !add_found(out, &done, at, at + n, err)) return false;
    }
    return add_rest(out, done, n_bytes, err);
}

bool ask_matches_of_character(ask_matches *out, uint32_t wanted, const char *text,
                              uint32_t n_bytes, ask_error *err)
{
    uint32_t done = 0, c;
    for (uint32_t at = 0, n; at < n_bytes; at += n) {
        n = read_character(&c, text + at, n_bytes - at);
        if (c == wanted && !add_found(out, &done, at, at + n, err)) return false;
    }
    return add_rest(out, done, n_bytes, err);
}

void ask_matches_invert(ask_matches *m)
{
    for (size_t i = 0; i < m->n; i++) m->items[i].found = !m->items[i].found;
}

/* Whether a part belongs to the same piece as its neighbour: the part before it, or, where
 * matches are merged with the next, the one behind it. */
static bool joins(ask_split_behavior behavior, bool found, bool neighbour_found)
{
    switch (behavior) {
    case ASK_SPLIT_MERGED_WITH_PREVIOUS:
    case ASK_SPLIT_MERGED_WITH_NEXT:
        return found && !neighbour_found;
    case ASK_SPLIT_CONTIGUOUS:
        return found == neighbour_found;
    default:
        return false;
    }
}

static bool add_slice(ask_pieces *out, const ask_piece *p, uint32_t begin, uint32_t end,
                      ask_error *err)
{
    return begin == end || ask_pieces_add(out, ask_piece_slice(p, begin, end), err);
}

bool ask_piece_split(ask_pieces *out, const ask_piece *p, const ask_matches *m,
                     ask_split_behavior behavior, ask_error *err)
{
    for (size_t i = 0, next; i < m->n; i = next) {
        const ask_match *k = m->items;
        next = i + 1;
        if (behavior == ASK_SPLIT_REMOVED && k[i].found) continue;
        if (behavior == ASK_SPLIT_MERGED_WITH_NEXT) {
            while (next < m->n && joins(behavior, k[next - 1].found, k[next].found)) next++;
        } else {
            while (next < m->n && joins(behavior, k[next].found, k[next - 1].found)) next++;
        }
        if (!add_slice(out, p, k[i].begin, k[next - 1].end, err)) return false;
    }
    return true;
}
