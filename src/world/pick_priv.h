/* world/pick_priv.h - phrases about the toys of a scene, and about toys it does not have.
 */
#ifndef ASK_WORLD_PICK_PRIV_H
#define ASK_WORLD_PICK_PRIV_H

#include "world/phrase.h"

typedef enum {
    ASK_PICK_COLOR = 1,
    ASK_PICK_SHAPE = 2,
    ASK_PICK_SIZE = 4,
    ASK_PICK_TEXTURE = 8,
} ask_pick_fields;

/* Random choices about a scene for a purpose; independent of those for other purposes. */
ask_rng ask_pick_rng(const ask_scene *s, const char *purpose);

/* What a toy is, by these fields. */
ask_phrase ask_pick_toy(const ask_toy *toy, unsigned fields);

/* Whether a toy is what the phrase demands, as below. */
bool ask_pick_is_toy(const ask_scene *s, int toy, ask_phrase p);

/* Toys of the scene that are what the phrase demands, wherever and whatever they do; of a
 * colour that changes, either counts. */
int ask_pick_n_toys(const ask_scene *s, ask_phrase p);

/* Whether it may be spoken of in the scene's split: TEST keeps some for itself. */
bool ask_pick_is_allowed(const ask_scene *s, ask_phrase p);

enum { ASK_PICK_MOST_PAIRS = ASK_N_COLORS * ASK_N_SHAPES };

/* Allowed pairs of colour and shape that no toy of the scene has, in random order. NEAR:
 * the scene has the colour and the shape apart; FOREIGN: it has neither; OTHER: all but
 * NEAR. Returns how many. */
typedef enum { ASK_PICK_NEAR, ASK_PICK_FOREIGN, ASK_PICK_OTHER } ask_pick_absence;
int ask_pick_absent_pairs(ask_phrase out[ASK_PICK_MOST_PAIRS], const ask_scene *s,
                          ask_pick_absence absence, ask_rng *rng);

#endif
