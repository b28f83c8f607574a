/* net/joint/timeline.h - Timeline: a video becomes a memory of who does what when, and
 * questions are answered from it.
 *
 *     frames -> cells (net/tower/cells.h): what stands in each, and how it moves
 *            -> sights: the best K cells of every frame          [B, N, sight]
 *            -> the glance: a transformer over all sights
 *            -> the memory: the best events and toys, as records [B, S, record]
 *     question -> the focus: a transformer that looks at the records -> answer, moment
 *
 * It has the two steps of Glance-Focus (net/joint/glance_focus.h) and departs from it where
 * that learns too slowly from little: events are proposed by the things seen, not by free
 * queries; and the memory is told in plain attributes, whose names' word vectors make up a
 * slot. So "red" in a question matches red in the memory from the first step, and every
 * slot can be read by people (class, actor, span, places).
 *
 * Everything between the parts is records of attributes (below). Each part can therefore be
 * trained alone, from truth, and looked at alone.
 *
 * B videos of T frames; G G cells a frame; N = T K sights; S slots, events first; Q
 * questions a video; L tokens; C the width.
 * After: Bai et al. 2023, "Glance and Focus"; the differences, and what was measured, are
 * told in models/mini/MODEL.md. */
#ifndef ASK_NET_JOINT_TIMELINE_H
#define ASK_NET_JOINT_TIMELINE_H

#include "base/str.h"
#include "net/block/layer.h"
#include "net/tower/cells.h"

/* ---- attributes ---- */

/* What a thing can be, and do. A kind has values 0 .. n - 1, each with a name. */
typedef enum {
    ASK_KIND_OF_COLOR,
    ASK_KIND_OF_SHAPE,
    ASK_KIND_OF_SIZE,
    ASK_KIND_OF_TEXTURE,
    ASK_KIND_OF_EVENT,
    ASK_KIND_OF_WAY, // left, right, up, down
    ASK_N_TIMELINE_KINDS,
} ask_timeline_kind;

/* A sight: what one cell of a frame says, or what was made of it. As the cells give it,
 * "seen" and the kinds are logits, VELOCITY and BOX plain numbers. As the glance takes it,
 * "seen" and the kinds are probabilities. */
typedef enum {
    ASK_SIGHT_SEEN, // [1] whether the middle of a thing is here
    ASK_SIGHT_BOX,  // [4] its middle from the middle of the cell (x, y) in cells, its
                    // width and height in cells; in a sight: x, y, width, height as shares
                    // of the picture
    ASK_SIGHT_VELOCITY, // [2] way (x, y) that it goes between the neighbours, in cells
    ASK_SIGHT_COLOR,
    ASK_SIGHT_SHAPE,
    ASK_SIGHT_SIZE,
    ASK_SIGHT_TEXTURE,
    ASK_SIGHT_DEED, // [events + 2] nothing, one of the events, being moved by another thing
    ASK_N_SIGHT_FIELDS,
} ask_sight_field;

/* A record: one slot of the memory. Kinds are probabilities. */
typedef enum {
    ASK_RECORD_CONFIDENCE, // [1]
    ASK_RECORD_CLASS,      // [events + 1] which event, or (last) that a toy is there
    ASK_RECORD_COLOR,      // whose: as it was first
    ASK_RECORD_SHAPE,
    ASK_RECORD_SIZE,
    ASK_RECORD_TEXTURE,
    ASK_RECORD_OTHER_COLOR, // of the thing that it moves; zeros where there is none
    ASK_RECORD_OTHER_SHAPE,
    ASK_RECORD_LATER_COLOR, // that it gets; of a toy: that it has in the end; zeros where
                            // it stays
    ASK_RECORD_WAY,         // [4] where it goes, or a thing that it moves; zeros: nowhere
    ASK_RECORD_SPAN,        // [2] start and end as shares of the video
    ASK_RECORD_PLACES, // [4] its middle (x, y) at the start and at the end, as shares of
                       // the picture
    ASK_N_RECORD_FIELDS,
} ask_record_field;

