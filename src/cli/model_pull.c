/* askance model pull - a model from a hub. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json_write.h"
#include "base/number.h"
#include "cli/command.h"
#include "cli/console.h"
#include "cli/hub_env.h"
#include "hub/pull.h"

typedef struct {
    const char *out, *revision;
    cli_list files, globs;
    bool plan;
} values;

typedef struct {
    const ask_hub_pull *pull;
    const char *endpoint;
    bool plan;
    double seconds;
} findings;

/* ---- telling ---- */

static void text_file(ask_str *out, const ask_hub_pull_file *file)
{
    char size[ASK_BYTES_TEXT_BYTES], there[ASK_BYTES_TEXT_BYTES];
    ask_str_printf(out, "%10s  %s", ask_format_bytes(size, file->n_bytes), file->path);
    if (file->n_there == file->n_bytes)
        ask_str_append(out, " (there already)");
    else if (file->n_there > 0)
        ask_str_printf(out, " (%s are there already)",
                       ask_format_bytes(there, file->n_there));
    ask_str_append_char(out, '\n');
}

static void text_plan(ask_str *out, const findings *f, const ask_hub_pull_info *i)
{
    char missing[ASK_BYTES_TEXT_BYTES], all[ASK_BYTES_TEXT_BYTES];
    for (size_t k = 0; k < i->n_files; k++) {
        const ask_hub_pull_file file = ask_hub_pull_file_at(f->pull, k);
        text_file(out, &file);
    }
    ask_str_printf(out,
                   "%s at %.12s: %zu files, %s, of which %s would be downloaded to %s\n",
                   i->name, i->commit, i->n_files, ask_format_bytes(all, i->n_bytes),
                   ask_format_bytes(missing, i->n_missing_bytes), i->dir);
}

static void as_text(ask_str *out, const void *what)
{
    const findings *f = what;
    const ask_hub_pull_info i = ask_hub_pull_info_of(f->pull);
    char came[ASK_BYTES_TEXT_BYTES], all[ASK_BYTES_TEXT_BYTES];
    if (f->plan) {
        text_plan(out, f, &i);
        return;
    }
    ask_str_printf(out, "%s: %zu files, %s; %s downloaded in %.1f s\n", i.dir, i.n_files,
                   ask_format_bytes(all, i.n_bytes),
                   ask_format_bytes(came, i.n_missing_bytes), f->seconds);
}

static void json_file(ask_json_writer *w, const ask_hub_pull_file *file)
{
    ask_json_open_object(w, NULL);
    ask_json_put_string(w, "path", file->path);
    ask_json_put_int(w, "bytes", file->n_bytes);
    ask_json_put_int(w, "bytes_there", file->n_there);
    if (file->hash[0])
        ask_json_put_string(w, strlen(file->hash) == 64 ? "sha256" : "git_sha1",
                            file->hash);
    ask_json_close(w);
}

static void as_json(ask_str *out, const void *what)
{
    const findings *f = what;
    const ask_hub_pull_info i = ask_hub_pull_info_of(f->pull);
    ask_json_writer w = {.out = out, .pretty = true};
    ask_json_open_object(&w, NULL);
    ask_json_put_string(&w, "schema",
                        f->plan ? "askance.model.pull.plan/1" : "askance.model.pull/1");
    ask_json_put_string(&w, "id", i.name);
    ask_json_put_string(&w, "revision", i.revision);
    ask_json_put_string(&w, "commit", i.commit);
    ask_json_put_string(&w, "endpoint", f->endpoint);
    ask_json_put_string(&w, "dir", i.dir);
    ask_json_put_int(&w, "bytes", i.n_bytes);
    ask_json_put_int(&w, "bytes_missing", i.n_missing_bytes);
    if (!f->plan) ask_json_put_double(&w, "seconds", f->seconds);
    ask_json_open_array(&w, "files");
    for (size_t k = 0; k < i.n_files; k++) {
        const ask_hub_pull_file file = ask_hub_pull_file_at(f->pull, k);
        json_file(&w, &file);
    }
    ask_json_close(&w);
    ask_json_close(&w);
    ask_str_append_char(out, '\n');
}

/* ---- doing it ---- */

static bool check(const cli_call *call, const values *v, ask_error *err)
{
    if (v->out && !*v->out)
        return ask_fail(err, ASK_ERR_USAGE, "--output is empty: give DIR, or leave it out");
    return !cli_hub_is_offline() ||
           ask_fail(err, ASK_ERR_USAGE,
                    "HF_HUB_OFFLINE is set, so %s is not asked for: unset it",
                    call->arguments->items[0]);
}

