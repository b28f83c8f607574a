/* cli/feature_models.h - the models of `askance features`: what --model names, opened.
 *
 *     --model models/clip --model mist=models/clip --model s3d
 *
 * A folder that is named twice, for two layouts, is opened once. Without any --model it is
 * the one that find and ask take: $ASKANCE_MODEL, else the default model. */
#ifndef ASK_CLI_FEATURE_MODELS_H
#define ASK_CLI_FEATURE_MODELS_H

#include "cli/options.h"
#include "model/features.h"

typedef struct {
    char *dir;   // owned
    char *name;  // owned; "clip-mist": the folder's name and the layout
    char id[65]; // ask_model_info.id
    ask_feature_layout layout;
    ask_model *model; // shared with an earlier one of the same folder
    ask_session *session;
    bool shares;
} cli_feature_model;

typedef struct {
    cli_feature_model *items; // owned
    size_t n;
} cli_feature_models;

/* Opens what the list names; a layout that is not named is the network's own. Freed with
 * cli_feature_models_close. Fails: ASK_ERR_USAGE for a layout that does not exist, or two
 * with one name; ASK_ERR_MODEL for an empty list where there is no default model; as
 * ask_model_open and ask_feature_layout_check do. */
bool cli_feature_models_open(cli_feature_models *out, const cli_list *list,
                             const ask_model_options *opt, ask_error *err);
void cli_feature_models_close(cli_feature_models *m); // leaves {0}; {0} is fine

#endif
