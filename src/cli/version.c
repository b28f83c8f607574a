/* askance version - which askance this is and how it was built. */
#include "base/version.h"
#include "base/json_write.h"
#include "cli/command.h"

#if defined(__clang__)
#define COMPILER __VERSION__
#else
#define COMPILER "gcc " __VERSION__
#endif

#if defined(__x86_64__)
#define MACHINE "x86_64"
#elif defined(__aarch64__)
#define MACHINE "aarch64"
#else
#define MACHINE "other"
#endif

#if defined(__SANITIZE_ADDRESS__)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

#if defined(_OPENMP)
enum { WITH_OPENMP = 1 };
#else
enum { WITH_OPENMP = 0 };
#endif

static void as_text(ask_str *out)
{
    ask_str_printf(out, "askance %s\n", ask_version());
    ask_str_printf(out, "built with %s for %s, %s OpenMP%s\n", COMPILER, MACHINE,
                   WITH_OPENMP ? "with" : "without", SANITIZED ? ", with sanitizers" : "");
}

static void as_json(ask_str *out)
{
    ask_json_writer w = {.out = out, .pretty = true};
    ask_json_open_object(&w, NULL);
    ask_json_put_string(&w, "schema", "askance.version/1");
    ask_json_put_string(&w, "name", "askance");
    ask_json_put_string(&w, "version", ask_version());
    ask_json_open_object(&w, "build");
    ask_json_put_string(&w, "compiler", COMPILER);
    ask_json_put_string(&w, "machine", MACHINE);
    ask_json_put_bool(&w, "openmp", WITH_OPENMP);
    ask_json_put_bool(&w, "sanitizers", SANITIZED);
    ask_json_close(&w);
    ask_json_close(&w);
    ask_str_append_char(out, '\n');
}

static cli_outcome run(const cli_call *call, const void *values, ask_error *err)
{
    (void)values;
    ask_str text = {0};
    if (call->output->json)
        as_json(&text);
    else
        as_text(&text);
    bool ok = cli_output_text(call->output, &text, err);
    ask_str_free(&text);
    return ok ? CLI_DONE : CLI_FAILED;
}

const cli_command cli_version_command = {
    .name = "version",
    .summary = "Print the version and how it was built",
    .run = run,
};
