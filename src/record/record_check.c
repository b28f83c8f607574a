#include <math.h>
#include <string.h>

#include "base/number.h"
#include "record/record_fields_priv.h"

typedef struct {
    const ask_record *record;
    const char *name; // of the document
    ask_error *err;
} check;

/* Where in the document a value is. */
typedef struct place {
    const struct place *above; // NULL: the document
    const char *key;           // NULL: an item of a list
    size_t index;
} place;

static void append_path(ask_str *out, const place *at, bool with_items)
{
    if (at->above) append_path(out, at->above, with_items);
    if (at->key)
        ask_str_printf(out, "%s%s", at->above ? "." : "", at->key);
    else if (with_items)
        ask_str_printf(out, "[%zu]", at->index);
}

static bool fail_memory(const check *c)
{
    return ask_fail_memory(c->err);
}

static bool fail_at(const check *c, const place *at, const char *format, ...)
    ASK_PRINTF(3, 4);

static bool fail_at(const check *c, const place *at, const char *format, ...)
{
    ask_str message = {0};
    ask_str_printf(&message, "%s: key \"", c->name);
    append_path(&message, at, true);
    ask_str_append(&message, "\": ");
    va_list args;
    va_start(args, format);
    ask_str_vprintf(&message, format, args);
    va_end(args);
    if (message.failed)
        fail_memory(c);
    else
        ask_fail(c->err, ASK_ERR_FORMAT, "%s", ask_str_text(&message));
    ask_str_free(&message);
    return false;
}

/* ---- each field by itself ---- */

static bool check_absent(const check *c, const place *at, const record_field *f)
{
    if (f->absence == ABSENT_FREE) return true;
    if (f->absence == ABSENT_NEVER) return fail_at(c, at, "is missing");
    if (f->absence == ABSENT_BY_KIND) {
        const record_kind_row *kind = &record_kinds[c->record->kind];
        if (record_kind_lists(kind->parts, f->key))
            return fail_at(c, at, "is missing; %s needs it", kind->schema);
        if (!record_kind_lists(kind->noted, f->key)) return true;
    }
    ask_str path = {0};
    append_path(&path, at, false);
    const char *note = ask_record_note_of(c->record, ask_str_text(&path));
    bool failed = path.failed;
    ask_str_free(&path);
    if (failed) return fail_memory(c);
    return note || fail_at(c, at, "is absent, and the notes do not say why");
}

static bool check_text(const check *c, const place *at, const record_field *f,
                       const char *text)
{
    if (!*text) return f->may_be_empty || fail_at(c, at, "is empty");
    size_t n = strspn(text, "0123456789abcdef");
    if (f->n_hex == 0 || (n == (size_t)f->n_hex && text[n] == '\0')) return true;
    return fail_at(c, at, "expected %d hexadecimal digits", f->n_hex);
}

static bool check_number(const check *c, const place *at, const record_field *f,
                         double value)
{
    char digits[ASK_DOUBLE_TEXT_BYTES];
    ask_format_double(digits, value);
    if (!isfinite(value)) return fail_at(c, at, "%s is not a finite number", digits);
    if (f->range == RANGE_POSITIVE && value <= 0)
        return fail_at(c, at, "%s is not above 0", digits);
    if (f->range == RANGE_NOT_NEGATIVE && value < 0)
        return fail_at(c, at, "%s is below 0", digits);
    return true;
}

static bool check_ratio(const check *c, const place *at, const record_field *f,
                        const int64_t ratio[2])
{
    return check_number(c, at, f, (double)ratio[0]) &&
           check_number(c, at, f, (double)ratio[1]);
}

static bool check_word(const check *c, const place *at, const record_field *f, int value)
{
    int n = 0;
    while (f->words[n]) n++;
    return (value >= 0 && value < n) || fail_at(c, at, "%d is no word of it", value);
}

static bool check_texts(const check *c, const place *at, const ask_record_texts *texts)
{
    if (texts->n == 0) return fail_at(c, at, "is empty");
    for (size_t i = 0; i < texts->n; i++) {
        if (!texts->items[i]) return fail_at(c, &(place){at, NULL, i}, "is missing");
    }
    return true;
}

static bool check_reals(const check *c, const place *at, const record_field *f,
                        const ask_record_reals *reals)
{
    for (size_t i = 0; i < reals->n; i++) {
        if (!check_number(c, &(place){at, NULL, i}, f, reals->items[i])) return false;
    }
    return true;
}

static bool check_pairs(const check *c, const place *at, const ask_record_pairs *pairs)
{
    for (size_t i = 0; i < pairs->n; i++) {
        const ask_record_pair *p = &pairs->items[i];
        const place item = {at, p->name ? p->name : "", 0};
        if (!p->name || !*p->name) return fail_at(c, at, "a name is empty");
        if (!p->text || !*p->text) return fail_at(c, &item, "is empty");
    }
    return true;
}

