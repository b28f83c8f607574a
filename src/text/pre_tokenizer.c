#include "text/pre_tokenizer_priv.h"

#include <string.h>

#include "base/utf8.h"
#include "text/grow_priv.h"
#include "text/normalizer_priv.h"
#include "text/unicode_priv.h"

/* ---- what they do ---- */

static bool cut_by_regex(const ask_pre_tokenizer *t, ask_pieces *out, const ask_piece *p,
                         ask_error *err)
{
    ask_matches m = {.arena = out->arena};
    if (!ask_matches_of_regex(&m, t->pattern, p->text, p->n_bytes, err)) return false;
    if (t->invert) ask_matches_invert(&m);
    return ask_piece_split(out, p, &m, t->behavior, err);
}

static bool apply_split(const ask_pre_tokenizer *t, ask_pieces *out, ask_piece *p,
                        ask_error *err)
{
    return cut_by_regex(t, out, p, err);
}

static bool apply_set(const ask_pre_tokenizer *t, ask_pieces *out, ask_piece *p,
                      ask_error *err)
{
    ask_matches m = {.arena = out->arena};
    return ask_matches_of_characters(&m, t->is_in_set, p->text, p->n_bytes, err) &&
           ask_piece_split(out, p, &m, t->behavior, err);
}

static bool cut_by_character(const ask_pre_tokenizer *t, ask_pieces *out,
                             const ask_piece *p, ask_error *err)
{
    ask_matches m = {.arena = out->arena};
    return ask_matches_of_character(&m, t->character, p->text, p->n_bytes, err) &&
           ask_piece_split(out, p, &m, t->behavior, err);
}

/* Words between white space, and each punctuation mark by itself. */
static bool apply_bert(const ask_pre_tokenizer *t, ask_pieces *out, ask_piece *p,
                       ask_error *err)
{
    (void)t;
    uint32_t begin = 0;
    for (uint32_t at = 0, c, n; at < p->n_bytes; at += n) {
        n = ask_piece_character(&c, p, at);
        bool is_space = ask_unicode_is_space(c);
        if (!is_space && !ask_unicode_is_punctuation(c)) continue;
        if (at > begin && !ask_pieces_add(out, ask_piece_slice(p, begin, at), err))
            return false;
        begin = at + n;
        if (!is_space && !ask_pieces_add(out, ask_piece_slice(p, at, begin), err))
            return false;
    }
    return begin == p->n_bytes ||
           ask_pieces_add(out, ask_piece_slice(p, begin, p->n_bytes), err);
}

static bool apply_character(const ask_pre_tokenizer *t, ask_pieces *out, ask_piece *p,
                            ask_error *err)
{
    return cut_by_character(t, out, p, err);
}

static bool apply_byte_level(const ask_pre_tokenizer *t, ask_pieces *out, ask_piece *p,
                             ask_error *err)
{
    if (t->add_prefix_space && p->text[0] != ' ' &&
        !ask_piece_prepend(p, out->arena, " ", err))
        return false;
    size_t first = out->n;
    if (!(t->pattern ? cut_by_regex(t, out, p, err) : ask_pieces_add(out, *p, err)))
        return false;
    for (size_t i = first; i < out->n; i++)
        if (!ask_piece_to_bytes(&out->items[i], out->arena, err)) return false;
    return true;
}

/* Each space becomes the mark. */
static bool mark_spaces(ask_piece *p, ask_arena *arena, const char *mark, ask_error *err)
{
    size_t n_mark = strlen(mark);
    ask_edit e = ask_edit_begin(arena, p);
    for (uint32_t at = 0; at < p->n_bytes && e.failure == ASK_OK; at++) {
        if (p->text[at] != ' ') continue;
        ask_edit_keep(&e, at);
        ask_edit_replace(&e, mark, n_mark, at + 1);
    }
    return ask_edit_end(p, &e, err);
}

static bool begins_with(const ask_piece *p, const char *text)
{
    size_t n = strlen(text);
    return n <= p->n_bytes && memcmp(p->text, text, n) == 0;
}

static bool apply_metaspace(const ask_pre_tokenizer *t, ask_pieces *out, ask_piece *p,
                            ask_error *err)
{
    if (!mark_spaces(p, out->arena, t->mark, err)) return false;
    bool wanted = t->prepend == ASK_PREPEND_ALWAYS ||
                  (t->prepend == ASK_PREPEND_FIRST && p->original.begin == 0);
    if (wanted && !begins_with(p, t->mark) &&
        !ask_piece_prepend(p, out->arena, t->mark, err))
        return false;
    return t->split ? cut_by_character(t, out, p, err) : ask_pieces_add(out, *p, err);
}

