/* askance model init - a model to begin with. */
#include <inttypes.h>

#include "base/json_write.h"
#include "cli/command.h"
#include "cli/console.h"
#include "model/init.h"
#include "model/model.h"

typedef struct {
    int64_t seed;
    const char *tokenizer;
    const char *arch;
} values;

static bool make(const cli_call *call, const values *v, ask_error *err)
{
    cli_console console;
    cli_console_open(&console, call->output);
    const ask_model_init_options options = {.seed = (uint64_t)v->seed,
                                            .network = v->arch,
                                            .tokenizer = v->tokenizer,
                                            .cancel = call->cancel,
                                            .progress = &console.progress};
    bool ok =
        ask_model_init(call->arguments->items[1], call->arguments->items[0], &options, err);
    cli_console_close(&console);
    return ok;
}

/* What was made. */
typedef struct {
    ask_model_info info;
    int64_t seed;
} findings;

static void as_text(ask_str *out, const void *what)
{
    const findings *f = what;
    ask_str_printf(out, "%s: %s, %" PRId64 " parameters from seed %" PRId64 "\n",
                   f->info.dir, f->info.network, f->info.n_params, f->seed);
}

static void as_json(ask_str *out, const void *what)
{
    const findings *f = what;
    ask_json_writer w = {.out = out, .pretty = true};
    ask_json_open_object(&w, NULL);
    ask_json_put_string(&w, "schema", "askance.model.init/1");
    ask_json_put_string(&w, "dir", f->info.dir);
    ask_json_put_string(&w, "network", f->info.network);
    ask_json_put_string(&w, "id", f->info.id);
    ask_json_put_int(&w, "n_params", f->info.n_params);
    ask_json_put_int(&w, "seed", f->seed);
    ask_json_close(&w);
    ask_str_append_char(out, '\n');
}

/* Tells what was made, from what can be read of it. */
static bool tell(const cli_call *call, const values *v, ask_error *err)
{
    const ask_model_options options = {.network = v->arch};
    ask_model *m = ask_model_open(call->arguments->items[1], &options, err);
    if (!m) return false;
    const findings f = {.info = ask_model_info_of(m), .seed = v->seed};
    bool ok = cli_output_result(call->output, as_text, as_json, &f, err);
    ask_model_close(m);
    return ok;
}

static cli_outcome run(const cli_call *call, const void *given, ask_error *err)
{
    return make(call, given, err) && tell(call, given, err) ? CLI_DONE : CLI_FAILED;
}

static const values defaults = {0};

static const cli_option options[] = {
    {.name = "seed",
     .kind = CLI_INT,
     .at = offsetof(values, seed),
     .min = 0,
     .max = 9007199254740992, // what every reader of the result can hold
     .argument = "N",
     .help = "the weights are a function of N and the configuration (0)"},
    {.name = "tokenizer",
     .kind = CLI_TEXT,
     .at = offsetof(values, tokenizer),
     .argument = "DIR",
     .help = "copy the tokenizer's files from DIR"},
    {.name = "arch",
     .kind = CLI_TEXT,
     .at = offsetof(values, arch),
     .argument = "NAME",
     .help = "the network, if CONFIG.json tells none (clip, s3d, glance_focus, ...)"},
    {0},
};

const cli_command cli_model_init_command = {
    .name = "model init",
    .summary = "Make a model with random weights",
    .arguments = "CONFIG.json DIR",
    .min_arguments = 2,
    .max_arguments = 2,
    .description =
        "Makes the folder DIR with a copy of CONFIG.json, weights drawn as the network's "
        "authors\n"
        "begin, and preprocessor_config.json with the network's defaults. The same seed "
        "gives the\n"
        "same bytes. Nothing is replaced, and nothing is left behind on failure.\n\n"
        "Exit status 4 when CONFIG.json or the tokenizer cannot be used, 5 when the disk "
        "has no "
        "room.",
    .options = options,
    .defaults = &defaults,
    .values_bytes = sizeof defaults,
    .run = run,
};
