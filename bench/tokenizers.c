/* bench/tokenizers.c - how fast texts become ids, on one thread: a megabyte of English-like
 * text, with vocabularies of 32000 tokens learned from such text.
 *
 * With ASKANCE_PEERS (the folder of a Python virtual environment, see
 * tools/bench/tokenizers.py) each row is timed in turns with the library that defines the
 * ids, which must be the same. `tokenizers FILE` takes the text from a file. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/rng.h"
#include "base/str.h"
#include "support/peer.h"
#include "support/place.h"
#include "support/table.h"
#include "support/timing.h"
#include "text/bpe_train.h"
#include "text/tokenizer.h"

enum { N_TOKENS = 32000, N_WORDS = 40000, TEXT_BYTES = 1000000, TRAIN_BYTES = 6000000 };
enum { TARGET_MB_S = 5 };

static void give_up(const ask_error *err)
{
    fprintf(stderr, "bench/tokenizers: %s\n", err->message);
    exit(1);
}

static char *take(ask_str *s)
{
    ask_error err = {0};
    char *text = ask_str_take(s, &err);
    if (!text) give_up(&err);
    return text;
}

/* ---- text ---- */

/* The words that English says most often, in that order; rarer ones are made up. */
static const char common[] =
    "the of and to in a is that for it as was with be by on not he his but at are this "
    "have "
    "from or had an they which one you were all her she there would their we him been has "
    "when who will no more if out so up said what its about than into them can only other "
    "time new some could these two may first then do any like my now over such our man me "
    "even most made after also did many off before must well back through years where much "
    "your way down should because long each just state those people too mister how little "
    "world good still see men work life being here between day under never same another "
    "know year while last might us great go come since against right came take used "
    "himself "
    "few house use place during high without again home around small however found part "
    "school every once general thought went say number water hand open door table picture "
    "video question answer left red blue";

/* A word of two to four syllables. */
static void make_word(ask_str *out, ask_rng *rng)
{
    static const char *const heads[] = {
        "",  "b", "c",  "d",  "f",  "g",  "h",  "l",  "m",  "n",  "p",  "r",  "s", "t",
        "v", "w", "br", "ch", "cl", "gr", "pl", "pr", "sh", "sp", "st", "th", "tr"};
    static const char *const middles[] = {"a", "e", "i", "o", "u", "ea", "ou", "ai", "io"};
    static const char *const ends[] = {"",  "",   "",   "n",  "r",  "l",    "s",    "t",
                                       "d", "ct", "nd", "nt", "ng", "ment", "tion", "ly"};
    int64_t n = ask_rng_between(rng, 2, 4);
    for (int64_t i = 0; i < n; i++) {
        ask_str_append(out, heads[ask_rng_below(rng, sizeof heads / sizeof *heads)]);
        ask_str_append(out, middles[ask_rng_below(rng, sizeof middles / sizeof *middles)]);
        if (i + 1 == n || ask_rng_below(rng, 3) == 0)
            ask_str_append(out, ends[ask_rng_below(rng, sizeof ends / sizeof *ends)]);
    }
}

typedef struct {
    char *words[N_WORDS];
    double sums[N_WORDS]; // of frequencies up to each (Zipf's law)
} lexicon;

static lexicon *make_lexicon(void)
{
    lexicon *l = calloc(1, sizeof *l);
    if (!l) give_up(&(ask_error){ASK_ERR_NOMEM, "out of memory"});
    ask_rng rng = ask_rng_new(1);
    const char *next = common;
    for (int i = 0; i < N_WORDS; i++) {
        ask_str word = {0};
        size_t n = strcspn(next, " ");
        if (n > 0)
            ask_str_append_bytes(&word, next, n);
        else
            make_word(&word, &rng);
        next += n + (next[n] == ' ');
        l->words[i] = take(&word);
        l->sums[i] = (i > 0 ? l->sums[i - 1] : 0) + 1.0 / (i + 2);
    }
    return l;
}

static void free_lexicon(lexicon *l)
{
    for (int i = 0; i < N_WORDS; i++) free(l->words[i]);
    free(l);
}

static const char *pick_word(const lexicon *l, ask_rng *rng)
{
    double x = ask_rng_double(rng) * l->sums[N_WORDS - 1];
    int low = 0, high = N_WORDS - 1;
    while (low < high) {
        int middle = (low + high) / 2;
        if (l->sums[middle] > x)
            high = middle;
        else
            low = middle + 1;
    }
    return l->words[low];
}

