/* cli/feature_target.h - one video of one model in a run of `askance features`: what is to
 * be looked at, which file it becomes, and whether that is there. */
#ifndef ASK_CLI_FEATURE_TARGET_H
#define ASK_CLI_FEATURE_TARGET_H

#include "cli/feature_models.h"
#include "cli/sampling.h"

/* What the options ask for; borrowed. */
typedef struct {
    const char *out; // a folder, or a file of one video and one model
    bool force;
    const cli_sampling_values *sampling;
    double image_fps;
    const ask_logger *log;
} cli_feature_wish;

/* A video that is open. */
typedef struct {
    const char *path;  // borrowed
    char *name, *stem; // owned; of its file
    ask_video *video;
    char id[17];
    double duration_s;
} cli_feature_video;

/* Fails: ASK_ERR_USAGE for a name that is no UTF-8, which its files could not tell; as
 * ask_video_open and ask_video_table do. Close is due anyway. */
bool cli_feature_video_open(cli_feature_video *out, const char *path,
                            const ask_video_options *opt, ask_error *err);
void cli_feature_video_close(cli_feature_video *v); // {0} is fine

/* One file. Starts with {0}. */
typedef struct {
    const cli_feature_model *model;
    ask_feature_plan plan;
    char *path;            // owned
    char *asked, *planned; // owned; JSON: what was asked for, and the plan that came of it
    ask_feature_origin origin;
    bool kept;              // it is there
    ask_feature_find found; // where it is kept
    ask_features features;  // where it is made; set by the caller, owned
} cli_feature_target;

/* Whether out is one file. */
bool cli_feature_is_file(const char *out);

/* Plans it. model and v are borrowed until free. Fails: ASK_ERR_USAGE for a file that holds
 * something else, ASK_ERR_FORMAT for one that is no file of features, ASK_ERR_IO where none
 * can be written; as planning does. */
bool cli_feature_target_plan(cli_feature_target *t, const cli_feature_wish *wish,
                             const cli_feature_model *model, const cli_feature_video *v,
                             ask_error *err);

/* Writes the features that were made. Fails as ask_feature_file_write. */
bool cli_feature_target_write(const cli_feature_target *t, ask_error *err);

void cli_feature_target_free(cli_feature_target *t); // leaves {0}

#endif
