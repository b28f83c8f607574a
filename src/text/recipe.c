#include "text/recipe_priv.h"

#include <string.h>

#include "text/sentence_priv.h"

/* ---- what the kinds are called ---- */

typedef struct {
    const char *name;
    ask_recipe_kind kind;
} named_kind;

static const named_kind classes[] = {
    {"GPT2Tokenizer", ASK_RECIPE_GPT2},    {"CodeGenTokenizer", ASK_RECIPE_GPT2},
    {"CLIPTokenizer", ASK_RECIPE_CLIP},    {"RobertaTokenizer", ASK_RECIPE_ROBERTA},
    {"BartTokenizer", ASK_RECIPE_ROBERTA}, {"LongformerTokenizer", ASK_RECIPE_ROBERTA},
    {"LEDTokenizer", ASK_RECIPE_ROBERTA},  {"Qwen2Tokenizer", ASK_RECIPE_QWEN2},
    {"LlamaTokenizer", ASK_RECIPE_LLAMA},  {"CodeLlamaTokenizer", ASK_RECIPE_LLAMA},
    {"T5Tokenizer", ASK_RECIPE_T5},        {"MT5Tokenizer", ASK_RECIPE_T5},
    {"BertTokenizer", ASK_RECIPE_BERT},    {"DistilBertTokenizer", ASK_RECIPE_BERT},
    {"ElectraTokenizer", ASK_RECIPE_BERT}, {"MobileBertTokenizer", ASK_RECIPE_BERT},
};

static const named_kind model_types[] = {
    {"gpt2", ASK_RECIPE_GPT2},       {"opt", ASK_RECIPE_GPT2},
    {"clip", ASK_RECIPE_CLIP},       {"clip_text_model", ASK_RECIPE_CLIP},
    {"roberta", ASK_RECIPE_ROBERTA}, {"bart", ASK_RECIPE_ROBERTA},
    {"qwen2", ASK_RECIPE_QWEN2},     {"qwen2_vl", ASK_RECIPE_QWEN2},
    {"llama", ASK_RECIPE_LLAMA},     {"t5", ASK_RECIPE_T5},
    {"mt5", ASK_RECIPE_T5},          {"bert", ASK_RECIPE_BERT},
    {"distilbert", ASK_RECIPE_BERT}, {"electra", ASK_RECIPE_BERT},
    {"mobilebert", ASK_RECIPE_BERT},
};

static bool find_name(ask_recipe_kind *out, const named_kind *rows, size_t n_rows,
                      const char *name, size_t n)
{
    for (size_t i = 0; i < n_rows; i++) {
        if (strlen(rows[i].name) != n || memcmp(rows[i].name, name, n) != 0) continue;
        *out = rows[i].kind;
        return true;
    }
    return false;
}

bool ask_recipe_of_class(ask_recipe_kind *out, const char *name)
{
    size_t n = strlen(name);
    if (ask_ends_with(name, "Fast")) n -= 4;
    return find_name(out, classes, sizeof classes / sizeof *classes, name, n);
}

bool ask_recipe_of_model_type(ask_recipe_kind *out, const char *model_type)
{
    return find_name(out, model_types, sizeof model_types / sizeof *model_types, model_type,
                     strlen(model_type));
}

ask_recipe_source ask_recipe_source_of(ask_recipe_kind kind)
{
    if (kind == ASK_RECIPE_BERT) return ASK_RECIPE_OF_WORDS;
    return kind == ASK_RECIPE_LLAMA || kind == ASK_RECIPE_T5 ? ASK_RECIPE_OF_SENTENCEPIECE
                                                             : ASK_RECIPE_OF_MERGES;
}

static bool is_of_sentencepiece(ask_recipe_kind kind)
{
    return ask_recipe_source_of(kind) == ASK_RECIPE_OF_SENTENCEPIECE;
}

const char *ask_recipe_class(ask_recipe_kind kind)
{
    for (size_t i = 0;; i++)
        if (classes[i].kind == kind) return classes[i].name;
}

/* ---- their tokens ---- */

#define END_OF_TEXT "<|endoftext|>"

