/* base/version.h - which askance this is.
 *
 * The macros tell what a program was compiled with, the function what it runs with. */
#ifndef ASK_BASE_VERSION_H
#define ASK_BASE_VERSION_H

#include "base/api.h"

#define ASK_VERSION_MAJOR 0
#define ASK_VERSION_MINOR 1
#define ASK_VERSION_PATCH 0
#define ASK_VERSION "0.1.0" // the build reads its version from this line

/* ASK_VERSION of the library in use. */
ASK_API const char *ask_version(void);

/* A library of others that results depend on, as the program runs with it. */
typedef struct {
    const char *name; // "jansson"
    char version[32]; // "2.14"
} ask_library;

#endif
