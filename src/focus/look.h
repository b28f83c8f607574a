/* focus/look.h - the frames of a video at given times, as embeddings. */
#ifndef ASK_FOCUS_LOOK_H
#define ASK_FOCUS_LOOK_H

#include "focus/find.h"

typedef struct {
    ask_find_frame *frames; // owned; n of them in time order; cosine, score and
                            // duplicate_of are not known yet
    float *embeddings;      // owned; [n, n_embed]
    int n;
    double decode_s, encode_s;
} ask_look;

/* Times that fall on one frame give it once. What the network sees of them (focus/inputs.h)
 * is kept until a batch is embedded. cancel and progress (frames) may be NULL. Fails as the
 * video or the model do, or with ASK_ERR_CANCELLED, ASK_ERR_NOMEM. */
ASK_API bool ask_look_at(ask_look *out, ask_video *v, ask_session *s,
                         const ask_sampling *sampling, const ask_cancel *cancel,
                         const ask_progress *progress, ask_error *err);
ASK_API void ask_look_free(ask_look *l); // leaves {0}

#endif
