/* world/deed_priv.h - who does what in a scene, by truth and in words. */
#ifndef ASK_WORLD_DEED_PRIV_H
#define ASK_WORLD_DEED_PRIV_H

#include "world/pick_priv.h"
#include "world/question.h"

ask_deed ask_deed_of_toy(int toy); // a toy alone
ask_deed ask_deed_of_event(const ask_event *e);

/* What a toy is called, "red ball", by the colour that it has at first; and whether no
 * other toy is ever called so. */
ask_phrase ask_deed_name(const ask_scene *s, int toy);
bool ask_deed_has_name(const ask_scene *s, int toy);

/* Events of the scene that are such a deed. */
int ask_deed_times(const ask_scene *s, ask_deed d);

/* The event in which a toy is hit or pushed; -1: none. */
int ask_deed_moves(const ask_scene *s, int toy);

/* How often it goes to another place or is moved there, in events that end after a frame.
 */
int ask_deed_n_moves(const ask_scene *s, int toy, int frame);

/* Whether it does nothing and nothing is done to it. */
bool ask_deed_is_idle(const ask_scene *s, int toy);

/* Whether a toy that is called so could do it, and the scene's split may say that. */
bool ask_deed_could_be(const ask_scene *s, ask_phrase name, ask_size size,
                       ask_event_kind kind);

/* Whether toys do it again and again, each of them as often as any other kind of these. */
bool ask_deed_is_repeatable(ask_event_kind kind);

/* Appends "the red ball"; "jump"; "the red ball jumps", "the red ball hits the blue star";
 * "it jumps", "it hits another toy". */
void ask_deed_say_toy(ask_str *out, ask_phrase name);
const char *ask_deed_infinitive(ask_event_kind kind);
void ask_deed_say(ask_str *out, const ask_scene *s, ask_phrase name, ask_deed d);
void ask_deed_say_it(ask_str *out, ask_event_kind kind);

#endif
