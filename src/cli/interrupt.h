/* cli/interrupt.h - Ctrl-C and kill: first a wish, then an order. */
#ifndef ASK_CLI_INTERRUPT_H
#define ASK_CLI_INTERRUPT_H

#include "base/log.h"

/* From now on SIGINT and SIGTERM raise the flag that is returned, so that the command can
 * clean up and end; the second one ends the process at once with 128 + its number. SIGPIPE
 * and SIGXFSZ are ignored: writing to a reader that is gone, or more than a file may hold,
 * fails instead. */
const ask_cancel *cli_interrupt_watch(void);

/* The wish was heard and the command goes on: the next signal is the first again. */
void cli_interrupt_forget(void);

#endif
