/* world/clip.h - all that is known of one clip of the playroom: the scene, every frame as
 * it is seen, captions, questions, queries.
 *
 * The same value comes from a seed (ask_world_clip_make) and from a file that was made of
 * it (world/truth_read.h). */
#ifndef ASK_WORLD_CLIP_H
#define ASK_WORLD_CLIP_H

#include "world/caption.h"
#include "world/query.h"
#include "world/question.h"

enum { ASK_WORLD_MOST_CLIPS = 1000000 }; // of a folder

typedef struct {
    ask_scene scene;
    ask_scene_view *views; // owned; [scene.n_frames]
    ask_world_captions captions;
    int n_questions, n_queries;
    ask_world_question questions[ASK_QUESTIONS_MOST];
    ask_world_query queries[ASK_QUERIES_MOST];
    ask_arena *texts; // owned; holds every text above
} ask_world_clip;

/* Clip `index` of a seed, without its pictures. *out is freed with
 * ask_world_clip_free. Fails: ASK_ERR_NOMEM. */
ASK_API bool ask_world_clip_make(ask_world_clip *out, ask_painter *painter, uint64_t seed,
                                 int64_t index, ask_split split, ask_scene_style style,
                                 ask_error *err);

/* Leaves *clip {0}; {0} and NULL are allowed. */
ASK_API void ask_world_clip_free(ask_world_clip *clip);

/* The inverse of ask_split_name. Fails: ASK_ERR_USAGE, naming them. */
ASK_API bool ask_split_parse(ask_split *out, const char *name, ask_error *err);

#endif
