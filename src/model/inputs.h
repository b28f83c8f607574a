/* model/inputs.h - what a network sees at given times of a video.
 *
 * That is the frame on display, prepared; and for a network that sees neighbours
 * (model/views.h) those of each time too, held within the video. Every picture is decoded
 * and prepared once, and kept only while an input may need it. */
#ifndef ASK_MODEL_INPUTS_H
#define ASK_MODEL_INPUTS_H

#include "media/viewers.h"
#include "model/model.h"

typedef struct {
    int time;            // which of the times
    const float *pixels; // [n_channels, image_px, image_px]; borrowed for the callback.
                         // NULL: the frame is that of the time before
    int64_t index, pts;  // of the frame itself, as in ask_video_frame
    double t_s;
    bool damaged; // the frame or a neighbour is
} ask_input_frame;

/* Takes one. False stops, with the error it wrote. */
typedef bool (*ask_input_fn)(void *user, const ask_input_frame *frame, ask_error *err);

typedef struct {
    const ask_cancel *cancel;     // may be NULL
    const ask_progress *progress; // times done; may be NULL
    double prepare_s;             // written: seconds that preparing took
} ask_inputs_run;

/* Whether a network sees frames of a video. Fails: ASK_ERR_UNSUPPORTED. */
ASK_API bool ask_inputs_check(const ask_model *m, ask_error *err);

/* Gives what is seen at n ascending times within the video, in order. run is borrowed.
 * Fails: as ask_inputs_check, the video and `fn` do; ASK_ERR_CANCELLED, ASK_ERR_NOMEM. */
ASK_API bool ask_inputs_at(ask_video *v, const ask_model *m, const double *t_s, int n,
                           ask_inputs_run *run, ask_input_fn fn, void *user,
                           ask_error *err);

/* The same in steps, for one of several viewers of a video (media/viewers.h). `run` and the
 * model are borrowed until close; the times are not. Fails as above. */
typedef struct ask_inputs ask_inputs;
ASK_API ask_inputs *ask_inputs_open(ask_video *v, const ask_model *m, const double *t_s,
                                    int n, ask_inputs_run *run, ask_input_fn fn, void *user,
                                    ask_error *err);
ASK_API void ask_inputs_close(ask_inputs *in); // NULL is fine
ASK_API ask_viewer ask_inputs_viewer(ask_inputs *in);

#endif
