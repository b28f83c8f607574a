/* The truth of a clip: what is read can be written, and is then read as the same. */
#include <stdlib.h>
#include <string.h>

#include "world/truth_json.h"
#include "world/truth_read.h"

static void check(bool condition)
{
    if (!condition) abort();
}

static void go_around(const ask_world_clip *clip)
{
    ask_error err;
    ask_str text = {0}, again = {0};
    ask_world_clip read;
    check(ask_world_clip_write(&text, clip, &err));
    check(ask_world_clip_parse(&read, text.data, text.length, "again", &err));
    check(ask_world_clip_write(&again, &read, &err));
    check(text.length == again.length && memcmp(text.data, again.data, text.length) == 0);
    ask_world_clip_free(&read);
    ask_str_free(&text);
    ask_str_free(&again);
}

/* Phrases and moments are looked at in every frame, as a reader of the file would. */
static void look(const ask_world_clip *clip)
{
    const ask_world_seen seen = {&clip->scene, clip->views};
    for (int i = 0; i < clip->n_queries; i++)
        ask_world_when_holds(seen, clip->queries[i].phrase);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ask_world_clip clip;
    ask_error err;
    if (ask_world_clip_parse(&clip, (const char *)data, size, "clip", &err)) {
        go_around(&clip);
        look(&clip);
        ask_world_clip_free(&clip);
    }
    return 0;
}
