#include "text/regex_priv.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/utf8.h"

/* Steps for one match: what every sensible pattern needs, and more for longer texts. */
enum { BASE_STEPS = 100000, STEPS_PER_BYTE = 10, HEAP_KIB = 64 << 10 };

struct ask_regex {
    pcre2_general_context *memory;
    pcre2_code *code;
};

struct ask_regex_search {
    const ask_regex *re;
    const char *text;
    size_t n_bytes;
    size_t at;       // where the next search begins
    size_t last_end; // of the match before; SIZE_MAX: none
    pcre2_match_context *limits;
    pcre2_match_data *data;
};

static void *take(PCRE2_SIZE n_bytes, void *user)
{
    (void)user;
    return malloc(n_bytes);
}

static void give(void *p, void *user)
{
    (void)user;
    free(p);
}

/* PCRE2's "code too large" and the like are faults of the pattern; no memory is ours. */
static bool fail_compile(int code, const char *pattern, ask_error *err)
{
    if (code == PCRE2_ERROR_NOMEMORY || code == PCRE2_ERROR_HEAP_FAILED)
        return ask_fail_memory(err);
    PCRE2_UCHAR reason[128];
    if (pcre2_get_error_message(code, reason, sizeof reason) < 0) reason[0] = '\0';
    return ask_fail(err, ASK_ERR_FORMAT, "the regular expression %s is not valid: %s",
                    pattern, (char *)reason);
}

/* text is in PCRE2's syntax; pattern is what messages show. */
static bool compile(ask_regex *re, const char *text, const char *pattern, uint32_t options,
                    ask_error *err)
{
    pcre2_compile_context *context = pcre2_compile_context_create(re->memory);
    if (!context) return ask_fail_memory(err);
    pcre2_set_newline(context, PCRE2_NEWLINE_LF);
    pcre2_set_parens_nest_limit(context, 100);
    int code = 0;
    PCRE2_SIZE place = 0;
    re->code =
        pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
                      PCRE2_UTF | PCRE2_NO_UTF_CHECK | options, &code, &place, context);
    pcre2_compile_context_free(context);
    if (!re->code) return fail_compile(code, pattern, err);
    pcre2_jit_compile(re->code, PCRE2_JIT_COMPLETE); // slower, not wrong, where it fails
    return true;
}

static bool compile_expression(ask_regex *re, const char *pattern, ask_error *err)
{
    ask_str text = {0};
    if (!ask_regex_translate(&text, pattern, err)) {
        ask_str_free(&text);
        return false;
    }
    char *translated = ask_str_take(&text, err);
    if (!translated) return false;
    bool ok = compile(re, translated, pattern,
                      PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C, err);
    free(translated);
    return ok;
}

ask_regex *ask_regex_new(const char *pattern, bool literal, ask_error *err)
{
    ask_regex *re = calloc(1, sizeof *re);
    if (re) re->memory = pcre2_general_context_create(take, give, NULL);
    if (!re || !re->memory) {
        ask_fail_memory(err);
        goto fail;
    }
    if (literal ? compile(re, pattern, pattern, PCRE2_LITERAL, err)
                : compile_expression(re, pattern, err))
        return re;

fail:
    ask_regex_free(re);
    return NULL;
}

void ask_regex_free(ask_regex *re)
{
    if (!re) return;
    pcre2_code_free(re->code);
    pcre2_general_context_free(re->memory);
    free(re);
}

ask_regex_search *ask_regex_search_open(const ask_regex *re, const char *text,
                                        size_t n_bytes, ask_error *err)
{
    ask_regex_search *s = calloc(1, sizeof *s);
    if (s) {
        *s = (ask_regex_search){
            .re = re,
            .text = text,
            .n_bytes = n_bytes,
            .last_end = SIZE_MAX,
            .limits = pcre2_match_context_create(re->memory),
            .data = pcre2_match_data_create(1, re->memory),
        };
    }
    if (!s || !s->limits || !s->data) {
        ask_regex_search_close(s);
        ask_fail_memory(err);
        return NULL;
    }
    size_t steps = BASE_STEPS + STEPS_PER_BYTE * n_bytes;
    pcre2_set_match_limit(s->limits, steps < UINT32_MAX ? (uint32_t)steps : UINT32_MAX);
    pcre2_set_heap_limit(s->limits, HEAP_KIB);
    return s;
}

void ask_regex_search_close(ask_regex_search *s)
{
    if (!s) return;
    pcre2_match_data_free(s->data);
    pcre2_match_context_free(s->limits);
    free(s);
}

/* One match from s->at on. Returns PCRE2's result: at least 0 for a match. */
static int match_once(ask_regex_search *s)
{
    PCRE2_SPTR text = (PCRE2_SPTR)s->text;
    int result = pcre2_match(s->re->code, text, s->n_bytes, s->at, PCRE2_NO_UTF_CHECK,
                             s->data, s->limits);
    if (result == PCRE2_ERROR_JIT_STACKLIMIT)
        result = pcre2_match(s->re->code, text, s->n_bytes, s->at,
                             PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, s->data, s->limits);
    return result;
}

static bool fail_match(int result, ask_error *err)
{
    if (result == PCRE2_ERROR_NOMEMORY) return ask_fail_memory(err);
    return ask_fail(err, ASK_ERR_LIMIT,
                    "a regular expression of the tokenizer takes too long on this text");
}

static size_t after_character(const ask_regex_search *s, size_t at)
{
    uint32_t c;
    int n = at < s->n_bytes ? ask_utf8_decode(&c, s->text + at, s->n_bytes - at) : 0;
    return at + (n ? (size_t)n : 1);
}

bool ask_regex_search_next(ask_regex_search *s, bool *found, size_t *begin, size_t *end,
                           ask_error *err)
{
    while (s->at <= s->n_bytes) {
        int result = match_once(s);
        if (result == PCRE2_ERROR_NOMATCH) break;
        if (result < 0) return fail_match(result, err);
        const PCRE2_SIZE *place = pcre2_get_ovector_pointer(s->data);
        if (place[0] < s->at || place[1] < place[0]) return fail_match(0, err);
        if (place[0] == place[1] && place[1] == s->last_end) {
            s->at = after_character(s, s->at);
            continue;
        }
        *begin = place[0];
        *end = s->at = s->last_end = place[1];
        *found = true;
        return true;
    }
    *found = false;
    return true;
}

ask_library ask_regex_library(void)
{
    enum { MOST_BYTES = 64 }; // the manual: 24 are enough
    char text[MOST_BYTES] = "";
    ask_library library = {.name = "PCRE2"};
    pcre2_config(PCRE2_CONFIG_VERSION, text); // "10.42 2022-12-11"
    text[strcspn(text, " ")] = '\0';
    ask_format(library.version, sizeof library.version, "%s", text);
    return library;
}
