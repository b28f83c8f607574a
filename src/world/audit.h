/* world/audit.h - how far one gets with the questions of a world without looking, or with
 * looking the wrong way.
 *
 * Clips of even index are answered with what was counted on those of odd index, and the
 * other way around. Chance is 0.25 everywhere. */
#ifndef ASK_WORLD_AUDIT_H
#define ASK_WORLD_AUDIT_H

#include "world/clip_files.h"

typedef struct {
    int64_t n;                       // questions of the type or family
    int64_t at_place[ASK_N_OPTIONS]; // in how many the right option is at each place
    double blind;        // from the words of question and options: which of them, and which
                         // pairs of them, go with right options
    double majority;     // the option that was right most often in the family (or type)
    double histogram;    // the right answer of the most alike clip, by the colours of its
                         // middle frame, that is among the options
    double random_frame; // by reason from what one frame shows, events not told; expected
                         // over frames
    double learned_frame; // the same, by what such sights went with in other clips
    double best_frame;    // how likely the right option is by the frame that makes it most
                          // likely
    double best_right;    // how often it is then chosen
    int64_t n_judged;
    double moment_median; // length of moments as a share of the clip, where there are any
} ask_audit_row;

typedef struct {
    int64_t n_clips;
    // Shares are NaN where there is nothing to tell.
    ask_audit_row types[ASK_N_QUESTION_TYPES];
    ask_audit_row families[ASK_N_FAMILIES]; // of simple worlds only ASK_FAMILY_NONE
} ask_audit;

typedef struct {
    size_t struct_size;
    const ask_cancel *cancel;
    const ask_progress *progress;
} ask_audit_options;

/* Looks at the clips of a folder that are there; at least 2. opt may be NULL. Fails: as
 * opening and reading do; ASK_ERR_USAGE for fewer clips; ASK_ERR_CANCELLED. */
ASK_API bool ask_world_audit(ask_audit *out, const char *dir, const ask_audit_options *opt,
                             ask_error *err);

/* The first clips of the folder, up to 24, the middle frame of each with its caption and a
 * question, as PNG: up to 6 in a row, and as large as what it shows. Fails: as opening,
 * reading and writing do; ASK_ERR_USAGE when there are no clips. */
ASK_API bool ask_world_contact_sheet(const char *path, const char *dir, ask_error *err);

#endif
