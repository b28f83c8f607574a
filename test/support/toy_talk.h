/* support/toy_talk.h - a small vocabulary of toys, records that say who does what, and a
 * focus of Timeline that is asked about them. Whatever goes wrong in here ends the test
 * with a message. */
#ifndef SUPPORT_TOY_TALK_H
#define SUPPORT_TOY_TALK_H

#include "net/joint/timeline_loss.h"
#include "support/tensors.h"

/* Tokens are words. The first of each kind is its value 0. */
enum {
    W_PAD,
    W_RED, // colours
    W_BLUE,
    W_GREEN,
    W_PINK,
    W_BALL, // shapes
    W_STAR,
    W_RING,
    W_LARGE, // sizes
    W_SMALL,
    W_PLAIN, // textures
    W_STRIPED,
    W_JUMPS, // events
    W_SPINS,
    W_HITS,
    W_LEFT, // ways
    W_RIGHT,
    W_UP,
    W_DOWN,
    W_WHAT,
    W_DOES,
    W_DO,
    W_COLOR,
    W_IS,
    W_A,
    W_THE,
    W_HOW,
    W_MANY,
    W_ONE,
    W_TWO,
    W_THREE,
    N_WORDS,
};

enum { TALK_COLORS = 4, TALK_SHAPES = 3, TALK_EVENTS = 3, TALK_TOKENS = 8 };

/* Width 32, 2 layers of 4 heads, 2 counters; 4 event slots and 2 toy slots. */
ask_timeline_config talk_config(void);

/* One slot, by words; W_PAD: none. does W_PAD: it is there. */
typedef struct {
    double confidence;
    int color, shape, size, texture, does, other_color, other_shape, later_color, way;
    double span[2], places[4];
} talk_slot;

/* row: [record] */
void talk_record(float *row, const ask_timeline_config *c, const talk_slot *slot);

/* A network with random weights, in a store of its own. */
typedef struct {
    ask_arena *room;
    ask_store *store;
    ask_timeline_focus net;
} talk_network;
void talk_open(talk_network *n, const ask_timeline_config *c, uint64_t seed);
void talk_close(talk_network *n);

/* The parameter of that name. */
ask_tensor *talk_parameter(const talk_network *n, const char *name);

/* How many of each there are in a batch, and of what size. */
typedef struct {
    int64_t videos, questions, tokens, slots, answers;
    int64_t room, answers_room; // 0: no packing
} talk_sizes;

/* A graph that answers, with its inputs. */
typedef struct {
    ask_graph *g;
    ask_timeline_asking asking;
    ask_timeline_texts answers;
    ask_timeline_answered out;
} talk_graph;
void talk_build(talk_graph *t, const talk_network *n, const talk_sizes *s,
                ask_dropping *dropping);

/* Texts as words that end with W_PAD or when there is no more room: [n, n_tokens]. */
void talk_put_texts(const ask_timeline_texts *texts, const int *words);

#endif
