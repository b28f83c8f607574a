/* askance train bpe - make a vocabulary from texts. */
#include <string.h>

#include "base/json_write.h"
#include "cli/command.h"
#include "cli/console.h"
#include "text/bpe_train.h"
#include "text/lines.h"
#include "text/tokenizer.h"

typedef struct {
    const char *out;
    const char *kind;
    int64_t n_tokens;
    int64_t min_frequency;
    cli_list special;
} values;

/* What came of it. */
typedef struct {
    const char *out;
    ask_bpe_train_result result;
    int64_t bos, eos; // ids; -1: none
} findings;

static bool parse_kind(ask_bpe_kind *out, const char *name, ask_error *err)
{
    if (strcmp(name, "clip") == 0)
        *out = ASK_BPE_CLIP;
    else if (strcmp(name, "gpt2") == 0)
        *out = ASK_BPE_GPT2;
    else
        return ask_fail(err, ASK_ERR_USAGE, "--kind is clip or gpt2, not %s", name);
    return true;
}

static bool train(findings *f, const cli_call *call, const values *v, ask_lines *lines,
                  const ask_progress *progress, ask_error *err)
{
    ask_bpe_train_options options = ask_bpe_train_defaults();
    if (!parse_kind(&options.kind, v->kind, err)) return false;
    options.n_tokens = (int)v->n_tokens;
    options.min_frequency = v->min_frequency;
    options.special = v->special.items;
    options.n_special = v->special.n;
    options.progress = progress;
    options.cancel = call->cancel;
    return ask_bpe_train(v->out, (ask_text_source){ask_lines_next, lines}, &options,
                         &f->result, err);
}

/* Reads back what was written, so that what is told is what a reader finds. */
static bool look_at(findings *f, const char *out, ask_error *err)
{
    ask_tokenizer *t = ask_tokenizer_open(out, err);
    if (!t) return false;
    f->out = out;
    f->bos = ask_tokenizer_special(t, "bos");
    f->eos = ask_tokenizer_special(t, "eos");
    ask_tokenizer_close(t);
    return true;
}

static void as_text(ask_str *out, const void *what)
{
    const findings *f = what;
    ask_str_printf(out, "%s: %d tokens, %d merges, from %lld bytes in %lld lines\n", f->out,
                   f->result.n_tokens, f->result.n_merges, (long long)f->result.n_bytes,
                   (long long)f->result.n_texts);
    ask_str_printf(out, "start of text %lld, end of text %lld\n", (long long)f->bos,
                   (long long)f->eos);
}

static void as_json(ask_str *out, const void *what)
{
    const findings *f = what;
    ask_json_writer w = {.out = out, .pretty = true};
    ask_json_open_object(&w, NULL);
    ask_json_put_string(&w, "schema", "askance.train_bpe/1");
    ask_json_put_string(&w, "out", f->out);
    ask_json_put_int(&w, "tokens", f->result.n_tokens);
    ask_json_put_int(&w, "merges", f->result.n_merges);
    ask_json_put_int(&w, "lines", f->result.n_texts);
    ask_json_put_int(&w, "bytes", f->result.n_bytes);
    ask_json_open_object(&w, "special");
    ask_json_put_int(&w, "bos", f->bos);
    ask_json_put_int(&w, "eos", f->eos);
    ask_json_close(&w);
    ask_json_close(&w);
    ask_str_append_char(out, '\n');
}

static cli_outcome run(const cli_call *call, const void *given, ask_error *err)
{
    const values *v = given;
    findings f;
    if (!v->out) {
        ask_fail(err, ASK_ERR_USAGE, "--out says where the vocabulary goes; it is needed");
        return CLI_FAILED;
    }
    ask_lines *lines =
        ask_lines_open(call->arguments->items, call->arguments->n, call->cancel, err);
    if (!lines) return CLI_FAILED;
    cli_console console;
    cli_console_open(&console, call->output);
    bool ok = train(&f, call, v, lines, &console.progress, err);
    cli_console_close(&console);
    ask_lines_close(lines);
    ok = ok && look_at(&f, v->out, err) &&
         cli_output_result(call->output, as_text, as_json, &f, err);
    return ok ? CLI_DONE : CLI_FAILED;
}

static const values defaults = {.kind = "clip", .n_tokens = 8192, .min_frequency = 2};

static const cli_option options[] = {
    {.name = "out",
     .kind = CLI_TEXT,
     .at = offsetof(values, out),
     .argument = "DIR",
     .help = "write the vocabulary into DIR, which is made"},
    {.name = "tokens",
     .kind = CLI_INT,
     .at = offsetof(values, n_tokens),
     .min = 1,
     .max = 4000000,
     .argument = "N",
     .help = "make N tokens in all (8192)"},
    {.name = "kind",
     .kind = CLI_TEXT,
     .at = offsetof(values, kind),
     .argument = "clip|gpt2",
     .help = "cut and mark words as CLIP or GPT-2 does (clip)"},
    {.name = "min-frequency",
     .kind = CLI_INT,
     .at = offsetof(values, min_frequency),
     .min = 1,
     .max = 1e15,
     .argument = "N",
     .help = "join only what occurs N times (2)"},
    {.name = "special",
     .kind = CLI_LIST,
     .at = offsetof(values, special),
     .argument = "TEXT",
     .help = "add a special token"},
    {0},
};

const cli_command cli_train_bpe_command = {
    .name = "train bpe",
    .summary = "Make a vocabulary from texts",
    .arguments = "FILE...",
    .min_arguments = 1,
    .max_arguments = 100000,
    .description =
        "Each FILE is UTF-8 text, a line at a time; - is the standard input. DIR gets\n"
        "vocab.json, merges.txt, tokenizer.json and tokenizer_config.json, as published\n"
        "models have them. The same lines give the same vocabulary, in any order. There\n"
        "are fewer than N tokens when the texts hold no more pairs worth joining.\n\n"
        "Exit status 3 when a FILE cannot be read or is not UTF-8.",
    .options = options,
    .defaults = &defaults,
    .values_bytes = sizeof defaults,
    .run = run,
};
