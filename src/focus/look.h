/* focus/look.h - the frames of a video at given times, as embeddings. */
#ifndef ASK_FOCUS_LOOK_H
#define ASK_FOCUS_LOOK_H

#include "focus/find.h"
#include "model/pictures.h"

/* Most that the embeddings of one look may take. */
#define ASK_LOOK_MOST_BYTES ((size_t)1 << 30)

typedef struct {
    ask_find_frame *frames; // owned; n of them in time order; cosine, score and
                            // duplicate_of are not known yet
    float *embeddings;      // owned; [n, n_vectors, n_embed]
    int n;
    int n_vectors, n_embed;
    double decode_s, encode_s;
} ask_look;

/* Times that fall on one frame give it once. What the network sees of them (model/inputs.h)
 * is kept until a batch is embedded. cancel and progress (frames) may be NULL. Fails as the
 * video or the model do, or with ASK_ERR_LIMIT (more than ASK_LOOK_MOST_BYTES),
 * ASK_ERR_CANCELLED, ASK_ERR_NOMEM. */
ASK_API bool ask_look_at(ask_look *out, ask_video *v, ask_session *s,
                         const ask_sampling *sampling, const ask_cancel *cancel,
                         const ask_progress *progress, ask_error *err);
ASK_API void ask_look_free(ask_look *l); // leaves {0}

/* What was seen; borrowed. */
ASK_API ask_pictures ask_look_pictures(const ask_look *l);

#endif
