/* cli/default_model.h - the model that comes with the program.
 *
 * It is looked for from where the running program is, never where it was built:
 *
 *     PREFIX/bin/askance   PREFIX/share/askance/models/mini   (put there by make install)
 *     BUILD/askance        BUILD/models/mini                  (the sources' models, linked)
 */
#ifndef ASK_CLI_DEFAULT_MODEL_H
#define ASK_CLI_DEFAULT_MODEL_H

#include <stdbool.h>

#include "base/error.h"

enum { CLI_MODEL_PLACES = 2 };

typedef struct {
    char *places[CLI_MODEL_PLACES]; // owned; the folders, in the order in which they are
                                    // looked at; NULL: nobody tells where the program is
    char *found;     // owned; of a model that an id in $ASKANCE_MODEL names; or NULL
    const char *dir; // of the places the first that holds a model: config.json and
                     // model.safetensors; NULL: none does
} cli_default_model;

/* No model is no failure. *out is freed with cli_default_model_free. Fails: ASK_ERR_NOMEM.
 */
bool cli_default_model_find(cli_default_model *out, ask_error *err);

/* The same for a program that is in program_dir, an absolute path. */
bool cli_default_model_find_from(cli_default_model *out, const char *program_dir,
                                 ask_error *err);

/* The folder of the model to use: the named one, else $ASKANCE_MODEL (a folder, or an id as
 * in cli/model_dir.h), else the default one, which is then looked for into *m. *dir is
 * borrowed from whichever it is. Fails: ASK_ERR_USAGE for an empty name, ASK_ERR_MODEL when
 * there is none, ASK_ERR_NOMEM. */
bool cli_default_model_choose(const char **dir, cli_default_model *m, const char *named,
                              ask_error *err);

/* Leaves *m {0}; {0} is allowed. */
void cli_default_model_free(cli_default_model *m);

#endif
