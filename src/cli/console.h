/* cli/console.h - what a command says while it works: log lines, and on a terminal a line
 * of progress that is gone when the work is done. */
#ifndef ASK_CLI_CONSOLE_H
#define ASK_CLI_CONSOLE_H

#include "base/log.h"
#include "cli/output.h"

/* The logger and the progress point into the console, so it stays where it was opened. */
typedef struct {
    ask_logger log;        // warnings and errors: "askance: inspect: warning: ..."
    ask_progress progress; // drawn a few times a second; nothing where no terminal is
    const cli_output *output;
    bool terminal;
    bool drawn;     // a progress line stands on the terminal
    double drawn_s; // when it was drawn last; at first, when the work began: short work
                    // draws nothing
} cli_console;

void cli_console_open(cli_console *c, const cli_output *output); // output is borrowed
void cli_console_close(cli_console *c); // takes the progress line away

#endif
