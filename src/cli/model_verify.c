/* askance model verify - does a checkpoint give the values of its reference? */
#include <math.h>

#include "base/json_write.h"
#include "cli/against_text.h"
#include "cli/command.h"
#include "cli/console.h"
#include "model/verify.h"

typedef struct {
    const char *arch;
    const char *compat;
    double tol;
    int64_t n_threads;
    const char *against;
    int64_t n_tokens, seed;
} values;

/* What came of it. */
typedef struct {
    const char *dir;
    ask_verify_report report;
} findings;

/* ---- as text ---- */

static int name_width(const ask_verify_report *r)
{
    int width = 6;
    for (int i = 0; i < r->n_rows; i++) {
        int length = 0;
        while (r->rows[i].name[length]) length++;
        if (length > width) width = length;
    }
    return width;
}

static void text_row(ask_str *out, const ask_verify_row *row, int width)
{
    ask_str_printf(out, "%-*s  ", width, row->name);
    if (!row->compared) {
        ask_str_printf(out, "not compared: %s\n", row->reason);
        return;
    }
    ask_str_printf(out, "%9.2e  %9.2e  %9.2e  %s%s\n", row->max_abs, row->rms, row->max_ref,
                   row->passed ? "ok" : "DIFFERS: ", row->passed ? "" : row->reason);
}

static void as_text(ask_str *out, const void *what)
{
    const ask_verify_report *r = &((const findings *)what)->report;
    int width = name_width(r);
    ask_str_printf(out, "%-*s  %9s  %9s  %9s\n", width, "tensor", "max error", "rms",
                   "max value");
    for (int i = 0; i < r->n_rows; i++) text_row(out, &r->rows[i], width);
    ask_str_printf(out, "%s: %d tensors: %d agree, %d differ, %d not compared\n",
                   r->network, r->n_rows, r->n_passed, r->n_failed, r->n_not_compared);
    if (r->narrowed)
        ask_str_printf(out,
                       "%s: some agree with rotary steps rounded to %s, as the "
                       "reference's were\n",
                       r->network, r->narrowed);
}

/* ---- as JSON ---- */

static void json_row(ask_json_writer *w, const ask_verify_row *row)
{
    ask_json_open_object(w, NULL);
    ask_json_put_string(w, "name", row->name);
    ask_json_put_string(w, "file", row->file);
    ask_json_put_bool(w, "compared", row->compared);
    ask_json_put_bool(w, "passed", row->passed);
    if (row->compared) {
        // JSON has no NaN: an error that is none is left out, and the reason tells it.
        if (isfinite(row->max_abs)) ask_json_put_double(w, "max_abs", row->max_abs);
        if (isfinite(row->rms)) ask_json_put_double(w, "rms", row->rms);
        if (isfinite(row->max_ref)) ask_json_put_double(w, "max_ref", row->max_ref);
        ask_json_put_double(w, "tol_abs", row->tol_abs);
        ask_json_put_double(w, "tol_rel", row->tol_rel);
    }
    if (row->reason) ask_json_put_string(w, "reason", row->reason);
    ask_json_close(w);
}

static void as_json(ask_str *out, const void *what)
{
    const findings *f = what;
    const ask_verify_report *r = &f->report;
    ask_json_writer w = {.out = out, .pretty = true};
    ask_json_open_object(&w, NULL);
    ask_json_put_string(&w, "schema", "askance.model.verify/1");
    ask_json_put_string(&w, "dir", f->dir);
    ask_json_put_string(&w, "network", r->network);
    ask_json_put_bool(&w, "passed", r->n_passed == r->n_rows);
    ask_json_put_int(&w, "n_passed", r->n_passed);
    ask_json_put_int(&w, "n_failed", r->n_failed);
    ask_json_put_int(&w, "n_not_compared", r->n_not_compared);
    if (r->narrowed) ask_json_put_string(&w, "narrowed", r->narrowed);
    ask_json_open_array(&w, "tensors");
    for (int i = 0; i < r->n_rows; i++) json_row(&w, &r->rows[i]);
    ask_json_close(&w);
    ask_json_close(&w);
    ask_str_append_char(out, '\n');
}

/* ---- the command ---- */

static bool verify(findings *f, const cli_call *call, const values *v, ask_error *err)
{
    cli_console console;
    cli_console_open(&console, call->output);
    const ask_verify_options options = {.network = v->arch,
                                        .compat = v->compat,
                                        .tol = v->tol,
                                        .n_threads = (int)v->n_threads,
                                        .cancel = call->cancel,
                                        .progress = &console.progress};
    bool ok = ask_model_verify(&f->report, f->dir, &options, err);
    cli_console_close(&console);
    return ok;
}

/* ---- against the model that it was made of ---- */

static bool compare(cli_against *a, const cli_call *call, const values *v, ask_error *err)
{
    if (v->compat || v->tol != 0)
        return ask_fail(err, ASK_ERR_USAGE, "--against goes without --compat and --tol");
    cli_console console;
    cli_console_open(&console, call->output);
    const ask_verify_against_options options = {.network = v->arch,
                                                .n_threads = (int)v->n_threads,
                                                .seed = (uint64_t)v->seed,
                                                .n_tokens = (int)v->n_tokens,
                                                .cancel = call->cancel,
                                                .progress = &console.progress};
    bool ok = ask_model_verify_against(&a->report, a->dir, a->against, &options, err);
    cli_console_close(&console);
    return ok;
}

