#include "cli/outfile.h"

#include <string.h>

bool cli_outfile_open(cli_outfile *out, const char *path, const cli_output *output,
                      ask_error *err)
{
    *out = (cli_outfile){0};
    if (!path) return true;
    if (strcmp(path, "-") == 0) {
        out->output = output;
        return true;
    }
    out->writer = ask_file_writer_open(path, err);
    return out->writer;
}

bool cli_outfile_write(cli_outfile *f, const ask_str *text, ask_error *err)
{
    if (text->failed) return ask_fail_memory(err);
    if (f->output) return cli_output_text(f->output, text, err);
    if (!f->writer) return true;
    ask_file_writer *writer = f->writer;
    f->writer = NULL; // commit frees it
    ask_file_writer_write(writer, ask_str_text(text), text->length, NULL);
    return ask_file_writer_commit(writer, err);
}

void cli_outfile_close(cli_outfile *f)
{
    ask_file_writer_abort(f->writer);
    *f = (cli_outfile){0};
}
