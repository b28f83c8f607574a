/* world/layout_star_priv.h - classes of STAR, and the frames on which they are annotated.
 */
#ifndef ASK_WORLD_LAYOUT_STAR_PRIV_H
#define ASK_WORLD_LAYOUT_STAR_PRIV_H

#include "world/layout_priv.h"

/* ---- classes: actions are the kinds of events ---- */

typedef enum {
    LAYOUT_STAR_HITS,
    LAYOUT_STAR_PUSHES,
    LAYOUT_STAR_BEHIND
} layout_star_relation;

/* The class of a toy in a frame, by its colour and shape; that of screens. */
int layout_star_object_of(const ask_scene *s, int toy, int frame);
int layout_star_screen(void);

/* What the class of an event is called in action_classes.txt, "A toy jumps", and in
 * action_mapping.txt, "v003 o000". */
enum { LAYOUT_STAR_NAME = 40 };
void layout_star_action_name(char out[LAYOUT_STAR_NAME], ask_event_kind kind);
void layout_star_action_code(char out[LAYOUT_STAR_NAME], ask_event_kind kind);

/* Lists of classes: "a003 A toy jumps"; "a003 v003 o000" (verb and object), ... */
void layout_star_put_actions(ask_str *out);
void layout_star_put_mapping(ask_str *out);
void layout_star_put_verbs(ask_str *out);
void layout_star_put_objects(ask_str *out);
void layout_star_put_relations(ask_str *out);

/* ---- video_fps: a pickled dictionary, "train_000012.mp4" -> 12.0 ---- */

void layout_star_begin_rates(ask_str *out);
void layout_star_put_rate(ask_str *out, const char *video);
void layout_star_end_rates(ask_str *out);

/* Puts those that the file has of splits before this one, or else behind it. */
bool layout_star_keep_rates(layout_run *r, int file, bool before, ask_error *err);

/* ---- programs: "question_program" and "choice_program"; [] where there is none ---- */

void layout_star_put_question_program(ask_json_writer *w, const ask_world_clip *c,
                                      const ask_world_question *q);
void layout_star_put_choice_program(ask_json_writer *w, const ask_world_clip *c,
                                    const ask_world_question *q, int option);

/* ---- annotated frames ---- */

/* Puts "situations": frames of [0, until), twice a second. */
void layout_star_put_situations(ask_json_writer *w, const ask_world_clip *c, int until);

#endif