/* Where a field lies in its row. */
typedef struct {
    int begin, n;
} ask_timeline_field;

typedef struct {
    int n_values[ASK_N_TIMELINE_KINDS];
} ask_timeline_kinds;

ASK_API ask_timeline_field ask_sight_field_of(const ask_timeline_kinds *k,
                                              ask_sight_field f);
ASK_API ask_timeline_field ask_record_field_of(const ask_timeline_kinds *k,
                                               ask_record_field f);
ASK_API int ask_sight_width(const ask_timeline_kinds *k); // numbers of a row
ASK_API int ask_record_width(const ask_timeline_kinds *k);

/* ---- sizes ---- */

enum { ASK_TIMELINE_MOST_VALUES = 64, ASK_TIMELINE_MOST_FRAMES = 256 };

/* The name of a value, as people read it, and the token that stands for it in texts; -1: it
 * is not told yet, and that of no other is. Of events moreover what they do. */
typedef struct {
    char name[32];
    int64_t token;
    bool moves_other;    // there is another thing, which it moves
    bool changes_color;  // the thing has another colour from then on
    bool goes_somewhere; // the thing, or one that it moves, goes a way
} ask_timeline_name;

typedef struct {
    ask_timeline_kinds kinds;
    ask_timeline_name names[ASK_N_TIMELINE_KINDS][ASK_TIMELINE_MOST_VALUES];
    ask_cells_config cells;    // n_outputs = ask_sight_width
    int n_frames;              // T
    int n_sights;              // K, of a frame
    int width, inner, n_heads; // of glance and focus
    int glance_layers, memory_layers, focus_layers, text_layers;
    int n_event_slots, n_toy_slots; // S is their sum
    bool has_memory;                // false: an ablation. The focus is told every sight as
                                    // it is: S is N, slots have no rank, nothing is chosen
    int n_counters;                 // counting heads of a focus layer that has them
    int n_vocab, n_tokens;          // of texts; most tokens of one
    int64_t pad_id, end_id;
    double dropout;
    struct {
        int n_embed; // P; 0: it cannot find (net/joint/timeline_find.h)
        int text_layers;
    } find;
} ask_timeline_config;

/* From config.json (docs/formats.md, "Timeline models"). Every number is one that a network
 * can be made of: slots are no more than there are sights and pairs of colour and shape.
 * Fails: ASK_ERR_MODEL. */
ASK_API bool ask_timeline_config_read(ask_timeline_config *out, ask_json_value root,
                                      ask_error *err);

/* S: slots that the focus is told. */
ASK_API int ask_timeline_n_slots(const ask_timeline_config *c);

/* Appends that file, with every size; flags and parts where they are not what their
 * absence means. */
ASK_API void ask_timeline_config_write(ask_str *out, const ask_timeline_config *c);

/* ---- the glance ---- */

/* What it says of a sight, in one row of logits and numbers, before any slot is made. */
typedef enum {
    ASK_GLIMPSE_CLASS, // [1 + events] nothing begins here, or an event of this thing does
    ASK_GLIMPSE_SPAN,  // [2] start and end of that event, in frames from the sight's own
    ASK_GLIMPSE_COLOR, // whose: as it was first
    ASK_GLIMPSE_SHAPE,
    ASK_GLIMPSE_SIZE,
    ASK_GLIMPSE_TEXTURE,
    ASK_GLIMPSE_OTHER_COLOR, // of the event
    ASK_GLIMPSE_OTHER_SHAPE,
    ASK_GLIMPSE_LATER_COLOR,
    ASK_GLIMPSE_WAY,
    ASK_GLIMPSE_END, // [2] where the thing is at the event's end, from where it is here; as
                     // shares of the picture
    ASK_GLIMPSE_DEED, // as ASK_SIGHT_DEED: what it is doing
    ASK_N_GLIMPSE_FIELDS,
} ask_glimpse_field;
ASK_API ask_timeline_field ask_glimpse_field_of(const ask_timeline_kinds *k,
                                                ask_glimpse_field f);