/* A sentence, with capitals, commas, numbers, and now and then a character beyond ASCII. */
static void append_sentence(ask_str *out, const lexicon *l, ask_rng *rng)
{
    int64_t n = ask_rng_between(rng, 4, 24);
    for (int64_t i = 0; i < n; i++) {
        const char *word = pick_word(l, rng);
        uint64_t dice = ask_rng_below(rng, 200);
        if (i > 0)
            ask_str_append(out, dice < 12 ? ", " : dice < 13 ? " \xE2\x80\x94 " : " ");
        if (dice == 20) {
            ask_str_printf(out, "%d", (int)ask_rng_below(rng, 3000));
        } else if (i == 0 || dice == 21) {
            ask_str_append_char(out, (char)(*word - 'a' + 'A'));
            ask_str_append(out, word + 1);
        } else {
            ask_str_append(out, word);
        }
        if (dice == 22) ask_str_append(out, "'s");
        if (dice == 23) ask_str_append(out, "\xC3\xA9");
    }
    ask_str_append(out, ask_rng_below(rng, 6) ? ". " : "?\n");
}

static char *make_text(const lexicon *l, size_t n_bytes, uint64_t seed)
{
    ask_rng rng = ask_rng_new(seed);
    ask_str text = {0};
    while (!text.failed && text.length < n_bytes) append_sentence(&text, l, &rng);
    return take(&text);
}

/* ---- vocabularies ---- */

typedef struct {
    const char *text;
    bool done;
} one_text;

static bool next_text(void *user, const char **text, size_t *n_bytes, ask_error *err)
{
    (void)err;
    one_text *t = user;
    *text = t->done ? NULL : t->text;
    *n_bytes = strlen(t->text);
    t->done = true;
    return true;
}

static void write_file(const char *dir, const char *name, const char *bytes, size_t n)
{
    ask_error err = {0};
    char *path = bench_path(dir, name);
    if (!ask_file_write(path, bytes, n, &err)) give_up(&err);
    free(path);
}

static void learn(const char *dir, const char *text)
{
    ask_error err = {0};
    one_text t = {.text = text};
    ask_bpe_train_options opt = ask_bpe_train_defaults();
    ask_bpe_train_result result;
    opt.kind = ASK_BPE_GPT2;
    opt.n_tokens = N_TOKENS;
    if (!ask_bpe_train(dir, (ask_text_source){next_text, &t}, &opt, &result, &err))
        give_up(&err);
}

/* The same vocabulary in another pipeline: what stands in front of "model" is replaced. */
static void write_pipeline(const char *dir, const char *sections, const char *json)
{
    const char *model = strstr(json, "\"model\"");
    if (!model) give_up(&(ask_error){ASK_ERR_BUG, "the learned tokenizer has no model"});
    ask_str text = {0};
    ask_str_append(&text, sections);
    ask_str_append(&text, model);
    char *whole = take(&text);
    write_file(dir, "tokenizer.json", whole, strlen(whole));
    free(whole);
}

#define WORDS_OF(numbers)                                                                  \
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\\\r\\\\n\\\\p{L}\\\\p{N}]?\\\\p{L}+|" numbers        \
    "| ?[^\\\\s\\\\p{L}\\\\p{N}]+[\\\\r\\\\n]*|\\\\s*[\\\\r\\\\n]+|\\\\s+(?!\\\\S)|\\\\s+"
#define SPLIT_AND_BYTES(numbers)                                                           \
    "\"pre_tokenizer\":{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Split\","     \
    "\"pattern\":{\"Regex\":\"" WORDS_OF(                                                  \
        numbers) "\"},\"behavior\":\"Isolated\","                                          \
                 "\"invert\":false},{\"type\":\"ByteLevel\",\"add_prefix_space\":false,"   \
                 "\"trim_offsets\":true,\"use_regex\":false}]},"

static const char llama3[] = "{" SPLIT_AND_BYTES("\\\\p{N}{1,3}");
static const char qwen2[] =
    "{\"normalizer\":{\"type\":\"NFC\"}," SPLIT_AND_BYTES("\\\\p{N}");

/* ---- a vocabulary as sentencepiece writes it ---- */