static const char *const defaults[ASK_N_RECIPES][ASK_N_ROLES] = {
    [ASK_RECIPE_GPT2] =
        {
            [ASK_ROLE_BOS] = END_OF_TEXT,
            [ASK_ROLE_EOS] = END_OF_TEXT,
            [ASK_ROLE_UNK] = END_OF_TEXT,
        },
    [ASK_RECIPE_CLIP] =
        {
            [ASK_ROLE_BOS] = "<|startoftext|>",
            [ASK_ROLE_EOS] = END_OF_TEXT,
            [ASK_ROLE_UNK] = END_OF_TEXT,
            [ASK_ROLE_PAD] = END_OF_TEXT,
        },
    [ASK_RECIPE_ROBERTA] =
        {
            [ASK_ROLE_BOS] = "<s>",
            [ASK_ROLE_EOS] = "</s>",
            [ASK_ROLE_UNK] = "<unk>",
            [ASK_ROLE_SEP] = "</s>",
            [ASK_ROLE_PAD] = "<pad>",
            [ASK_ROLE_CLS] = "<s>",
            [ASK_ROLE_MASK] = "<mask>",
        },
    [ASK_RECIPE_QWEN2] =
        {
            [ASK_ROLE_EOS] = END_OF_TEXT,
            [ASK_ROLE_UNK] = END_OF_TEXT,
            [ASK_ROLE_PAD] = END_OF_TEXT,
        },
    [ASK_RECIPE_LLAMA] =
        {
            [ASK_ROLE_BOS] = "<s>",
            [ASK_ROLE_EOS] = "</s>",
            [ASK_ROLE_UNK] = "<unk>",
        },
    [ASK_RECIPE_T5] =
        {
            [ASK_ROLE_EOS] = "</s>",
            [ASK_ROLE_UNK] = "<unk>",
            [ASK_ROLE_PAD] = "<pad>",
        },
    [ASK_RECIPE_BERT] =
        {
            [ASK_ROLE_UNK] = "[UNK]",
            [ASK_ROLE_SEP] = "[SEP]",
            [ASK_ROLE_PAD] = "[PAD]",
            [ASK_ROLE_CLS] = "[CLS]",
            [ASK_ROLE_MASK] = "[MASK]",
        },
};

const char *ask_recipe_default(ask_recipe_kind kind, ask_role role)
{
    return defaults[kind][role];
}

ask_added_token ask_recipe_token(ask_recipe_kind kind, ask_role role, const char *content)
{
    bool is_mask = kind == ASK_RECIPE_ROBERTA && role == ASK_ROLE_MASK;
    bool is_clip_pad = kind == ASK_RECIPE_CLIP && role == ASK_ROLE_PAD;
    bool is_plain =
        kind == ASK_RECIPE_QWEN2 || kind == ASK_RECIPE_BERT || is_of_sentencepiece(kind);
    return (ask_added_token){
        .content = content,
        .lstrip = is_mask,
        .normalized = !is_plain && !is_mask && !is_clip_pad,
        .special = true,
    };
}

/* ---- sections ---- */

static void open_type(ask_json_writer *w, const char *key, const char *type)
{
    ask_json_open_object(w, key);
    ask_json_put_string(w, "type", type);
}

static void put_type(ask_json_writer *w, const char *key, const char *type)
{
    open_type(w, key, type);
    ask_json_close(w);
}

static void put_byte_level(ask_json_writer *w, const char *key, bool add_prefix_space,
                           bool trim_offsets, bool use_regex)
{
    open_type(w, key, "ByteLevel");
    ask_json_put_bool(w, "add_prefix_space", add_prefix_space);
    ask_json_put_bool(w, "trim_offsets", trim_offsets);
    ask_json_put_bool(w, "use_regex", use_regex);
    ask_json_close(w);
}

static void put_regex(ask_json_writer *w, const char *regex)
{
    ask_json_open_object(w, "pattern");
    ask_json_put_string(w, "Regex", regex);
    ask_json_close(w);
}

