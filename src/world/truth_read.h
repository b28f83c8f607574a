/* world/truth_read.h - the truth of a clip from its file.
 *
 * What is read is checked as if a stranger had written it: sizes, times and numbers lie
 * within the scene's limits, masks do not overlap and agree with their boxes and areas, an
 * answer is one of its options. Whether it is true is not checked. */
#ifndef ASK_WORLD_TRUTH_READ_H
#define ASK_WORLD_TRUTH_READ_H

#include "world/clip.h"

/* *out is freed with ask_world_clip_free. name stands in front of
 * messages. Fails: ASK_ERR_IO (read), ASK_ERR_FORMAT, ASK_ERR_UNSUPPORTED (another schema),
 * ASK_ERR_LIMIT, ASK_ERR_NOMEM. */
ASK_API bool ask_world_clip_read(ask_world_clip *out, const char *path, ask_error *err);
ASK_API bool ask_world_clip_parse(ask_world_clip *out, const char *text, size_t n_bytes,
                                  const char *name, ask_error *err);

#endif