ASK_API int ask_glimpse_width(const ask_timeline_kinds *k);

/* Fields of a glimpse that are read from sights, COLOR to LATER_COLOR: the glance points at
 * those that show it. */
enum { ASK_TIMELINE_N_POINTED = ASK_GLIMPSE_LATER_COLOR - ASK_GLIMPSE_COLOR + 1 };

typedef struct {
    ask_timeline_config config;
    ask_dense sight;    // [C, sight]
    ask_dense features; // [C, F], without bias, begins with 0
    ask_dense place;    // [C, 3 * ASK_TIMELINE_N_BUMPS]: x, y and time as bumps
    ask_tensor *frames; // [T, C]: which frame
    ask_stack layers;   // pre-norm
    ask_norm norm;
    ask_dense out;          // [glimpse without what is pointed at, C]
    ask_dense query;        // [POINTED C / n_heads, C] without bias
    ask_dense difference;   // as query: of the keys from it, begins with 0
    ask_tensor *sharpness;  // [POINTED]: what logarithms of shares are multiplied with
    ask_tensor *seen_scale; // [2]: of pairs, whose logit is [0] (log m + [1]), m the most
                            // that a sight is of it
} ask_timeline_glance;

/* Numbers from 0 to 1 as ASK_TIMELINE_N_BUMPS numbers that are equal where they are:
 * exp(-((x - c_i) / width)^2) with centres c_i evenly from 0 to 1, and the distance of two
 * centres as the width. x: [..., 1] -> [..., bumps]. */
enum { ASK_TIMELINE_N_BUMPS = 16 };
ASK_API ask_tensor *ask_timeline_bumps(ask_graph *g, ask_tensor *x);

/* "glance.*" */
ASK_API void ask_timeline_glance_bind(ask_timeline_glance *out, ask_params *p,
                                      const ask_timeline_config *config);

/* The best cells of every frame. outputs: [B T, G G, sight] and features [B T, G G, F] (or
 * NULL) as ask_cells_build gives them. */
typedef struct {
    ask_tensor *cells;    // i64 [B, T, K]: which they are, the surest first
    ask_tensor *sights;   // [B, N, sight], as the glance takes them
    ask_tensor *features; // [B, N, F]; NULL: there are none, the sights tell all
    ask_tensor *mask;     // bool [B, N], true = is looked at; NULL: all are
} ask_timeline_sights;
ASK_API void ask_timeline_pick(ask_timeline_sights *out, ask_graph *g,
                               const ask_timeline_config *c, ask_tensor *outputs,
                               ask_tensor *features, int64_t batch);

typedef struct {
    ask_tensor *states;   // [B, N, C], normed: what of each sight is known in the end
    ask_tensor *glimpses; // [B, N, glimpse]
    ask_tensor *events;   // i64 [B, E]: of which sights the event slots are, by start
    ask_tensor *pairs;    // [B, colours * shapes]: a logit, whether such a toy is there; of
                          // colour and shape it is colour * shapes + shape
    ask_tensor *toys;     // i64 [B, S - E]: which pairs the toy slots are, the surest first
    ask_tensor *toy_sights; // [B, S - E, N]: shares of the sights in a toy slot; sum 1
    ask_tensor *records;    // [B, S, record]
    ask_tensor *mask;       // bool [B, S]; true = a slot: all are, but where no sight is;
                            // NULL where the sights have none
} ask_timeline_memory;

