/* cli/model_dir.h - models on the command line: a folder, a file, or the id of a model that
 * was downloaded ("owner/name", "owner/name@revision"), which is looked up in the cache of
 * cli/hub_env.h. What exists as a path is never an id. */
#ifndef ASK_CLI_MODEL_DIR_H
#define ASK_CLI_MODEL_DIR_H

#include "cli/options.h"

/* The folder of what is named by an id, freed by the caller with free(); NULL: the name is
 * to be taken as it is. Fails: ASK_ERR_MODEL for an "owner/name" that is neither there nor
 * in the cache; ASK_ERR_IO, ASK_ERR_NOMEM. */
bool cli_model_dir(char **out, const char *named, ask_error *err);

/* Paths that stand in for ids. */
typedef struct {
    char **paths; // owned
    int n;
} cli_model_dirs;

/* Puts folders in the place of ids: in the values of CLI_MODEL, and in the first n_models
 * arguments. *out is freed, also after a failure, when values and arguments are no longer
 * used. Fails as cli_model_dir. */
bool cli_model_dirs_put(cli_model_dirs *out, const cli_target *targets, int n_targets,
                        cli_arguments *arguments, int n_models, ask_error *err);
void cli_model_dirs_free(cli_model_dirs *dirs);

#endif