static bool check_struct(const check *c, const place *above, const record_struct *s,
                         const void *object);

static bool check_list(const check *c, const place *at, const record_field *f,
                       const void *items, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const place item = {at, NULL, i};
        if (!check_struct(c, &item, f->of, field_item(items, f, i))) return false;
    }
    return true;
}

static bool check_field(const check *c, const place *at, const record_field *f,
                        const void *object)
{
    const void *value = field_in(object, f->at);
    if (!field_is_known(object, f)) return check_absent(c, at, f);
    switch (f->kind) {
    case FIELD_TEXT:
        return check_text(c, at, f, *(const char *const *)value);
    case FIELD_INT:
        return check_number(c, at, f, (double)*(const int64_t *)value);
    case FIELD_REAL:
        return check_number(c, at, f, *(const double *)value);
    case FIELD_MAYBE_INT:
        return check_number(c, at, f, (double)((const ask_maybe_int *)value)->value);
    case FIELD_MAYBE_REAL:
        return check_number(c, at, f, ((const ask_maybe_real *)value)->value);
    case FIELD_RATIO:
        return check_ratio(c, at, f, value);
    case FIELD_WORD:
        return check_word(c, at, f, *(const int *)value);
    case FIELD_STRUCT:
        return check_struct(c, at, f->of, value);
    case FIELD_PART:
        return check_struct(c, at, f->of, field_pointer(object, f));
    case FIELD_LIST:
        return check_list(c, at, f, field_pointer(object, f), field_count(object, f));
    case FIELD_TEXTS:
        return check_texts(c, at, value);
    case FIELD_REALS:
        return check_reals(c, at, f, value);
    case FIELD_PAIRS:
        return check_pairs(c, at, value);
    case FIELD_BOOL:
    case FIELD_MAYBE_BOOL:
        break;
    }
    return true;
}

static bool check_struct(const check *c, const place *above, const record_struct *s,
                         const void *object)
{
    for (const record_field *f = s->fields; f->key; f++) {
        if (!check_field(c, &(place){above, f->key, 0}, f, object)) return false;
    }
    return true;
}

/* ---- what they say about each other ---- */

static const place video = {.key = "video"}, presence = {.key = "presence"},
                   plan = {.key = "plan"}, frames = {.key = "frames"},
                   moments = {.key = "moments"}, answer = {.key = "answer"},
                   checks = {.key = "checks"}, saliency = {.key = "saliency"},
                   subtitles = {.key = "subtitles"};
static const place resolved = {.above = &plan, .key = "resolved"};

/* A span or a point within another; both ends belong to it. */
static bool check_within(const check *c, const place *above, const char *key, double t_s,
                         double begin_s, double end_s, const char *what)
{
    if (t_s >= begin_s && t_s <= end_s) return true;
    char t[ASK_DOUBLE_TEXT_BYTES], begin[ASK_DOUBLE_TEXT_BYTES], end[ASK_DOUBLE_TEXT_BYTES];
    return fail_at(c, &(place){above, key, 0}, "%s is outside %s (%s to %s s)",
                   ask_format_double(t, t_s), what, ask_format_double(begin, begin_s),
                   ask_format_double(end, end_s));
}

static bool check_span(const check *c, const place *at, double start_s, double end_s,
                       double duration_s)
{
    return check_within(c, at, "start_s", start_s, 0, duration_s, "the video") &&
           check_within(c, at, "end_s", end_s, start_s, duration_s,
                        "what is left of the video");
}

static bool check_rotation(const check *c)
{
    int64_t degrees = c->record->video->rotation;
    return (degrees % 90 == 0 && degrees < 360) ||
           fail_at(c, &(place){&video, "rotation", 0}, "expected 0, 90, 180 or 270");
}

static bool check_presence(const check *c, const ask_record_presence *p)
{
    return p->present == (p->score >= p->threshold) ||
           fail_at(c, &(place){&presence, "present", 0},
                   "%s, but the score is %s the threshold", p->present ? "true" : "false",
                   p->present ? "under" : "not under");
}

static bool check_options(const check *c, const ask_record_answer *a)
{
    const place options = {&answer, "options", 0};
    if (a->n_options < 2)
        return fail_at(c, &options, "has %zu: a choice needs 2", a->n_options);
    for (size_t i = 0; i < a->n_options; i++) {
        const place item = {&options, NULL, i};
        if (a->options[i].prob > 1)
            return fail_at(c, &(place){&item, "prob", 0}, "is above 1");
        if (a->options[i].logprob > 0)
            return fail_at(c, &(place){&item, "logprob", 0}, "is above 0");
    }
    return true;
}