static void put_varint(ask_str *s, size_t v)
{
    for (; v >= 0x80; v >>= 7) ask_str_append_char(s, (char)(v | 0x80));
    ask_str_append_char(s, (char)v);
}

enum { NORMAL = 1, UNKNOWN = 2, CONTROL = 3, BYTE = 6 };

static void put_piece(ask_str *s, const char *text, float score, int type)
{
    ask_str piece = {0};
    put_varint(&piece, 1 << 3 | 2);
    put_varint(&piece, strlen(text));
    ask_str_append(&piece, text);
    put_varint(&piece, 2 << 3 | 5);
    ask_str_append_bytes(&piece, &score, sizeof score);
    put_varint(&piece, 3 << 3);
    put_varint(&piece, (size_t)type);
    put_varint(s, 1 << 3 | 2);
    put_varint(s, piece.length);
    ask_str_append_bytes(s, ask_str_text(&piece), piece.length);
    ask_str_free(&piece);
}

/* A token of bytes as a piece: of ASCII, its spaces marks. False: it is none. */
static bool spell_piece(ask_str *out, const char *token)
{
    static const char space[] = "\xC4\xA0"; // as byte-level vocabularies write it
    ask_str_clear(out);
    while (*token) {
        bool is_space = ask_starts_with(token, space);
        if (!is_space && (unsigned char)*token >= 0x80) return false;
        if (is_space)
            ask_str_append(out, "\xE2\x96\x81");
        else
            ask_str_append_char(out, *token);
        token += is_space ? 2 : 1;
    }
    return out->length > 0;
}

static void write_model(const char *dir, const ask_tokenizer *learned)
{
    ask_str s = {0}, piece = {0};
    char name[8];
    put_piece(&s, "<unk>", 0, UNKNOWN);
    put_piece(&s, "<s>", 0, CONTROL);
    put_piece(&s, "</s>", 0, CONTROL);
    for (unsigned b = 0; b < 256; b++) {
        ask_format(name, sizeof name, "<0x%02X>", b);
        put_piece(&s, name, 0, BYTE);
    }
    int n = ask_tokenizer_n_tokens(learned);
    for (int i = 0; i < n; i++) {
        const char *token = ask_tokenizer_token(learned, i);
        if (token && *token != '<' && spell_piece(&piece, token))
            put_piece(&s, ask_str_text(&piece), (float)-i, NORMAL);
    }
    // BPE with bytes; no charsmap, a space in front, all other spaces kept.
    ask_str_append_bytes(&s, "\x12\x05\x18\x02\x98\x02\x01\x1A\x04\x18\x01\x20\x00", 13);
    write_file(dir, "tokenizer.model", ask_str_text(&s), s.length);
    ask_str_free(&piece);
    ask_str_free(&s);
}

/* ---- the same words for BERT and T5 ---- */

static void put_quoted(ask_str *s, const char *text)
{
    ask_str_append_char(s, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\') ask_str_append_char(s, '\\');
        ask_str_append_char(s, *text);
    }
    ask_str_append_char(s, '"');
}

/* A token of bytes as BERT's: those that begin with a space begin a word. False: it is none
 * of ASCII. */
static bool spell_word(ask_str *out, const char *token)
{
    static const char space[] = "\xC4\xA0";
    bool begins = ask_starts_with(token, space);
    const char *text = begins ? token + 2 : token;
    ask_str_clear(out);
    ask_str_append(out, begins ? "" : "##");
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c >= 0x80 || (*c >= 'A' && *c <= 'Z')) return false;
    ask_str_append(out, text);
    return *text != '\0';
}

static const char bert[] =
    "{\"normalizer\":{\"type\":\"BertNormalizer\",\"clean_text\":true,"
    "\"handle_chinese_chars\":true,\"strip_accents\":null,\"lowercase\":true},"
    "\"pre_tokenizer\":{\"type\":\"BertPreTokenizer\"},\"model\":{\"type\":\"WordPiece\","
    "\"unk_token\":\"[UNK]\",\"continuing_subword_prefix\":\"##\","
    "\"max_input_chars_per_word\":100,\"vocab\":{\"[UNK]\":0";