static void put_tokens(ask_json_writer *w, const ask_recipe *r)
{
    ask_json_open_array(w, "added_tokens");
    for (size_t i = 0; i < r->n_tokens; i++) {
        const ask_added_token *t = &r->tokens[i];
        ask_json_open_object(w, NULL);
        ask_json_put_int(w, "id", t->id);
        ask_json_put_string(w, "content", t->content);
        ask_json_put_bool(w, "single_word", t->single_word);
        ask_json_put_bool(w, "lstrip", t->lstrip);
        ask_json_put_bool(w, "rstrip", t->rstrip);
        ask_json_put_bool(w, "normalized", t->normalized);
        ask_json_put_bool(w, "special", t->special);
        ask_json_close(w);
    }
    ask_json_close(w);
}

static void put_normalizer(ask_json_writer *w, const ask_recipe *r)
{
    if (r->kind == ASK_RECIPE_QWEN2) {
        put_type(w, "normalizer", "NFC");
    } else if (r->kind == ASK_RECIPE_BERT) {
        open_type(w, "normalizer", "BertNormalizer");
        ask_json_put_bool(w, "clean_text", true);
        ask_json_put_bool(w, "handle_chinese_chars", r->space_ideographs);
        ask_json_put_bool(w, "strip_accents", r->strip_accents);
        ask_json_put_bool(w, "lowercase", r->lower_case);
        ask_json_close(w);
    } else if (r->kind == ASK_RECIPE_CLIP) {
        open_type(w, "normalizer", "Sequence");
        ask_json_open_array(w, "normalizers");
        put_type(w, NULL, "NFC");
        open_type(w, NULL, "Replace");
        put_regex(w, "\\s+");
        ask_json_put_string(w, "content", " ");
        ask_json_close(w);
        put_type(w, NULL, "Lowercase");
        ask_json_close(w);
        ask_json_close(w);
    } else {
        ask_json_put_null(w, "normalizer");
    }
}

static void put_isolated(ask_json_writer *w, const char *regex)
{
    open_type(w, NULL, "Split");
    put_regex(w, regex);
    ask_json_put_string(w, "behavior", "Isolated");
    ask_json_put_bool(w, "invert", false);
    ask_json_close(w);
}

/* Splits, and then bytes. */
static void put_words(ask_json_writer *w, const char *const *words, bool add_prefix_space)
{
    open_type(w, "pre_tokenizer", "Sequence");
    ask_json_open_array(w, "pretokenizers");
    for (; *words; words++) put_isolated(w, *words);
    put_byte_level(w, NULL, add_prefix_space, true, false);
    ask_json_close(w);
    ask_json_close(w);
}

/* A Split, and then bytes. */
static void put_split(ask_json_writer *w, const char *regex, const char *behavior,
                      bool invert, bool add_prefix_space, bool use_regex)
{
    open_type(w, "pre_tokenizer", "Sequence");
    ask_json_open_array(w, "pretokenizers");
    open_type(w, NULL, "Split");
    put_regex(w, regex);
    ask_json_put_string(w, "behavior", behavior);
    ask_json_put_bool(w, "invert", invert);
    ask_json_close(w);
    put_byte_level(w, NULL, add_prefix_space, true, use_regex);
    ask_json_close(w);
    ask_json_close(w);
}

static const char words_of_clip[] =
    "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";
static const char words_of_qwen2[] =
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}|"
    " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

static void put_pre_tokenizer(ask_json_writer *w, const ask_recipe *r)
{
    if (r->words)
        put_words(w, r->words, r->add_prefix_space);
    else if (r->kind == ASK_RECIPE_CLIP)
        put_split(w, words_of_clip, "Removed", true, false, true);
    else if (r->kind == ASK_RECIPE_QWEN2)
        put_split(w, words_of_qwen2, "Isolated", false, r->add_prefix_space, false);
    else if (r->kind == ASK_RECIPE_BERT)
        put_type(w, "pre_tokenizer", "BertPreTokenizer");
    else if (is_of_sentencepiece(r->kind))
        ask_json_put_null(w, "pre_tokenizer");
    else
        put_byte_level(w, "pre_tokenizer", r->add_prefix_space, true, true);
}

/* ["</s>", 2] */
static void put_mark(ask_json_writer *w, const char *key, ask_recipe_role mark)
{
    ask_json_open_array(w, key);
    ask_json_put_string(w, NULL, mark.text);
    ask_json_put_int(w, NULL, mark.id);
    ask_json_close(w);
}

