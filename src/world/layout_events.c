/* layout_events.c - what happens in clips, in the form that Glance-Focus reads for STAR:
 * {key: {"duration": s, "actions": [[class, start, end], ...]}}, and names of its classes.
 *
 * STAR has events by question; beside the questions of other sets they are ours, by video.
 * After: Bai et al. 2023 (Glance-Focus). */
#include <string.h>

#include "world/layout_priv.h"
#include "world/layout_star_priv.h"

void layout_put_timeline(ask_json_writer *w, const char *key, const ask_scene *s, int until)
{
    ask_json_open_object(w, key);
    layout_put_seconds(w, "duration", until);
    ask_json_open_array(w, "actions");
    for (int i = 0; i < s->n_events && s->events[i].begin < until; i++) {
        const ask_event *e = &s->events[i];
        ask_json_open_array(w, NULL);
        ask_json_put_int(w, NULL, (int)e->kind);
        layout_put_seconds(w, NULL, e->begin);
        layout_put_seconds(w, NULL, e->end < until ? e->end : until);
        ask_json_close(w);
    }
    ask_json_close(w);
    ask_json_close(w);
}

void layout_add_events(layout_file *f, const ask_world_clip *c)
{
    char video[LAYOUT_VIDEO_CHARS];
    layout_video(video, c);
    layout_put_timeline(&f->json, video, &c->scene, c->scene.n_frames);
}

void layout_put_event_names(ask_str *out)
{
    for (int i = 0; i < ASK_N_EVENTS; i++)
        ask_str_printf(out, "a%03d %s\n", i, ask_event_name((ask_event_kind)i));
}

/* ---- back from names ---- */

bool ask_layout_event(ask_event_kind *out, const char *class_name)
{
    for (int i = 0; i < ASK_N_EVENTS; i++) {
        const ask_event_kind kind = (ask_event_kind)i;
        char action[LAYOUT_STAR_NAME], code[LAYOUT_STAR_NAME];
        layout_star_action_name(action, kind);
        layout_star_action_code(code, kind);
        if (strcmp(class_name, ask_event_name(kind)) != 0 &&
            strcmp(class_name, action) != 0 && strcmp(class_name, code) != 0)
            continue;
        *out = kind;
        return true;
    }
    return false;
}