static bool check_choice(const check *c, const ask_record_answer *a)
{
    if (!check_options(c, a)) return false;
    if ((uint64_t)a->choice.value >= a->n_options)
        return fail_at(c, &(place){&answer, "choice", 0}, "is none of the options");
    const ask_record_option *chosen = &a->options[a->choice.value];
    if (strcmp(a->text, chosen->text) != 0)
        return fail_at(c, &(place){&answer, "text", 0}, "is not that of the option chosen");
    return a->confidence == chosen->prob || fail_at(c, &(place){&answer, "confidence", 0},
                                                    "is not the prob of the option chosen");
}

/* All that a token was said with is one whole. */
static bool check_shares(const check *c, const place *at, const ask_record_token *t)
{
    static const double TOLERANCE = 1e-3; // of attention in single precision
    const place shares = {at, "frames", 0};
    if (t->frames.n != c->record->n_frames)
        return fail_at(c, &shares, "has %zu: there are %zu frames", t->frames.n,
                       c->record->n_frames);
    double sum = t->text_share.value;
    for (size_t i = 0; i < t->frames.n; i++) sum += t->frames.items[i];
    char digits[ASK_DOUBLE_TEXT_BYTES];
    return fabs(sum - 1) <= TOLERANCE ||
           fail_at(c, &shares, "with text_share they are %s together, not 1",
                   ask_format_double(digits, sum));
}

static bool check_token(const check *c, size_t i)
{
    static const place tokens = {&answer, "tokens", 0};
    const ask_record_token *t = &c->record->answer->tokens[i];
    const place at = {&tokens, NULL, i};
    if (t->logprob > 0) return fail_at(c, &(place){&at, "logprob", 0}, "is above 0");
    if (t->text_share.known != (t->frames.n > 0))
        return fail_at(c, &(place){&at, t->frames.n ? "text_share" : "frames", 0},
                       "is missing: frames and text_share are shares of one whole");
    return t->frames.n == 0 || check_shares(c, &at, t);
}

static bool check_answer(const check *c, const ask_record_answer *a)
{
    if (a->choice.known != (a->options != NULL))
        return fail_at(c, &(place){&answer, a->options ? "choice" : "options", 0},
                       "is missing: a choice is one of the options");
    if (a->options && !check_choice(c, a)) return false;
    if (a->confidence > 1)
        return fail_at(c, &(place){&answer, "confidence", 0}, "is above 1");
    for (size_t i = 0; i < a->n_tokens; i++) {
        if (!check_token(c, i)) return false;
    }
    return true;
}

static bool check_trial(const check *c, const char *key, const ask_record_trial *t)
{
    const place row = {&checks, key, 0};
    if (t->answer.known == t->same.known)
        return fail_at(c, &row,
                       t->same.known ? "has both answer and same"
                                     : "has neither answer nor same");
    if (t->answer.known && (uint64_t)t->answer.value >= c->record->answer->n_options)
        return fail_at(c, &(place){&row, "answer", 0}, "is none of the options");
    return true;
}

/* What the checks say must be of the same answer. */
static bool check_checks(const check *c, const ask_record_checks *k)
{
    const struct {
        const char *key;
        const ask_record_trial *value;
    } rows[] = {
        {"full", k->full},
        {"blind", k->blind},
        {"shuffled", k->shuffled},
        {"evidence_only", k->evidence_only},
        {"evidence_removed", k->evidence_removed},
        {"random_removed", k->random_removed},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!rows[i].value || !c->record->answer) continue;
        if (!check_trial(c, rows[i].key, rows[i].value)) return false;
    }
    return true;
}

static bool check_map(const check *c, size_t i)
{
    const ask_record_map *m = &c->record->saliency[i];
    const place at = {&saliency, NULL, i};
    if ((uint64_t)m->frame >= c->record->n_frames)
        return fail_at(c, &(place){&at, "frame", 0}, "is none of the frames");
    if (m->values.n / (uint64_t)m->cols != (uint64_t)m->rows ||
        m->values.n % (uint64_t)m->cols != 0)
        return fail_at(c, &(place){&at, "values", 0}, "%zu are not rows times cols",
                       m->values.n);
    for (size_t k = 0; k < m->values.n; k++) {
        const place values = {&at, "values", 0};
        if (m->values.items[k] > 1)
            return fail_at(c, &(place){&values, NULL, k}, "is above 1");
    }
    return true;
}

static bool check_cue(const check *c, size_t i)
{
    static const place cues = {&subtitles, "cues", 0};
    const ask_record_cue *cue = &c->record->subtitles->cues[i];
    const place at = {&cues, NULL, i};
    if (!check_within(c, &at, "end_s", cue->end_s, cue->start_s, INFINITY,
                      "what follows its start"))
        return false;
    return i == 0 || cue->start_s >= cue[-1].start_s ||
           fail_at(c, &(place){&at, "start_s", 0},
                   "is before the cue in front of it; cues are in the order of their "
                   "starts");
}

