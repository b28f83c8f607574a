/* askance model quantize - a model with its matrices in few bits. */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/json_write.h"
#include "cli/command.h"
#include "cli/console.h"
#include "model/quantize.h"

typedef struct {
    const char *out;
    const char *type;
    const char *arch;
    int64_t n_threads;
} values;

/* What was made. */
typedef struct {
    const char *from, *dir;
    ask_dtype type;
    ask_weights_quantized sizes;
    double seconds;
} findings;

static double bits_per_weight(const findings *f)
{
    return 8.0 * (double)f->sizes.coded_bytes / (double)f->sizes.n_weights;
}

static void as_text(ask_str *out, const void *what)
{
    const findings *f = what;
    const double mib = (double)(1 << 20);
    ask_str_printf(out,
                   "%s: %" PRId64 " matrices in %s, %.2f bits per weight; %.1f MiB became "
                   "%.1f MiB in %.1f s\n",
                   f->dir, f->sizes.n_matrices, ask_dtype_name(f->type), bits_per_weight(f),
                   (double)f->sizes.bytes_before / mib, (double)f->sizes.bytes_after / mib,
                   f->seconds);
}

static void as_json(ask_str *out, const void *what)
{
    const findings *f = what;
    ask_json_writer w = {.out = out, .pretty = true};
    ask_json_open_object(&w, NULL);
    ask_json_put_string(&w, "schema", "askance.model.quantize/1");
    ask_json_put_string(&w, "dir", f->dir);
    ask_json_put_string(&w, "from", f->from);
    ask_json_put_string(&w, "type", ask_dtype_name(f->type));
    ask_json_put_int(&w, "n_matrices", f->sizes.n_matrices);
    ask_json_put_int(&w, "n_weights", f->sizes.n_weights);
    ask_json_put_double(&w, "bits_per_weight", bits_per_weight(f));
    ask_json_put_int(&w, "bytes_before", f->sizes.bytes_before);
    ask_json_put_int(&w, "bytes_after", f->sizes.bytes_after);
    ask_json_put_double(&w, "seconds", f->seconds);
    ask_json_close(&w);
    ask_str_append_char(out, '\n');
}

static bool read_type(ask_dtype *out, const char *name, ask_error *err)
{
    const ask_dtype types[] = {ASK_Q8, ASK_Q4};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (strcmp(name, ask_dtype_name(types[i])) != 0) continue;
        *out = types[i];
        return true;
    }
    return ask_fail(err, ASK_ERR_USAGE, "--type is q8 or q4, not %.40s", name);
}

static bool make(findings *f, const cli_call *call, const values *v, ask_error *err)
{
    if (!v->out) return ask_fail(err, ASK_ERR_USAGE, "give the new folder: --output DIR");
    if (!read_type(&f->type, v->type, err)) return false;
    cli_console console;
    cli_console_open(&console, call->output);
    const ask_model_quantize_options options = {.struct_size = sizeof options,
                                                .type = f->type,
                                                .network = v->arch,
                                                .n_threads = (int)v->n_threads,
                                                .cancel = call->cancel,
                                                .progress = &console.progress};
    double begin_s = ask_clock_s();
    bool ok = ask_model_quantize(&f->sizes, f->dir, f->from, &options, err);
    f->seconds = ask_clock_s() - begin_s;
    cli_console_close(&console);
    return ok;
}

static cli_outcome run(const cli_call *call, const void *given, ask_error *err)
{
    const values *v = given;
    findings f = {.from = call->arguments->items[0], .dir = v->out};
    bool ok = make(&f, call, v, err) &&
              cli_output_result(call->output, as_text, as_json, &f, err);
    return ok ? CLI_DONE : CLI_FAILED;
}

static const values defaults = {.type = "q8"};

static const cli_option options[] = {
    {.name = "output",
     .letter = 'o',
     .kind = CLI_TEXT,
     .at = offsetof(values, out),
     .argument = "DIR",
     .help = "the new folder"},
    {.name = "type",
     .kind = CLI_TEXT,
     .at = offsetof(values, type),
     .argument = "TYPE",
     .help = "q8: 8.5 bits per weight; or q4: 4.5 (q8)"},
    {.name = "arch",
     .kind = CLI_TEXT,
     .at = offsetof(values, arch),
     .argument = "NAME",
     .help = "the network, if config.json tells none (clip, s3d, glance_focus, ...)"},
    {.name = "threads",
     .kind = CLI_INT,
     .at = offsetof(values, n_threads),
     .min = 1,
     .max = 1024,
     .argument = "N",
     .help = "compute with N threads (one for each core)"},
    {0},
};

const cli_command cli_model_quantize_command = {
    .name = "model quantize",
    .summary = "Make a model smaller and faster: weights of 8 or 4 bits",
    .arguments = "DIR",
    .min_arguments = 1,
    .max_arguments = 1,
    .n_models = 1,
    .description =
        "Makes the folder of --output of the model in DIR. Weights of linear layers, those "
        "of\n"
        "vision towers too, tables of tokens and heads get 8 or 4 bits, with a scale for "
        "each 32 of\n"
        "a row; all others stay. Files beside the weights (configuration, tokenizer, "
        "processor,\n"
        "licence) are copied. The weights are read and written piece by piece, in less "
        "memory than\n"
        "the largest of them and 100 MB take. Nothing is replaced, and nothing is left "
        "behind on\n"
        "failure.\n\n"
        "model verify --against tells what it costs.\n\n"
        "Exit status 4 when the model cannot be used or has few bits already, 5 when the "
        "disk has\n"
        "no room.",
    .options = options,
    .defaults = &defaults,
    .values_bytes = sizeof defaults,
    .run = run,
};
