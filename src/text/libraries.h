/* text/libraries.h - the libraries that the ids of texts depend on. */
#ifndef ASK_TEXT_LIBRARIES_H
#define ASK_TEXT_LIBRARIES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/version.h"

/* The i-th of them, as the program runs with it; false past the last. */
ASK_API bool ask_text_library_at(ask_library *out, size_t i);

#endif
