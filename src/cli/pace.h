/* cli/pace.h - how fast a model was on this machine in earlier runs, so that a plan can
 * tell what a run will take. */
#ifndef ASK_CLI_PACE_H
#define ASK_CLI_PACE_H

#include "model/model.h"

/* What a run did, and what it took. */
typedef struct {
    int64_t n_frames; // decoded and embedded, at least 1
    double window_s;  // that they are spread over, above 0
    double decode_s;
    double gflop, encode_s; // of the images, above 0
    double peak_mib;        // of the process
} cli_pace_run;

/* Few frames cost by the frame, as each is sought and decoded from a key frame on; many
 * cost by the second, as all between them is decoded. So the first is known from the
 * sparsest run there was, and the second from the densest. */
typedef struct {
    double frame_s, frame_fps;   // decoding for one frame; how dense that run was
    double second_s, second_fps; // decoding for a second of the window; the same
    double gflops;               // GFLOP of a plan's work per second of encoding
    double peak_mib;             // of the process
} cli_pace;

/* Seconds that decoding n frames of a window is expected to take. */
double cli_pace_decode_s(const cli_pace *pace, int64_t n_frames, double window_s);

/* False when nothing is known of this model with as many threads on this processor.
 * cache_dir may be NULL. */
bool cli_pace_read(cli_pace *out, const char *cache_dir, const ask_model_info *model);

/* Adds a run to what is known. Not being able to keep it is no failure. */
void cli_pace_add(const cli_pace_run *run, const char *cache_dir,
                  const ask_model_info *model);

#endif
