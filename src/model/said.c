#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "model/said_priv.h"

bool said_open(said_text *s, const ask_tokenizer *t, int most, ask_error *err)
{
    s->cut = SIZE_MAX;
    s->ends = calloc((size_t)most + 1, sizeof *s->ends);
    if (!s->ends) return ask_fail_memory(err);
    return !t || (s->stream = ask_text_stream_open(t, true, err));
}

void said_close(said_text *s)
{
    ask_text_stream_close(s->stream);
    ask_str_free(&s->raw);
    free(s->ends);
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Tells the text up to there without the blanks at its ends; false: nobody wants more. */
static bool tell(said_text *s, size_t to)
{
    const char *raw = ask_str_text(&s->raw);
    size_t from = s->told;
    while (to > from && is_blank(raw[to - 1])) to--;
    if (to <= from) return true;
    if (s->told == 0) {
        while (is_blank(raw[from])) from++;
        s->begin = from;
    }
    s->told = to;
    return !s->on_text || s->on_text(s->user, raw + from, to - from);
}

/* Where the first stop string begins; SIZE_MAX: there is none. What was told has none. */
static size_t find_stop(const said_text *s)
{
    const char *raw = ask_str_text(&s->raw);
    size_t first = SIZE_MAX;
    for (int i = 0; i < s->n_stops; i++) {
        const char *found = strstr(raw + s->told, s->stops[i]);
        if (found && (size_t)(found - raw) < first) first = (size_t)(found - raw);
    }
    return first;
}

/* How many bytes at the end of a text may be the beginning of a stop string. */
static size_t begun(const char *text, size_t n, const char *stop)
{
    size_t most = strlen(stop) - 1;
    for (size_t k = most < n ? most : n; k > 0; k--)
        if (memcmp(text + n - k, stop, k) == 0) return k;
    return 0;
}

static size_t held_back(const said_text *s)
{
    size_t most = 0;
    for (int i = 0; i < s->n_stops; i++) {
        size_t n = begun(ask_str_text(&s->raw), s->raw.length, s->stops[i]);
        if (n > most) most = n;
    }
    return most;
}

static void stop_at(said_text *s, size_t cut)
{
    s->state = SAID_STOPPED;
    s->cut = cut;
    (void)tell(s, cut); // it has ended anyway
}

/* Blanks behind the last piece belong to the tokens that it is of. */
static void refuse(said_text *s)
{
    s->state = SAID_REFUSED;
    s->cut = s->told;
    while (is_blank(ask_str_text(&s->raw)[s->cut])) s->cut++;
}

bool said_add(said_text *s, int64_t id, ask_error *err)
{
    const char *text = "";
    if (s->stream && !ask_text_stream_add(s->stream, id, &text, err)) return false;
    ask_str_append(&s->raw, text);
    if (s->raw.failed) return ask_fail_memory(err);
    s->ends[s->n++] = s->raw.length;
    size_t stop = find_stop(s);
    if (stop != SIZE_MAX)
        stop_at(s, stop);
    else if (!tell(s, s->raw.length - held_back(s)))
        refuse(s);
    return true;
}

bool said_end(said_text *s, ask_error *err)
{
    const char *text = "";
    if (s->state != SAID_ON || !s->stream) return true;
    if (!ask_text_stream_end(s->stream, &text, err)) return false;
    ask_str_append(&s->raw, text);
    if (s->raw.failed) return ask_fail_memory(err);
    if (s->n > 0) s->ends[s->n - 1] = s->raw.length;
    size_t stop = find_stop(s);
    if (stop != SIZE_MAX)
        stop_at(s, stop);
    else
        (void)tell(s, s->raw.length);
    return true;
}

/* Up to the last that gave text and ends before the cut. */
int said_count(const said_text *s)
{
    int count = 0;
    if (s->state == SAID_ON) return s->n;
    for (int i = 0; i < s->n; i++)
        if (s->ends[i] <= s->cut && s->ends[i] > (count ? s->ends[count - 1] : 0))
            count = i + 1;
    return count;
}

char *said_trimmed(const said_text *s, ask_error *err)
{
    ask_str text = {0};
    ask_str_append_bytes(&text, ask_str_text(&s->raw) + s->begin, s->told - s->begin);
    return ask_str_take(&text, err);
}
