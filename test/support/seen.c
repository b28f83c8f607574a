#include "support/seen.h"

#include <stdlib.h>

#include "base/hash.h"
#include "support/clips.h"
#include "support/testing.h"

bool seen_add(void *user, const ask_video_frame *frame, ask_error *err)
{
    (void)err;
    seen *s = user;
    if (s->n == s->capacity) {
        s->capacity = s->capacity ? 2 * s->capacity : 64;
        s->items = realloc(s->items, (size_t)s->capacity * sizeof *s->items);
        if (!s->items) fail_msg("out of memory");
    }
    const ask_image *image = frame->image;
    assert_int_equal(image->channels, 3);
    s->items[s->n++] = (seen_frame){
        .request = frame->request,
        .index = frame->index,
        .pts = frame->pts,
        .t_s = frame->t_s,
        .key = frame->key,
        .width = image->width,
        .height = image->height,
        .number = clip_number(image),
        .hash = ask_hash64(image->pixels, (size_t)image->width * image->height * 3, 0),
    };
    return true;
}

seen seen_walk(const char *where, ask_video *v)
{
    seen s = {0};
    ask_error err = {0};
    if (!ask_video_walk(v, seen_add, &s, &err)) fail_msg("%s: %s", where, err.message);
    return s;
}

void seen_free(seen *s)
{
    free(s->items);
    *s = (seen){0};
}