static bool apply_sentence(const ask_pre_tokenizer *t, ask_pieces *out, ask_piece *p,
                           ask_error *err)
{
    return ask_sentence_cut(t->sentence, out, p, err);
}

bool ask_pre_tokenize(const ask_pre_tokenizers *t, ask_pieces *pieces, ask_error *err)
{
    for (size_t i = 0; i < t->n; i++) {
        ask_pieces out = {.arena = pieces->arena};
        for (size_t k = 0; k < pieces->n; k++) {
            ask_piece *p = &pieces->items[k];
            bool ok = p->token != ASK_NO_TOKEN
                          ? ask_pieces_add(&out, *p, err)
                          : t->items[i].apply(&t->items[i], &out, p, err);
            if (!ok) return false;
        }
        *pieces = out;
    }
    return true;
}

/* ---- how they are read ---- */

typedef enum {
    SPLIT,
    BYTE_LEVEL,
    WHITESPACE,
    WHITESPACE_SPLIT,
    PUNCTUATION,
    DIGITS,
    METASPACE,
    DELIMITER,
    BERT,
    SEQUENCE,
    N_KINDS,
} kind;

static const char *const names[N_KINDS] = {
    [SPLIT] = "Split",
    [BYTE_LEVEL] = "ByteLevel",
    [WHITESPACE] = "Whitespace",
    [WHITESPACE_SPLIT] = "WhitespaceSplit",
    [PUNCTUATION] = "Punctuation",
    [DIGITS] = "Digits",
    [METASPACE] = "Metaspace",
    [DELIMITER] = "CharDelimiterSplit",
    [BERT] = "BertPreTokenizer",
    [SEQUENCE] = "Sequence",
};

static bool read_behavior(ask_split_behavior *out, ask_json_value v, const char *fallback,
                          ask_error *err)
{
    static const char *const words[] = {
        [ASK_SPLIT_REMOVED] = "Removed",
        [ASK_SPLIT_ISOLATED] = "Isolated",
        [ASK_SPLIT_MERGED_WITH_PREVIOUS] = "MergedWithPrevious",
        [ASK_SPLIT_MERGED_WITH_NEXT] = "MergedWithNext",
        [ASK_SPLIT_CONTIGUOUS] = "Contiguous",
    };
    const char *word;
    bool ok = fallback ? ask_json_opt_string(&word, v, "behavior", fallback, err)
                       : ask_json_get_string(&word, v, "behavior", err);
    if (!ok) return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i], word) != 0) continue;
        *out = (ask_split_behavior)i;
        return true;
    }
    return ask_json_fail(ask_json_member(v, "behavior"), err, "%s is no way to split",
                         word);
}

static bool read_split(ask_pre_tokenizer *t, ask_parts *parts, ask_json_value v,
                       ask_error *err)
{
    t->apply = apply_split;
    t->pattern = ask_parts_read_pattern(parts, v, err);
    return t->pattern && read_behavior(&t->behavior, v, NULL, err) &&
           ask_json_opt_bool(&t->invert, v, "invert", false, err);
}

const char ask_words_of_gpt2[] =
    "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

static bool read_byte_level(ask_pre_tokenizer *t, ask_parts *parts, ask_json_value v,
                            ask_error *err)
{
    bool use_regex;
    t->apply = apply_byte_level;
    t->behavior = ASK_SPLIT_ISOLATED;
    if (!ask_json_opt_bool(&t->add_prefix_space, v, "add_prefix_space", true, err) ||
        !ask_json_opt_bool(&use_regex, v, "use_regex", true, err))
        return false;
    if (!use_regex) return true;
    t->pattern = ask_parts_regex_new(parts, ask_words_of_gpt2, false, err);
    return t->pattern != NULL;
}

/* Words, and runs of what is neither word nor space. Unlike Oniguruma's, these words hold
 * the two joiners. */
static const char words_and_others[] =
    "[\\w\\x{200C}\\x{200D}]+|[^\\w\\x{200C}\\x{200D}\\s]+";

static bool read_whitespace(ask_pre_tokenizer *t, ask_parts *parts, ask_error *err)
{
    t->apply = apply_split;
    t->behavior = ASK_SPLIT_REMOVED;
    t->invert = true;
    t->pattern = ask_parts_regex_new(parts, words_and_others, false, err);
    return t->pattern != NULL;
}

static bool read_punctuation(ask_pre_tokenizer *t, ask_json_value v, ask_error *err)
{
    t->apply = apply_set;
    t->is_in_set = ask_unicode_is_punctuation;
    return read_behavior(&t->behavior, v, "Isolated", err);
}

