/* askance version - which askance this is and how it was built. */
#include "base/version.h"
#include "base/json_write.h"
#include "cli/build.h"
#include "cli/command.h"

static void as_text(ask_str *out, const void *what)
{
    (void)what;
    ask_str_printf(out, "askance %s\n", ask_version());
    ask_str_append(out, "built with ");
    cli_build_text(out);
    ask_str_append_char(out, '\n');
}

static void as_json(ask_str *out, const void *what)
{
    (void)what;
    const cli_build build = cli_build_read();
    ask_json_writer w = {.out = out, .pretty = true};
    ask_json_open_object(&w, NULL);
    ask_json_put_string(&w, "schema", "askance.version/1");
    ask_json_put_string(&w, "name", "askance");
    ask_json_put_string(&w, "version", ask_version());
    ask_json_open_object(&w, "build");
    ask_json_put_string(&w, "compiler", build.compiler);
    ask_json_put_string(&w, "machine", build.machine);
    ask_json_put_bool(&w, "openmp", build.openmp);
    ask_json_put_bool(&w, "sanitizers", build.sanitizers);
    ask_json_close(&w);
    ask_json_close(&w);
    ask_str_append_char(out, '\n');
}

static cli_outcome run(const cli_call *call, const void *values, ask_error *err)
{
    (void)values;
    bool ok = cli_output_result(call->output, as_text, as_json, NULL, err);
    return ok ? CLI_DONE : CLI_FAILED;
}

const cli_command cli_version_command = {
    .name = "version",
    .summary = "Print the version and how it was built",
    .run = run,
};
