/* cli/build.h - how this program was built. */
#ifndef ASK_CLI_BUILD_H
#define ASK_CLI_BUILD_H

#include <stdbool.h>

#include "base/str.h"

typedef struct {
    const char *compiler; // "gcc 12.2.0"
    const char *machine;  // "x86_64"
    bool openmp;
    bool sanitizers; // as far as the compiler tells: gcc keeps its "undefined" to itself
} cli_build;

cli_build cli_build_read(void);

/* Adds "gcc 12.2.0 for x86_64, with OpenMP". */
void cli_build_text(ask_str *out);

#endif
