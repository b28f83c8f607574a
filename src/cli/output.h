/* cli/output.h - where results and messages of a command go.
 *
 * Results go to stdout, everything else to stderr. A reader of stdout that goes away early
 * (`askance ... | head`) is no error. */
#ifndef ASK_CLI_OUTPUT_H
#define ASK_CLI_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"
#include "base/str.h"

typedef struct {
    FILE *out;           // results
    FILE *err;           // messages
    bool json;           // --json: results are one JSON document
    const char *command; // its name, in front of messages; NULL before it is known
} cli_output;

/* Adds to *out what a command found. */
typedef void cli_writer(ask_str *out, const void *what);

/* Writes a text that was built whole to stdout.
 * Fails: ASK_ERR_NOMEM when the building ran out of memory, ASK_ERR_IO. */
bool cli_output_text(const cli_output *output, const ask_str *text, ask_error *err);

/* Writes the one result of a command to stdout: by as_json under --json, else by as_text.
 * Fails as cli_output_text. */
bool cli_output_result(const cli_output *output, cli_writer *as_text, cli_writer *as_json,
                       const void *what, ask_error *err);

/* Sends what is buffered on its way. Fails: ASK_ERR_IO, unless only the reader went away.
 */
bool cli_output_finish(const cli_output *output, ask_error *err);

/* "askance: find: <message>" on stderr; under --json also {"error": {"code", "message"}} as
 * the result. */
void cli_output_error(const cli_output *output, const ask_error *error);

#endif
