/* cli/feature_run.h - what a run of `askance features` came to, in words and as JSON. */
#ifndef ASK_CLI_FEATURE_RUN_H
#define ASK_CLI_FEATURE_RUN_H

#include "cli/feature_models.h"
#include "cli/output.h"

typedef struct {
    const char *video; // borrowed, as is the model
    const cli_feature_model *model;
    char *path;     // owned; of the file
    bool kept;      // it was there
    double seconds; // that the video's one pass took; 0 when it was kept
    int n_dims;
    int64_t shape[ASK_FEATURES_MAX_DIMS];
} cli_feature_made;

/* Features that were not made. */
typedef struct {
    const char *video;              // borrowed, as is the model
    const cli_feature_model *model; // NULL: the video cannot be opened, for none of them
    ask_error error;
} cli_feature_failure;

typedef struct {
    cli_feature_made *files; // owned, in the order of videos, then models
    size_t n_files;
    cli_feature_failure *failures; // owned; with the files no more than were asked for
    size_t n_failures;
    double seconds; // all of it
} cli_feature_run;

/* Room for as many. Fails: ASK_ERR_NOMEM, ASK_ERR_LIMIT. */
bool cli_feature_run_new(cli_feature_run *out, size_t n_videos, size_t n_models,
                         ask_error *err);
void cli_feature_run_free(cli_feature_run *r); // {0} is fine

/* Of a cli_feature_run. */
void cli_feature_run_text(ask_str *out, const void *run);
void cli_feature_run_json(ask_str *out, const void *run); // docs/formats.md

#endif