static cli_outcome run_against(const cli_call *call, const values *v, ask_error *err)
{
    cli_against a = {.dir = call->arguments->items[0], .against = v->against};
    if (!compare(&a, call, v, err)) return CLI_FAILED;
    bool ok = cli_output_result(call->output, cli_against_text, cli_against_json, &a, err);
    bool passed = a.report.passed;
    ask_verify_against_report_free(&a.report);
    return !ok ? CLI_FAILED : passed ? CLI_DONE : CLI_NEGATIVE;
}

static cli_outcome run(const cli_call *call, const void *given, ask_error *err)
{
    const values *v = given;
    if (v->against) return run_against(call, v, err);
    findings f = {.dir = call->arguments->items[0]};
    if (!verify(&f, call, v, err)) return CLI_FAILED;
    bool ok = cli_output_result(call->output, as_text, as_json, &f, err);
    bool passed = f.report.n_passed == f.report.n_rows;
    ask_verify_report_free(&f.report);
    return !ok ? CLI_FAILED : passed ? CLI_DONE : CLI_NEGATIVE;
}

static const values defaults = {.n_tokens = 32};

static const cli_option options[] = {
    {.name = "arch",
     .kind = CLI_TEXT,
     .at = offsetof(values, arch),
     .argument = "NAME",
     .help = "the network, if config.json tells none (clip, s3d, glance_focus, ...)"},
    {.name = "compat",
     .kind = CLI_TEXT,
     .at = offsetof(values, compat),
     .argument = "WHICH",
     .help = "released: as the authors' code does; or paper (as config.json says)"},
    {.name = "tol",
     .kind = CLI_REAL,
     .at = offsetof(values, tol),
     .min = 1e-300,
     .max = 1e300,
     .argument = "X",
     .help = "|ours - reference| may be X + X |reference| (by kind of tensor)"},
    {.name = "threads",
     .kind = CLI_INT,
     .at = offsetof(values, n_threads),
     .min = 1,
     .max = 1024,
     .argument = "N",
     .help = "compute with N threads (one for each core)"},
    {.name = "against",
     .kind = CLI_MODEL,
     .at = offsetof(values, against),
     .argument = "ORIGINAL",
     .help = "tell what few bits cost: the model that DIR was quantised from"},
    {.name = "tokens",
     .kind = CLI_INT,
     .at = offsetof(values, n_tokens),
     .min = 0,
     .max = 4096,
     .argument = "N",
     .help = "--against: of the text that both read; 0: matrices alone (32)"},
    {.name = "seed",
     .kind = CLI_INT,
     .at = offsetof(values, seed),
     .min = 0,
     .max = 9007199254740992, // what every reader of the result can hold
     .argument = "N",
     .help = "--against: what is fed in is a function of N (0)"},
    {0},
};

const cli_command cli_model_verify_command = {
    .name = "model verify",
    .summary = "Compare what a model computes with its reference's values",
    .arguments = "DIR",
    .min_arguments = 1,
    .max_arguments = 1,
    .n_models = 1,
    .description =
        "DIR holds a model as published, or is a GGUF file, and beside it lie\n"
        "inputs.safetensors (what was fed in), outputs.safetensors (what the reference\n"
        "gave, by the names of its tensors) and perhaps grads.safetensors (gradients of a\n"
        "loss, by the names of the parameters). Every tensor of the last two is compared,\n"
        "or listed as not compared with the reason, and so is an input that the network\n"
        "does not take. Without --tol, real numbers may differ by 2e-5 + 1e-4 |value|,\n"
        "logits by 2e-4 + 1e-4 |value|, gradients by 1e-6 + 1e-5 |largest of the tensor| "
        "+\n"
        "1e-4 |value|; integers must be equal. For gif_qa, whose references are that far\n"
        "off themselves, what does not hang on the value is 30 times as much in gradients\n"
        "and 5 times in the rest. Where an attention mask is 0, nothing is compared.\n"
        "Weights of few bits are widened to f32 and multiplied as such, as in references;\n"
        "products that round the other side to 8 bits, as inference has them, are not "
        "what\n"
        "is compared.\n\n"
        "--compat is for glance_focus, whose released code departs from its paper.\n\n"
        "With --against nothing lies beside DIR, a model of model quantize. Each of its\n"
        "matrices is held against the original: how far off its numbers are, its products\n"
        "with plain vectors, and with such that have outliers (six channels x50, a token\n"
        "x200), beside what ggml's plain blocks of as many bits (Q8_0, Q4_0) make of it.\n"
        "Rows are filled up to 32, so a matrix of another number of them has more bits\n"
        "than its blocks: it is marked with +, and with ++ and not judged where they are\n"
        "more than 1.02 times as many. Both models then read the same random text and\n"
        "pictures, and the error of each layer is told; for that the original must fit\n"
        "into memory (--tokens 0 leaves it out).\n\n"
        "Exit status 1 when a tensor differs or was not compared, when the judged "
        "matrices\n"
        "together are more than 1.02 times as far off as those blocks, or when none can "
        "be\n"
        "judged; 4 when the model or the files beside it cannot be used.",
    .options = options,
    .defaults = &defaults,
    .values_bytes = sizeof defaults,
    .run = run,
};
