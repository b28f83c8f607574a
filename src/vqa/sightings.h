/* vqa/sightings.h - a video as a model with a memory (model/memory.h) has looked at it:
 * what the frames show. Many questions can share it:
 *
 *     ask_sightings seen = {0};
 *     ask_ask_options o = ask_ask_defaults(); // with the window that is wanted
 *     if (!ask_sightings_make(&seen, v, s, &o.sampling, NULL, NULL, err)) ...
 *     o.sightings = &seen;
 *     ask_ask(&a, v, s, "what does the ball do?", NULL, 0, &o, err); // the same, sooner
 *
 * Such a model looks at a fixed number of frames, at the middles of equal parts of the
 * window. Another number or rate that was asked for is passed over, which is told
 * (sampling.why_changed). */
#ifndef ASK_VQA_SIGHTINGS_H
#define ASK_VQA_SIGHTINGS_H

#include "focus/sampled.h"
#include "model/memory.h"
#include "model/pictures.h"

typedef struct {
    const ask_session *session; // borrowed
    ask_sampling sampling;      // owned
    ask_sampled sampled;        // owned; the frames that the times fell on
    ask_sights sights;          // owned; of each time
    int width_px, height_px;    // of the frames
    double decode_s, encode_s;
} ask_sightings;

/* The times that will be looked at. opt may be NULL. Fails: ASK_ERR_UNSUPPORTED for a model
 * without memory; as ask_sampling_resolve does. */
ASK_API bool ask_sightings_plan(ask_sampling *out, ask_video *v, const ask_model *m,
                                const ask_sampling_options *opt, ask_error *err);

/* Looks. A frame on which several times fall is computed once. The session stays borrowed
 * until ask_sightings_free. cancel and progress (frames) may be NULL. On failure *out is
 * untouched. Fails as ask_sightings_plan, the video and the model do. */
ASK_API bool ask_sightings_make(ask_sightings *out, ask_video *v, ask_session *s,
                                const ask_sampling_options *opt, const ask_cancel *cancel,
                                const ask_progress *progress, ask_error *err);

/* The same times with nothing to see: a grey picture without motion. For controls. Fails as
 * the model does. */
ASK_API bool ask_sightings_make_grey(ask_sightings *out, const ask_sightings *of,
                                     ask_session *s, const ask_cancel *cancel,
                                     ask_error *err);
/* The same times in another order, which the seed decides. Fails: ASK_ERR_NOMEM. */
ASK_API bool ask_sightings_shuffle(ask_sightings *out, const ask_sightings *of,
                                   uint64_t seed, ask_error *err);

/* How each frame looks, for what compares footage (vqa/standard.h): the features of its
 * sights in the mean, each as much as it is seen. out: [sampled.n, n_features of the
 * model]. Returns them as pictures; out stays the caller's. */
ASK_API ask_pictures ask_sightings_features(float *out, const ask_sightings *s);

ASK_API void ask_sightings_free(ask_sightings *s); // leaves {0}; NULL is fine

#endif