static void write_words(const char *dir, const ask_tokenizer *learned)
{
    ask_str s = {0}, word = {0};
    ask_str_append(&s, bert);
    int id = 1;
    for (int c = '!'; c <= '~'; c++) { // each letter by itself begins a word
        char text[2] = {(char)c, '\0'};
        if (c >= 'A' && c <= 'Z') continue;
        ask_str_append_char(&s, ',');
        put_quoted(&s, text);
        ask_str_printf(&s, ":%d", id++);
    }
    int n = ask_tokenizer_n_tokens(learned);
    for (int i = 0; i < n; i++) {
        const char *token = ask_tokenizer_token(learned, i);
        if (!token || !spell_word(&word, token) || word.length < 2) continue;
        ask_str_append_char(&s, ',');
        put_quoted(&s, ask_str_text(&word));
        ask_str_printf(&s, ":%d", id++);
    }
    ask_str_append(&s, "}}}");
    write_file(dir, "tokenizer.json", ask_str_text(&s), s.length);
    ask_str_free(&word);
    ask_str_free(&s);
}

/* What was learned early is common: Zipf's law as a score. In eighths, whose sums over a
 * megabyte are exact: versions of sentencepiece round them in other ways. */
static float score_of(int rank)
{
    return roundf(-8 * logf((float)rank + 2)) / 8;
}

static const char t5[] =
    "{\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"Strip\","
    "\"strip_left\":false,\"strip_right\":true},{\"type\":\"Replace\",\"pattern\":"
    "{\"Regex\":\" {2,}\"},\"content\":\"\xE2\x96\x81\"}]},\"pre_tokenizer\":{\"type\":"
    "\"Metaspace\",\"replacement\":\"\xE2\x96\x81\",\"prepend_scheme\":\"always\","
    "\"split\":true},\"model\":{\"type\":\"Unigram\",\"unk_id\":0,\"vocab\":[[\"<unk>\",0]";

/* The pieces as a spiece.model and in a tokenizer.json, which have no charsmap. */
static void write_scores(const char *dir, const ask_tokenizer *learned)
{
    ask_str json = {0}, model = {0}, piece = {0};
    ask_str_append(&json, t5);
    put_piece(&model, "<unk>", 0, UNKNOWN);
    int n = ask_tokenizer_n_tokens(learned);
    for (int i = 0; i < n; i++) {
        const char *token = ask_tokenizer_token(learned, i);
        if (!token || *token == '<' || !spell_piece(&piece, token)) continue;
        put_piece(&model, ask_str_text(&piece), score_of(i), NORMAL);
        ask_str_append(&json, ",[");
        put_quoted(&json, ask_str_text(&piece));
        ask_str_printf(&json, ",%.9g]", (double)score_of(i));
    }
    ask_str_append(&json, "]}}");
    // Unigram; no charsmap, a space in front, runs of spaces are one.
    ask_str_append_bytes(&model, "\x12\x02\x18\x01\x1A\x04\x18\x01\x20\x01", 10);
    write_file(dir, "tokenizer.json", ask_str_text(&json), json.length);
    write_file(dir, "spiece.model", ask_str_text(&model), model.length);
    ask_str_free(&piece);
    ask_str_free(&model);
    ask_str_free(&json);
}

/* ---- measuring ---- */

typedef struct {
    const ask_tokenizer *t;
    const char *text;
    ask_tokens tokens;
} setup;

static void run(void *user)
{
    setup *s = user;
    ask_error err = {0};
    if (!ask_tokenizer_encode(s->t, s->text, NULL, false, &s->tokens, &err)) give_up(&err);
}

/* What a peer tells of its ids: how many, and FNV-1a over them. */
typedef struct {
    uint64_t n, hash;
} summary;

static summary summarize(const ask_tokens *tokens)
{
    summary s = {(uint64_t)tokens->n, UINT64_C(14695981039346656037)};
    for (int i = 0; i < tokens->n; i++)
        s.hash = (s.hash ^ (uint64_t)tokens->tokens[i].id) * UINT64_C(1099511628211);
    return s;
}

