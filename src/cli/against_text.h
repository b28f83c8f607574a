/* cli/against_text.h - what few bits cost, in words and in JSON. */
#ifndef ASK_CLI_AGAINST_TEXT_H
#define ASK_CLI_AGAINST_TEXT_H

#include "base/str.h"
#include "model/verify_against.h"

typedef struct {
    const char *dir, *against;
    ask_verify_against_report report;
} cli_against;

/* Writers for cli_output_result; what: a cli_against. */
void cli_against_text(ask_str *out, const void *what);
void cli_against_json(ask_str *out, const void *what);

#endif