static bool read_digits(ask_pre_tokenizer *t, ask_json_value v, ask_error *err)
{
    bool one_by_one;
    t->apply = apply_set;
    t->is_in_set = ask_unicode_is_number;
    if (!ask_json_opt_bool(&one_by_one, v, "individual_digits", false, err)) return false;
    t->behavior = one_by_one ? ASK_SPLIT_ISOLATED : ASK_SPLIT_CONTIGUOUS;
    return true;
}

bool ask_metaspace_read(uint32_t *character, ask_prepend *prepend, ask_json_value v,
                        ask_error *err)
{
    static const char *const schemes[] = {
        [ASK_PREPEND_ALWAYS] = "always",
        [ASK_PREPEND_FIRST] = "first",
        [ASK_PREPEND_NEVER] = "never",
    };
    const char *scheme;
    bool add_prefix_space; // how older files say it
    if (!ask_parts_read_character(character, v, "replacement", err) ||
        !ask_json_opt_bool(&add_prefix_space, v, "add_prefix_space", true, err) ||
        !ask_json_opt_string(&scheme, v, "prepend_scheme",
                             add_prefix_space ? "always" : "never", err))
        return false;
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        if (strcmp(schemes[i], scheme) != 0) continue;
        *prepend = (ask_prepend)i;
        return true;
    }
    return ask_json_fail(ask_json_member(v, "prepend_scheme"), err,
                         "expected always, first or never, got %s", scheme);
}

static bool read_metaspace(ask_pre_tokenizer *t, ask_parts *parts, ask_json_value v,
                           ask_error *err)
{
    t->apply = apply_metaspace;
    t->behavior = ASK_SPLIT_MERGED_WITH_NEXT;
    return ask_metaspace_read(&t->character, &t->prepend, v, err) &&
           ask_parts_read_text(&t->mark, parts, v, "replacement", err) &&
           ask_json_opt_bool(&t->split, v, "split", true, err);
}

static bool read_fields(ask_pre_tokenizer *t, kind k, ask_parts *parts, ask_json_value v,
                        ask_error *err)
{
    switch (k) {
    case SPLIT:
        return read_split(t, parts, v, err);
    case BYTE_LEVEL:
        return read_byte_level(t, parts, v, err);
    case WHITESPACE:
        return read_whitespace(t, parts, err);
    case WHITESPACE_SPLIT:
        t->apply = apply_set;
        t->is_in_set = ask_unicode_is_space;
        t->behavior = ASK_SPLIT_REMOVED;
        return true;
    case PUNCTUATION:
        return read_punctuation(t, v, err);
    case DIGITS:
        return read_digits(t, v, err);
    case METASPACE:
        return read_metaspace(t, parts, v, err);
    case DELIMITER:
        t->apply = apply_character;
        t->behavior = ASK_SPLIT_REMOVED;
        return ask_parts_read_character(&t->character, v, "delimiter", err);
    case BERT:
        t->apply = apply_bert;
        return true;
    default:
        return false;
    }
}

static bool read_sequence(ask_pre_tokenizers *out, ask_parts *parts, ask_json_value v,
                          ask_error *err)
{
    ask_json_value list;
    if (!ask_json_get_array(&list, v, "pretokenizers", err)) return false;
    for (size_t i = 0; i < ask_json_count(list); i++)
        if (!ask_pre_tokenizers_read(out, parts, ask_json_item(list, i), err)) return false;
    return true;
}

static bool add(ask_pre_tokenizers *out, ask_arena *arena, ask_pre_tokenizer t,
                ask_error *err)
{
    ask_pre_tokenizer *items =
        ask_grow(arena, out->items, out->n, &out->capacity, out->n + 1, sizeof *items);
    if (!items) return ask_fail_memory(err);
    out->items = items;
    items[out->n++] = t;
    return true;
}

bool ask_pre_tokenizers_add_sentence(ask_pre_tokenizers *out, ask_arena *arena,
                                     const ask_sentence *s, ask_error *err)
{
    return add(out, arena, (ask_pre_tokenizer){.apply = apply_sentence, .sentence = s},
               err);
}

bool ask_pre_tokenizers_read(ask_pre_tokenizers *out, ask_parts *parts, ask_json_value v,
                             ask_error *err)
{
    if (ask_json_type_of(v) <= ASK_JSON_NULL) return true;
    size_t row;
    if (!ask_parts_read_type(&row, v, names, N_KINDS, "pre-tokenizer", err)) return false;
    if (row == SEQUENCE) return read_sequence(out, parts, v, err);
    ask_pre_tokenizer t = {0};
    return read_fields(&t, (kind)row, parts, v, err) && add(out, parts->arena, t, err);
}