static bool pull(findings *f, const char *cache, const char *token, const cli_call *call,
                 const values *v, ask_error *err)
{
    ask_hub_pull_options o = ask_hub_pull_defaults();
    cli_console console;
    if (cli_hub_endpoint()) o.endpoint = cli_hub_endpoint();
    o.token = token;
    o.revision = v->revision;
    o.cache_dir = cache;
    o.dir = v->out;
    o.files = v->files.items;
    o.n_files = v->files.n;
    o.globs = v->globs.items;
    o.n_globs = v->globs.n;
    o.cancel = call->cancel;
    if (!cli_hub_stall(&o.stall_s, err)) return false;
    cli_console_open(&console, call->output);
    o.progress = &console.progress;
    o.log = &console.log;
    double begin_s = ask_clock_s();
    ask_hub_pull *p = ask_hub_pull_open(call->arguments->items[0], &o, err);
    bool ok = p && (v->plan || ask_hub_pull_run(p, err));
    cli_console_close(&console);
    *f = (findings){p, o.endpoint, v->plan, ask_clock_s() - begin_s};
    ok = ok && cli_output_result(call->output, as_text, as_json, f, err);
    ask_hub_pull_close(p);
    return ok;
}

static cli_outcome run(const cli_call *call, const void *given, ask_error *err)
{
    const values *v = given;
    findings f;
    char *cache = NULL, *token = NULL;
    bool ok = check(call, v, err) && cli_hub_cache(&cache, err) &&
              cli_hub_token(&token, err) && pull(&f, cache, token, call, v, err);
    free(cache);
    free(token);
    return ok ? CLI_DONE : CLI_FAILED;
}

static const values defaults = {0};

static const cli_option options[] = {
    {.name = "output",
     .letter = 'o',
     .kind = CLI_TEXT,
     .at = offsetof(values, out),
     .argument = "DIR",
     .help = "plain files into DIR, in place of the cache"},
    {.name = "revision",
     .kind = CLI_TEXT,
     .at = offsetof(values, revision),
     .argument = "REV",
     .help = "a branch, a tag or a commit (main)"},
    {.name = "file",
     .kind = CLI_LIST,
     .at = offsetof(values, files),
     .argument = "NAME",
     .help = "these weights and no others, such as one of several .gguf; may be repeated"},
    {.name = "include",
     .kind = CLI_LIST,
     .at = offsetof(values, globs),
     .argument = "GLOB",
     .help = "also what matches, such as \"LICENSE*\"; may be repeated"},
    {.name = "plan",
     .kind = CLI_FLAG,
     .at = offsetof(values, plan),
     .help = "say what would be downloaded; download nothing"},
    {0},
};

const cli_command cli_model_pull_command = {
    .name = "model pull",
    .summary = "Download a model from a hub",
    .arguments = "ID",
    .min_arguments = 1,
    .max_arguments = 1,
    .description =
        "ID is OWNER/NAME or OWNER/NAME@REVISION, on Hugging Face's hub or the one of\n"
        "HF_ENDPOINT. Downloaded is what askance reads: configuration, tokenizer and\n"
        "processor, and the weights that a folder is opened with: model.safetensors or\n"
        "its parts (model-*-of-*.safetensors and the index), else pytorch_model.bin or\n"
        "its parts, else the only .tar, .gguf, .safetensors, or .bin, .pth or .pt; of\n"
        "several, --file or --include says which. It goes into the cache that other\n"
        "programs use too (HF_HUB_CACHE, else HF_HOME/hub, else\n"
        "~/.cache/huggingface/hub); wherever askance takes a model, ID then names it.\n\n"
        "Files are checked against the hashes that the hub tells. After an interruption\n"
        "the same command goes on where it was. Models that are gated or private need\n"
        "HF_TOKEN, or the file that Hugging Face's login leaves (HF_HOME/token), unless\n"
        "HF_HUB_DISABLE_IMPLICIT_TOKEN=1. With HF_HUB_OFFLINE=1 nothing is asked; after\n"
        "HF_HUB_DOWNLOAD_TIMEOUT seconds (30) without a byte a connection is given up,\n"
        "and tried again.\n\n"
        "Exit status 3 for the network, 4 when there is no such model, it may not be\n"
        "read, or a file is not what the hub says it is, 5 when the disk has no room.",
    .options = options,
    .defaults = &defaults,
    .values_bytes = sizeof defaults,
    .run = run,
};
