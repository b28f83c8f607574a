/* cli/outfile.h - a file that an option asks for: opened before the work, so that it fails
 * early, and written when the work is done. "-" is standard output. */
#ifndef ASK_CLI_OUTFILE_H
#define ASK_CLI_OUTFILE_H

#include "base/file.h"
#include "cli/output.h"

typedef struct {
    ask_file_writer *writer;  // NULL: standard output, or nothing was asked for
    const cli_output *output; // of standard output; else NULL
} cli_outfile;

/* path NULL: nothing is asked for, and writing does nothing. Fails as
 * ask_file_writer_open. */
bool cli_outfile_open(cli_outfile *out, const char *path, const cli_output *output,
                      ask_error *err);

/* Writes the whole text and puts the file in place. Fails: ASK_ERR_NOMEM when the text ran
 * out of memory, ASK_ERR_IO; nothing is then left of the new file. */
bool cli_outfile_write(cli_outfile *f, const ask_str *text, ask_error *err);

/* Gives up what was not written. {0} and written files are fine. */
void cli_outfile_close(cli_outfile *f);

#endif
