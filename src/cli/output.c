#include "cli/output.h"

#include <errno.h>

#include "base/file.h"
#include "base/json_write.h"

static bool check_written(const cli_output *output, bool written, ask_error *err)
{
    if (written && !ferror(output->out)) return true;
    if (errno == EPIPE) return true; // whoever read has read enough
    return ask_fail_errno(err, errno, "standard output");
}

bool cli_output_text(const cli_output *output, const ask_str *text, ask_error *err)
{
    if (text->failed) return ask_fail_memory(err);
    size_t written = fwrite(ask_str_text(text), 1, text->length, output->out);
    return check_written(output, written == text->length, err);
}

bool cli_output_result(const cli_output *output, cli_writer *as_text, cli_writer *as_json,
                       const void *what, ask_error *err)
{
    ask_str text = {0};
    if (output->json)
        as_json(&text, what);
    else
        as_text(&text, what);
    bool ok = cli_output_text(output, &text, err);
    ask_str_free(&text);
    return ok;
}

bool cli_output_finish(const cli_output *output, ask_error *err)
{
    return check_written(output, fflush(output->out) == 0, err);
}

static void print_json_error(const cli_output *output, const ask_error *error)
{
    ask_str text = {0};
    ask_json_writer w = {.out = &text, .pretty = true};
    ask_json_open_object(&w, NULL);
    ask_json_open_object(&w, "error");
    ask_json_put_string(&w, "code", ask_error_name(error->code));
    ask_json_put_string(&w, "message", error->message);
    ask_json_close(&w);
    ask_json_close(&w);
    ask_str_append_char(&text, '\n');
    // An error that cannot be told here is still told by stderr and the exit status.
    cli_output_text(output, &text, NULL);
    cli_output_finish(output, NULL);
    ask_str_free(&text);
}

void cli_output_error(const cli_output *output, const ask_error *error)
{
    if (output->json) print_json_error(output, error);
    fprintf(output->err, "askance: %s%s%s\n", output->command ? output->command : "",
            output->command ? ": " : "", error->message);
}