static bool open_peer(bench_peer *peer, const char *file, const setup *s)
{
    const char *peers = getenv("ASKANCE_PEERS");
    if (!peers) return false;
    char python[512], n_bytes[24], path[512];
    snprintf(python, sizeof python, "%s/bin/python", peers);
    snprintf(n_bytes, sizeof n_bytes, "%zu", strlen(s->text));
    snprintf(path, sizeof path, "%s", file);
    summary theirs, ours = summarize(&s->tokens);
    char *argv[] = {python, "tools/bench/tokenizers.py", path, n_bytes, NULL};
    if (!bench_peer_open(peer, argv, s->text, strlen(s->text), &theirs, sizeof theirs))
        return false;
    if (theirs.n != ours.n || theirs.hash != ours.hash)
        give_up(&(ask_error){ASK_ERR_BUG, "the peer gives other ids"});
    return true;
}

static void bench_kind(const char *name, const char *dir, const char *file,
                       const char *text)
{
    ask_error err = {0};
    char *path = bench_path(dir, file);
    ask_tokenizer *t = ask_tokenizer_open(path, &err);
    if (!t) give_up(&err);
    setup s = {.t = t, .text = text};
    run(&s);
    bench_peer peer;
    bool has_peer = open_peer(&peer, path, &s);
    bench_candidate c[] = {{.run = run, .user = &s},
                           {.run = bench_peer_run, .user = &peer}};
    bench_time(c, has_peer ? 2 : 1);
    double mb = (double)strlen(text) / 1e6, speed = mb / c[0].median_s;
    if (has_peer)
        bench_table_row(name, speed, "MB/s", "target %d; %.2f times as fast as %s",
                        TARGET_MB_S, c[1].median_s / c[0].median_s, peer.name);
    else
        bench_table_row(name, speed, "MB/s", "target %d; %.2f bytes a token", TARGET_MB_S,
                        mb * 1e6 / s.tokens.n);
    if (has_peer) bench_peer_close(&peer);
    ask_tokens_free(&s.tokens);
    ask_tokenizer_close(t);
    free(path);
}

/* Folders with the same vocabulary. */
typedef struct {
    char *gpt2, *llama3, *qwen2, *llama, *bert, *t5;
} folders;

static folders make_folders(const char *train_text)
{
    ask_error err = {0};
    folders f = {bench_temp_dir(), bench_temp_dir(), bench_temp_dir(),
                 bench_temp_dir(), bench_temp_dir(), bench_temp_dir()};
    learn(f.gpt2, train_text);
    char *path = bench_path(f.gpt2, "tokenizer.json"), *json;
    size_t n;
    if (!ask_file_read(&json, &n, path, SIZE_MAX, &err)) give_up(&err);
    write_pipeline(f.qwen2, qwen2, json);
    char *merging = strstr(json, "\"ignore_merges\":false");
    if (merging) memcpy(merging, "\"ignore_merges\":true ", 21);
    write_pipeline(f.llama3, llama3, json);
    ask_tokenizer *learned = ask_tokenizer_open(f.gpt2, &err);
    if (!learned) give_up(&err);
    write_model(f.llama, learned);
    write_words(f.bert, learned);
    write_scores(f.t5, learned);
    ask_tokenizer_close(learned);
    free(json);
    free(path);
    return f;
}

static void remove_folders(folders *f)
{
    char *all[] = {f->gpt2, f->llama3, f->qwen2, f->llama, f->bert, f->t5};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        bench_temp_dir_remove(all[i]);
        free(all[i]);
    }
}

int main(int argc, char **argv)
{
    ask_error err = {0};
    bench_machine m = bench_machine_measure();
    lexicon *words = make_lexicon();
    char *train_text = make_text(words, TRAIN_BYTES, 2), *text;
    size_t n;
    if (argc < 2)
        text = make_text(words, TEXT_BYTES, 3);
    else if (!ask_file_read(&text, &n, argv[1], 16 << 20, &err))
        give_up(&err);
    folders f = make_folders(argc < 2 ? train_text : text);
    bench_table_open("tokenizers: texts to ids on one thread", &m);
    bench_kind("gpt2", f.gpt2, "tokenizer.json", text);
    bench_kind("llama3", f.llama3, "tokenizer.json", text);
    bench_kind("qwen2", f.qwen2, "tokenizer.json", text);
    bench_kind("llama, tokenizer.model", f.llama, "tokenizer.model", text);
    bench_kind("bert", f.bert, "tokenizer.json", text);
    bench_kind("t5", f.t5, "tokenizer.json", text);
    bench_kind("t5, spiece.model", f.t5, "spiece.model", text);
    remove_folders(&f);
    free(text);
    free(train_text);
    free_lexicon(words);
    return 0;
}