/* Start and end around a text, and the end behind a second one. */
static void put_bert_marks(ask_json_writer *w, ask_recipe_role start, ask_recipe_role end)
{
    open_type(w, "post_processor", "BertProcessing");
    put_mark(w, "sep", end);
    put_mark(w, "cls", start);
    ask_json_close(w);
}

/* Start and end around a text, as CLIP and RoBERTa have them. */
static void put_enclosing(ask_json_writer *w, ask_recipe_role start, ask_recipe_role end,
                          bool trim_offsets, bool add_prefix_space)
{
    open_type(w, "post_processor", "RobertaProcessing");
    put_mark(w, "sep", end);
    put_mark(w, "cls", start);
    ask_json_put_bool(w, "trim_offsets", trim_offsets);
    ask_json_put_bool(w, "add_prefix_space", add_prefix_space);
    ask_json_close(w);
}

static void put_template_part(ask_json_writer *w, const char *kind, const char *id,
                              int type)
{
    ask_json_open_object(w, NULL);
    ask_json_open_object(w, kind);
    ask_json_put_string(w, "id", id);
    ask_json_put_int(w, "type_id", type);
    ask_json_close(w);
    ask_json_close(w);
}

/* start and end may be NULL. */
static void put_template(ask_json_writer *w, const char *key, const char *start,
                         const char *end, int n_texts, bool has_types)
{
    ask_json_open_array(w, key);
    for (int i = 0; i < n_texts; i++) {
        int type = has_types ? i : 0;
        if (start) put_template_part(w, "SpecialToken", start, type);
        put_template_part(w, "Sequence", i == 0 ? "A" : "B", type);
        if (end) put_template_part(w, "SpecialToken", end, type);
    }
    ask_json_close(w);
}

static void put_template_mark(ask_json_writer *w, const ask_recipe_role *mark)
{
    ask_json_open_object(w, mark->text);
    ask_json_put_string(w, "id", mark->text);
    ask_json_open_array(w, "ids");
    ask_json_put_int(w, NULL, mark->id);
    ask_json_close(w);
    ask_json_open_array(w, "tokens");
    ask_json_put_string(w, NULL, mark->text);
    ask_json_close(w);
    ask_json_close(w);
}

/* Start and end tokens around each text, where they are wanted. */
static void put_marks(ask_json_writer *w, const ask_recipe *r)
{
    const ask_recipe_role *bos = &r->roles[ASK_ROLE_BOS], *eos = &r->roles[ASK_ROLE_EOS];
    if (!r->add_bos || !bos->text) bos = NULL;
    if (!r->add_eos || !eos->text) eos = NULL;
    const char *start = bos ? bos->text : NULL, *end = eos ? eos->text : NULL;
    open_type(w, "post_processor", "TemplateProcessing");
    put_template(w, "single", start, end, 1, r->kind != ASK_RECIPE_T5);
    put_template(w, "pair", start, end, 2, r->kind != ASK_RECIPE_T5);
    ask_json_open_object(w, "special_tokens");
    if (bos) put_template_mark(w, bos);
    if (eos && (!bos || strcmp(start, end) != 0)) put_template_mark(w, eos);
    ask_json_close(w);
    ask_json_close(w);
}

static void put_post_processor(ask_json_writer *w, const ask_recipe *r)
{
    const ask_recipe_role *roles = r->roles;
    if (r->kind == ASK_RECIPE_CLIP && roles[ASK_ROLE_BOS].text && roles[ASK_ROLE_EOS].text)
        put_enclosing(w, roles[ASK_ROLE_BOS], roles[ASK_ROLE_EOS], false, false);
    else if (r->kind == ASK_RECIPE_ROBERTA && roles[ASK_ROLE_CLS].text &&
             roles[ASK_ROLE_SEP].text)
        put_enclosing(w, roles[ASK_ROLE_CLS], roles[ASK_ROLE_SEP], true,
                      r->add_prefix_space);
    else if (r->kind == ASK_RECIPE_BERT && roles[ASK_ROLE_CLS].text &&
             roles[ASK_ROLE_SEP].text)
        put_bert_marks(w, roles[ASK_ROLE_CLS], roles[ASK_ROLE_SEP]);
    else if (r->kind == ASK_RECIPE_BERT)
        ask_json_put_null(w, "post_processor");
    else if (is_of_sentencepiece(r->kind) || r->add_eos ||
             (r->add_bos && roles[ASK_ROLE_BOS].text))
        put_marks(w, r);
    else
        put_byte_level(w, "post_processor", true, false, true);
}

