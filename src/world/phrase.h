/* world/phrase.h - what can be said of a frame, and whether it is so.
 *
 * A phrase demands of one toy any of: colour, shape, size, texture, place, what it does. "a
 * red ball", "is there a red ball? yes" and "what colour is the ball? red" are one phrase
 * in other words; so one text encoder learns them all, and truth is one function. */
#ifndef ASK_WORLD_PHRASE_H
#define ASK_WORLD_PHRASE_H

#include "base/rng.h"
#include "base/str.h"
#include "world/view.h"

enum { ASK_ANY = -1 };

typedef struct {
    int8_t color, shape, size, texture, place, event; // ASK_ANY: not demanded
} ask_phrase;

ASK_API ask_phrase ask_phrase_any(void); // demands nothing
ASK_API bool ask_phrase_equal(ask_phrase a, ask_phrase b);

/* UNCLEAR: neither is to be taught. A toy of which between 1/5 and 1/2 can be seen, or that
 * has just blinked away; the frames on both sides of an event's begin and end; the size of
 * a toy that is growing, and the colour of one that changes it; a place within 6 px of a
 * midline. */
typedef enum { ASK_NO, ASK_UNCLEAR, ASK_YES } ask_truth;

/* The truth for training. toy (may be NULL): the one it is so of, or -1 where it is not
 * YES. The view is that of a frame of the scene. */
ASK_API ask_truth ask_phrase_holds(const ask_scene *s, const ask_scene_view *v,
                                   ask_phrase p, int *toy);
/* The same of one toy. */
ASK_API ask_truth ask_phrase_holds_of(const ask_scene *s, const ask_scene_view *v,
                                      ask_phrase p, int toy);

/* The truth for files and moments, without doubt: an event runs from its begin to its end,
 * whatever can be seen of the toy; without an event, half or more of the toy must be seen;
 * sizes are those of toys at rest; a toy that changes its colour has the old one until it
 * is done; near a midline a toy is in no place. */
ASK_API bool ask_phrase_counts(const ask_scene *s, const ask_scene_view *v, ask_phrase p);
ASK_API bool ask_phrase_counts_of(const ask_scene *s, const ask_scene_view *v, ask_phrase p,
                                  int toy);

/* False only where it is plain without a view that the phrase neither counts nor holds, nor
 * is unclear, of the toy in any frame. */
ASK_API bool ask_phrase_may_hold_of(const ask_scene *s, ask_phrase p, int toy);

/* How a phrase is said; each has ASK_N_WORDINGS wordings. */
typedef enum {
    ASK_SAY_CAPTION,  // "a small red ball", "the red ball jumps"
    ASK_ASK_PRESENCE, // "which of these can be seen?" "a small red ball"
    ASK_ASK_COLOR,    // "what colour is the small ball?" "red"
    ASK_ASK_SHAPE,
    ASK_ASK_SIZE,
    ASK_ASK_PLACE,
    ASK_ASK_ACTION, // "what does the red ball do?" "it jumps"
    ASK_N_SAYINGS,
} ask_saying;
enum { ASK_N_WORDINGS = 4 };

/* Whether the phrase can be said so: it demands what is asked for and, where a toy is asked
 * about, something else to know the toy by. */
ASK_API bool ask_phrase_fits(ask_phrase p, ask_saying how);

/* Whether only the test split may speak of it: a pair of colour and shape, a pairing of
 * event and shape. */
ASK_API bool ask_phrase_is_held_out(ask_phrase p);

/* The phrase without what is asked for. */
ASK_API ask_phrase ask_phrase_subject(ask_phrase p, ask_saying how);

/* What answers any question about a toy that is not there: "there is none". */
ASK_API const char *ask_denial(int wording);

/* Appends question and answer; a caption is an answer to an empty question. The phrase fits
 * the saying. Phrases that differ only in what is asked for have one question. */
ASK_API void ask_phrase_say(ask_str *question, ask_str *answer, ask_phrase p,
                            ask_saying how, int wording);

/* Appends "small red ball", "striped toy": a noun without article, place and event. */
ASK_API void ask_phrase_noun(ask_str *out, ask_phrase p);

/* Appends every word that is ever said here, but for denials, one a line, in the order of
 * bytes: what a vocabulary is trained on. */
ASK_API void ask_world_words(ask_str *out);

#endif
