/* weights/folder.h - which files of a folder are its weights: what a folder is opened with
 * (weights.h), and so what of a model is downloaded (hub/). */
#ifndef ASK_WEIGHTS_FOLDER_H
#define ASK_WEIGHTS_FOLDER_H

#include <stdbool.h>

#include "base/api.h"

/* One way to keep weights. */
typedef struct {
    const char *index;       // the file that names the others; NULL: there is none
    const char *patterns[4]; // of the files themselves (ask_glob_match)
    bool only;               // of these there may be but one
} ask_weights_form;

/* The best first: the first of which a file is there decides. Ends with {0}. */
ASK_API extern const ask_weights_form ask_weights_forms[];

/* Whether a file of this name is called as the weights of a form are, its index apart. */
ASK_API bool ask_weights_are_called(const ask_weights_form *form, const char *name);

#endif
