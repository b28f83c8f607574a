/* layout_star_situations.c - frames of STAR on which objects, relations and actions are
 * told.
 *
 * Frames count from 1. */
#include "world/layout_star_priv.h"

enum { STEP_FRAMES = ASK_WORLD_FPS / 2 };

static void put_code(ask_json_writer *w, const char *key, char letter, int i)
{
    char code[16];
    ask_format(code, sizeof code, "%c%03d", letter, i);
    ask_json_put_string(w, key, code);
}

typedef struct {
    int subject, object, relation; // classes
} relation;

/* Of an event in a frame; false: there is none, or not yet. */
static bool relation_of(relation *out, const ask_scene *s, int event, int frame)
{
    const ask_event *e = &s->events[event];
    if (frame < e->begin || frame >= e->end) return false;
    out->subject = layout_star_object_of(s, e->toy, frame);
    if (ask_event_moves_other(e)) {
        out->object = layout_star_object_of(s, e->other, frame);
        out->relation = e->kind == ASK_HIT ? LAYOUT_STAR_HITS : LAYOUT_STAR_PUSHES;
        return frame >= ask_scene_contact(s, event);
    }
    int begin, end;
    if (e->kind != ASK_HIDE) return false;
    ask_event_hidden(e, &begin, &end);
    out->object = layout_star_screen();
    out->relation = LAYOUT_STAR_BEHIND;
    return frame >= begin && frame < end;
}

static void put_frame_relations(ask_json_writer *w, const ask_scene *s, int frame)
{
    relation r;
    ask_json_open_array(w, "rel_pairs");
    for (int i = 0; i < s->n_events; i++) {
        if (!relation_of(&r, s, i, frame)) continue;
        ask_json_open_array(w, NULL);
        put_code(w, NULL, 'o', r.subject);
        put_code(w, NULL, 'o', r.object);
        ask_json_close(w);
    }
    ask_json_close(w);
    ask_json_open_array(w, "rel_labels");
    for (int i = 0; i < s->n_events; i++)
        if (relation_of(&r, s, i, frame)) put_code(w, NULL, 'r', r.relation);
    ask_json_close(w);
}

static void put_frame_actions(ask_json_writer *w, const ask_scene *s, int frame)
{
    ask_json_open_array(w, "actions");
    for (int i = 0; i < s->n_events; i++)
        if (frame >= s->events[i].begin && frame < s->events[i].end)
            put_code(w, NULL, 'a', (int)s->events[i].kind);
    ask_json_close(w);
}

static void put_frame_objects(ask_json_writer *w, const ask_world_clip *c, int frame)
{
    const ask_toy_view *toys = c->views[frame].toys;
    ask_json_open_array(w, "bbox");
    for (int i = 0; i < c->scene.n_toys; i++) {
        if (toys[i].n_px == 0) continue;
        const int box[] = {toys[i].x0, toys[i].y0, toys[i].x1, toys[i].y1};
        ask_json_open_array(w, NULL);
        for (int k = 0; k < 4; k++) ask_json_put_int(w, NULL, box[k]);
        ask_json_close(w);
    }
    ask_json_close(w);
    ask_json_open_array(w, "bbox_labels");
    for (int i = 0; i < c->scene.n_toys; i++)
        if (toys[i].n_px > 0)
            put_code(w, NULL, 'o', layout_star_object_of(&c->scene, i, frame));
    ask_json_close(w);
}

void layout_star_put_situations(ask_json_writer *w, const ask_world_clip *c, int until)
{
    ask_json_open_object(w, "situations");
    for (int t = 0; t < until; t += STEP_FRAMES) {
        char frame[16];
        ask_format(frame, sizeof frame, "%06d", t + 1);
        ask_json_open_object(w, frame);
        put_frame_relations(w, &c->scene, t);
        put_frame_actions(w, &c->scene, t);
        put_frame_objects(w, c, t);
        ask_json_close(w);
    }
    ask_json_close(w);
}