/* Marks to spaces, bytes to characters, and without the space that was put in front. */
static void put_sentence_decoder(ask_json_writer *w, const ask_recipe *r)
{
    open_type(w, "decoder", "Sequence");
    ask_json_open_array(w, "decoders");
    open_type(w, NULL, "Replace");
    ask_json_open_object(w, "pattern");
    ask_json_put_string(w, "String", ASK_SENTENCE_MARK);
    ask_json_close(w);
    ask_json_put_string(w, "content", " ");
    ask_json_close(w);
    put_type(w, NULL, "ByteFallback");
    put_type(w, NULL, "Fuse");
    if (r->strip_begin || r->strip_end) {
        open_type(w, NULL, "Strip");
        ask_json_put_string(w, "content", " ");
        ask_json_put_int(w, "start", r->strip_begin);
        ask_json_put_int(w, "stop", r->strip_end);
        ask_json_close(w);
    }
    ask_json_close(w);
    ask_json_close(w);
}

/* The marks of the first token go, one was put in front of it. */
static void put_metaspace_decoder(ask_json_writer *w, const ask_recipe *r)
{
    open_type(w, "decoder", "Metaspace");
    ask_json_put_string(w, "replacement", ASK_SENTENCE_MARK);
    ask_json_put_string(w, "prepend_scheme", r->strip_begin ? "always" : "never");
    ask_json_close(w);
}

static void put_wordpiece_decoder(ask_json_writer *w)
{
    open_type(w, "decoder", "WordPiece");
    ask_json_put_string(w, "prefix", "##");
    ask_json_put_bool(w, "cleanup", true);
    ask_json_close(w);
}

static void put_decoder(ask_json_writer *w, const ask_recipe *r)
{
    if (r->kind == ASK_RECIPE_BERT)
        put_wordpiece_decoder(w);
    else if (r->kind == ASK_RECIPE_T5 && !r->byte_fallback && !r->strip_end)
        put_metaspace_decoder(w, r);
    else if (is_of_sentencepiece(r->kind))
        put_sentence_decoder(w, r);
    else
        put_byte_level(w, "decoder", true, true, true);
}

void ask_recipe_write_sections(ask_json_writer *w, const ask_recipe *r)
{
    ask_json_put_string(w, "version", "1.0");
    ask_json_put_null(w, "truncation");
    ask_json_put_null(w, "padding");
    put_tokens(w, r);
    put_normalizer(w, r);
    put_pre_tokenizer(w, r);
    put_post_processor(w, r);
    put_decoder(w, r);
}

static void put_wordpiece(ask_json_writer *w, const ask_recipe *r)
{
    const char *unknown = r->roles[ASK_ROLE_UNK].text;
    ask_json_put_string(w, "type", "WordPiece");
    if (unknown) ask_json_put_string(w, "unk_token", unknown);
    ask_json_put_string(w, "continuing_subword_prefix", "##");
    ask_json_put_int(w, "max_input_chars_per_word", 100);
}

void ask_recipe_write_model(ask_json_writer *w, const ask_recipe *r)
{
    bool is_clip = r->kind == ASK_RECIPE_CLIP;
    bool of_sentencepiece = is_of_sentencepiece(r->kind);
    if (r->kind == ASK_RECIPE_BERT) {
        put_wordpiece(w, r);
        return;
    }
    ask_json_put_string(w, "type", "BPE");
    ask_json_put_null(w, "dropout");
    ask_json_put_string(w, "unk_token",
                        is_clip || of_sentencepiece ? r->roles[ASK_ROLE_UNK].text : NULL);
    ask_json_put_string(w, "continuing_subword_prefix", "");
    ask_json_put_string(w, "end_of_word_suffix", is_clip ? "</w>" : "");
    ask_json_put_bool(w, "fuse_unk", of_sentencepiece);
    ask_json_put_bool(w, "byte_fallback", r->byte_fallback);
    ask_json_put_bool(w, "ignore_merges", r->ignore_merges);
}