/* sights: as ask_timeline_pick gives them, or told by truth (features NULL).
 *
 * The fields COLOR to LATER_COLOR of a glimpse are read from sights that it points at, each
 * by a pointer of its own: softmax(q k / sqrt(C / n_heads)) over all sights is their
 * shares, k the difference's product beside the query's, and a value's logit is sharpness *
 * log(share of it in what the sights are + 1e-3). Kinds of sights are probabilities; below
 * 0 there is no logarithm.
 *
 * Event slots are the E sights of the highest confidence, in the order of their starts: how
 * surely the sight's glimpse has an event, times how surely no other sight of the same
 * thing, up to two frames away, is surer, for an event has one slot. What only some events
 * have (another thing, a later colour, a way) is multiplied with how surely it is one of
 * those.
 *
 * Toy slots are the pairs of colour and shape that a sight most surely is: seen, of the
 * colour (as it was first) and of the shape. They have the colour and the shape of their
 * pair, size and texture of these sights in the mean, and their span runs from the first
 * frame in which a sight is such a toy to the last. A sight is one the more, the nearer it
 * comes to the surest, with a soft threshold at half of that. The later colour is what such
 * sights look like in the last frame, without the share of the colour they had first.
 * Gradients reach the records, not the choice. */
ASK_API void ask_timeline_glance_build(ask_timeline_memory *out, ask_graph *g,
                                       const ask_timeline_glance *net,
                                       const ask_timeline_sights *sights,
                                       ask_dropping *dropping);

/* Without a memory: records and mask of all sights, the rest NULL. A record is what a sight
 * is and does in its frame, which is its span; whom it moves and what it becomes it does
 * not tell. */
ASK_API void ask_timeline_unremembered(ask_timeline_memory *out, ask_graph *g,
                                       const ask_timeline_config *config,
                                       const ask_timeline_sights *sights);

/* ---- the focus ---- */

/* One layer: texts look at themselves, at the memory, and through an MLP; pre-norm. Keys of
 * the memory are (query matrix + difference) times it, and the difference begins with 0:
 * what is alike attracts from the first step. Values are the memory itself and a matrix
 * times it, and what is seen is passed on as it is and by a matrix: so an answer has the
 * words of what it was attracted by from the first step, too. */
typedef struct {
    ask_norm norm[3];
    ask_self_attention own;
    ask_dense query;      // [C, C] without bias
    ask_dense difference; // [C, C] without bias, begins with 0
    ask_dense value, out; // [C, C]
    ask_mlp mlp;
    bool has_counters; // in the last ASK_TIMELINE_COUNTING_LAYERS
    ask_norm count_norm;
    ask_dense count_query, count_key; // [H C / n_heads, C], H = n_counters
    ask_tensor *count_bias;           // [H]
    ask_dense counts;                 // [C, H (1 + ASK_TIMELINE_N_COUNTS)]
} ask_timeline_focus_layer;

enum {
    ASK_TIMELINE_N_COUNTS = 7, // of a counter: how near its sum is to 0, 1, ... 6
    ASK_TIMELINE_COUNTING_LAYERS = 2,
};

/* What makes vectors of texts: the mean of their words' vectors, and a transformer over
 * them. */
typedef struct {
    ask_tensor *places; // [L, C]
    ask_stack layers;   // pre-norm
    ask_norm norm;
    ask_dense head; // [C, C]
} ask_timeline_reader;

typedef struct {
    ask_timeline_config config;
    ask_tensor *words;  // [V, C]
    ask_tensor *places; // [L + 1, C]: of tokens in their text; the last is the answer's
    ask_tensor *answer; // [1, C]: what the answer's vector begins with
    ask_tensor *ranks;  // [S, C]: which slot; NULL without a memory
    ask_tensor *toy;    // [1, C]: the name of the class that a toy is there
    ask_dense other_color, other_shape, later_color, way; // [C, C] without bias: the same
                                                          // words in another part
    ask_dense rest[2];    // [C, confidence, span, places and their bumps], [C, C]
    ask_stack memory;     // pre-norm: what slots are to one another
    ask_norm memory_norm; // before they are looked at
    ask_timeline_focus_layer *layers;
    ask_norm norm;
    ask_dense head;           // [C, C]
    ask_dense pointer;        // [C, C]
    ask_tensor *no_slot;      // [1, C]: what is pointed at where no slot is meant
    ask_timeline_reader text; // of answers
    ask_tensor *scale;  // []: logarithm of what products with answers are multiplied with
    ask_dense meeting;  // [C, C]: of answers, as they are held against slots
    ask_tensor *strict; // []: logarithm of what those products are multiplied with
    ask_dense trust;    // [1, C]: how much a question leaves to what is pointed at
} ask_timeline_focus;

