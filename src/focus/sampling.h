/* focus/sampling.h - which times of a video are looked at.
 *
 * Every way of asking (a count, a rate, a cap, a window) combines with the others: the
 * fewest frames that any of them allows are taken. Where neither a count nor a rate is
 * asked for there is a default rate, and where no cap is either, at most 512: a default
 * bounds only what was left to the defaults. What came of it is told. Needs the outline of
 * the time table only, except where the duration is unknown or a time past the promised end
 * is asked for: then frames are counted. */
#ifndef ASK_FOCUS_SAMPLING_H
#define ASK_FOCUS_SAMPLING_H

#include "media/video.h"

enum {
    ASK_SAMPLING_MOST_FRAMES = 65536,  // of one request
    ASK_SAMPLING_DEFAULT_FRAMES = 512, // most of a request that does not say how many
};

typedef struct {
    size_t struct_size;
    int n_frames;          // so many, spread evenly; 0: not asked
    double fps;            // so many a second of the window; 0: not asked
    int max_frames;        // never more than that; 0: not asked
    double start_s, end_s; // window in seconds; end_s 0 or INFINITY: the end of the video
    bool counted;       // where the video ends is counted, not believed from its container
    double default_fps; // where neither frames nor a rate are asked for; 0: 2
} ask_sampling_options;
ASK_API ask_sampling_options ask_sampling_defaults(void); // nothing asked

enum { ASK_SAMPLING_WHY_BYTES = 256 };

typedef struct {
    double *t_s;           // owned; ascending, the middles of n equal parts of the window
    int n;                 // at least 1
    double start_s, end_s; // the window as resolved, within the video
    double fps;            // n over the window's length
    bool counted;          // the full time table was made: it costs nothing more
    /* "" when all came as it was asked, or as the default rate has it. */
    char why_changed[ASK_SAMPLING_WHY_BYTES];
} ask_sampling;

/* Refuses what no video could satisfy: a window that is empty, numbers below 0 or not
 * finite. opt may be NULL. Fails: ASK_ERR_USAGE. */
ASK_API bool ask_sampling_check(const ask_sampling_options *opt, ask_error *err);

/* A window shorter than a frame has one time: the frame on display is looked at. A window
 * that ends past the video ends with it, which is told.
 *
 * opt may be NULL. Fails: as ask_sampling_check does; ASK_ERR_USAGE for a window that
 * starts past the end; ASK_ERR_LIMIT for more than ASK_SAMPLING_MOST_FRAMES, with what
 * would fit; as the video does when its frames are counted; ASK_ERR_NOMEM. */
ASK_API bool ask_sampling_resolve(ask_sampling *out, ask_video *v,
                                  const ask_sampling_options *opt, ask_error *err);
ASK_API bool ask_sampling_copy(ask_sampling *out, const ask_sampling *s,
                               ask_error *err); // ASK_ERR_NOMEM
/* Whether two have the same times. */
ASK_API bool ask_sampling_is_same(const ask_sampling *a, const ask_sampling *b);
ASK_API void ask_sampling_free(ask_sampling *s); // leaves {0}; NULL is fine

#endif
