/* cli/libraries.h - the libraries of others that results depend on. */
#ifndef ASK_CLI_LIBRARIES_H
#define ASK_CLI_LIBRARIES_H

#include <stddef.h>

#include "base/version.h"

enum { CLI_MOST_LIBRARIES = 8 };

/* Writes them as the program runs with them; returns how many there are. */
size_t cli_libraries(ask_library out[CLI_MOST_LIBRARIES]);

#endif