/* "focus.*", "text.*", "words.weight" */
ASK_API void ask_timeline_focus_bind(ask_timeline_focus *out, ask_params *p,
                                     const ask_timeline_config *config);

/* Texts of at most n_tokens of the configuration, as a graph takes them. Padding is not
 * computed where `room` tells how many tokens there are at most in all (of questions: with
 * one more for each, its answer's); a run with more fails. 0: padding is computed. */
typedef struct {
    ask_tensor *ids;  // i64 [..., L]
    ask_tensor *mask; // bool [..., L], true = a token
    int64_t room;
} ask_timeline_texts;

/* Answers, in words, as vectors: the mean of their words' vectors, and a transformer over
 * them. texts: [U, L] -> [U, C] */
ASK_API ask_tensor *ask_timeline_texts_build(ask_graph *g, const ask_timeline_focus *net,
                                             const ask_timeline_texts *texts,
                                             ask_dropping *dropping);

typedef struct {
    ask_tensor *records;          // [B, S, record]
    ask_tensor *mask;             // bool [B, S], or NULL
    ask_timeline_texts questions; // [B, Q, L]
    ask_tensor *answers;          // [U, C], as ask_timeline_texts_build gives them
} ask_timeline_asking;

typedef struct {
    ask_tensor *slots;   // [B, S, C], the records as vectors
    ask_tensor *answer;  // [B, Q, C]
    ask_tensor *logits;  // [B, Q, U], of every answer
    ask_tensor *pointer; // [B, Q, S + 1], logits: at which slots the answer is seen; the
                         // last: at none
    ask_tensor *fits; // [B, S + 1, U], at most 0: how well a slot, or none, fits an answer
    ask_tensor *counted[ASK_TIMELINE_COUNTING_LAYERS]; // [B, Q, S], logits: which slots the
                                                       // first counter counts
} ask_timeline_answered;

/* The last layer computes the answers' vectors alone. An answer's logit is how well its
 * vector fits that of the question, and how well it fits what is pointed at: the logarithm
 * of the mean of exp(fits) over the pointer's shares, as much of it as the question trusts
 * in that. So "which of these" asks the memory about each.
 *
 * Traces: "focus.attentions.<layer>" [B, H, Q (L + 1), S], of the last layer [B, H, Q, S].
 */
ASK_API void ask_timeline_focus_build(ask_timeline_answered *out, ask_graph *g,
                                      const ask_timeline_focus *net,
                                      const ask_timeline_asking *asking,
                                      ask_dropping *dropping);

/* ---- the whole ---- */

typedef struct {
    ask_timeline_config config;
    ask_cells cells; // "cells.*"
    ask_timeline_glance glance;
    ask_timeline_focus focus;
} ask_timeline;

ASK_API void ask_timeline_bind(ask_timeline *out, ask_params *p,
                               const ask_timeline_config *config, bool live_norms);

/* Tensors that checkpoints may hold beside the network. For ask_params_finish. */
ASK_API extern const char *const ask_timeline_ignored[];

/* Work of the glance at a video; of an answer in words of n tokens; of a question of n
 * tokens, held against answers that are vectors. Multiply and add are counted as two. */
ASK_API double ask_timeline_glance_flops(const ask_timeline_config *c);
ASK_API double ask_timeline_text_flops(const ask_timeline_config *c, int n_tokens);
ASK_API double ask_timeline_focus_flops(const ask_timeline_config *c, int n_tokens,
                                        int n_answers);

#endif