static bool check_subtitles(const check *c)
{
    for (size_t i = 0; i < c->record->subtitles->n_cues; i++) {
        if (!check_cue(c, i)) return false;
    }
    return true;
}

/* The rules of what an answer has beside the parts of a search. */
static bool check_answered(const check *c)
{
    const ask_record *r = c->record;
    if (r->answer && !check_answer(c, r->answer)) return false;
    if (r->checks && !check_checks(c, r->checks)) return false;
    if (r->subtitles && !check_subtitles(c)) return false;
    for (size_t i = 0; i < r->n_saliency; i++) {
        if (!check_map(c, i)) return false;
    }
    return true;
}

static bool check_frame(const check *c, size_t i, double duration_s)
{
    const ask_record_frame *f = &c->record->frames[i];
    const ask_maybe_int n_frames = c->record->video->n_frames;
    const place at = {&frames, NULL, i};
    if (!check_within(c, &at, "t_s", f->t_s, 0, duration_s, "the video")) return false;
    if (i > 0 && f->t_s < f[-1].t_s)
        return fail_at(c, &(place){&at, "t_s", 0},
                       "is before the frame in front of it; frames are in time order");
    if (i > 0 && f->index.known && f[-1].index.known && f->index.value < f[-1].index.value)
        return fail_at(c, &(place){&at, "index", 0},
                       "is before the frame in front of it; frames are in time order");
    if (f->index.known && n_frames.known && f->index.value >= n_frames.value)
        return fail_at(c, &(place){&at, "index", 0}, "is past the end of the video");
    if (f->duplicate_of.known && (uint64_t)f->duplicate_of.value >= i)
        return fail_at(c, &(place){&at, "duplicate_of", 0}, "is no earlier frame");
    return true;
}

static bool check_frames(const check *c, double duration_s)
{
    if (c->record->n_frames == 0)
        return fail_at(c, &frames, "is empty: nothing was looked at");
    for (size_t i = 0; i < c->record->n_frames; i++) {
        if (!check_frame(c, i, duration_s)) return false;
    }
    return true;
}

/* Whether a frame has exactly this time. Frames are in time order. */
static bool has_frame_at(const ask_record *r, double t_s)
{
    size_t begin = 0, end = r->n_frames;
    while (begin < end) {
        size_t middle = begin + (end - begin) / 2;
        if (r->frames[middle].t_s < t_s)
            begin = middle + 1;
        else
            end = middle;
    }
    return begin < r->n_frames && r->frames[begin].t_s == t_s;
}

static bool check_moment(const check *c, size_t i, double duration_s)
{
    const ask_record_moment *m = &c->record->moments[i];
    const place at = {&moments, NULL, i};
    if (!check_span(c, &at, m->start_s, m->end_s, duration_s)) return false;
    if (!m->text &&
        !check_within(c, &at, "best_s", m->best_s, m->start_s, m->end_s, "its moment"))
        return false;
    if (m->confidence.known && m->confidence.value > 1)
        return fail_at(c, &(place){&at, "confidence", 0}, "is above 1");
    if (c->record->frames && !has_frame_at(c->record, m->best_s))
        return fail_at(c, &(place){&at, "best_s", 0}, "is the time of no frame");
    if (m->repeats.known && (uint64_t)m->repeats.value >= i)
        return fail_at(c, &(place){&at, "repeats", 0}, "is no better moment");
    if (i > 0 && m[-1].repeats.known == m->repeats.known && m->score > m[-1].score)
        return fail_at(c, &(place){&at, "score", 0},
                       "is above the moment in front of it; the best comes first");
    if (i > 0 && m[-1].repeats.known && !m->repeats.known)
        return fail_at(c, &at, "comes after one that repeats another; those come last");
    return true;
}

/* The rules of parts that stand on the video's times. */
static bool check_times(const check *c)
{
    const ask_record *r = c->record;
    if (!r->video) return true;
    double duration_s = r->video->duration_s.known ? r->video->duration_s.value : INFINITY;
    if (!check_rotation(c)) return false;
    if (r->plan && !check_span(c, &resolved, r->plan->resolved.start_s,
                               r->plan->resolved.end_s, duration_s))
        return false;
    if (r->frames && !check_frames(c, duration_s)) return false;
    for (size_t i = 0; i < r->n_moments; i++) {
        if (!check_moment(c, i, duration_s)) return false;
    }
    return true;
}

bool ask_record_check(const ask_record *r, const char *name, ask_error *err)
{
    const check c = {r, name, err};
    return check_struct(&c, NULL, &record_fields, r) &&
           (!r->presence || check_presence(&c, r->presence)) && check_answered(&c) &&
           check_times(&c);
}
