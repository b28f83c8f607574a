/* net/joint/timeline_priv.h - what the parts of Timeline share. */
#ifndef ASK_NET_JOINT_TIMELINE_PRIV_H
#define ASK_NET_JOINT_TIMELINE_PRIV_H

#include "net/joint/timeline.h"

/* What the kinds are called in config.json. */
extern const char *const timeline_kind_keys[ASK_N_TIMELINE_KINDS];

/* Of the norms. */
#define TIMELINE_NORM_EPS 1e-5

/* "<name>.weight": [n, width]. */
ask_tensor *timeline_vectors_bind(ask_params *p, const char *name, int64_t n, int64_t width,
                                  double deviation);

/* Of the stacks of glance and texts. */
ask_stack_config timeline_stack_config(const ask_timeline_config *c, int n_layers);

/* x: [..., row] -> [..., n] */
ask_tensor *timeline_field(ask_graph *g, ask_tensor *x, ask_timeline_field f);

/* The rows of each that an index names.  x: [B, N, W], index: i64 [B, M] -> [B, M, W] */
ask_tensor *timeline_rows(ask_graph *g, ask_tensor *x, ask_tensor *index);

/* What cells say as attributes, as the glance takes them. rows: [R, N, sight], as the cells
 * give them; middles: [R, N, 2] or [N, 2], of the cells that they are of, as shares of the
 * picture -> [R, N, sight] */
ask_tensor *timeline_sights(ask_graph *g, const ask_timeline_config *c, ask_tensor *rows,
                            ask_tensor *middles);

/* The middles of all cells, in rows.  -> [G G, 2] */
ask_tensor *timeline_cell_middles(ask_graph *g, const ask_timeline_config *c);

/* ---- words ---- */

/* The deviation of word vectors. A slot is the sum of about six; what layers add to a text
 * is less at first, so that its words can be told from what is added. */
static const double TIMELINE_WORD_DEVIATION = 0.5;
/* Of vectors that are added to words and must not hide them. */
static const double TIMELINE_PLACE_DEVIATION = 0.1;

/* The words of all names, one kind behind the other; begin[kind]: where it begins. words:
 * [V, C] -> [n, C] */
ask_tensor *timeline_names(ask_graph *g, const ask_timeline_config *c, ask_tensor *words,
                           int64_t begin[ASK_N_TIMELINE_KINDS]);

/* "<name>.places.weight", "<name>.layers.*", "<name>.norm.*", "<name>.head.*" */
void timeline_reader_bind(ask_timeline_reader *out, ask_params *p, const char *name,
                          const ask_timeline_config *c, int n_layers);

/* words: [V, C]; texts: [U, L] -> [U, C].  trace: what its traces begin with. */
ask_tensor *timeline_reader_build(ask_graph *g, const ask_timeline_reader *r,
                                  ask_tensor *words, const ask_timeline_texts *texts,
                                  const char *trace, ask_dropping *dropping);

/* ---- from sights to slots ---- */

/* Sights, and what the glance says of them. */
typedef struct {
    ask_graph *g;
    const ask_timeline_glance *net;
    const ask_timeline_sights *sights;
    ask_tensor *glimpses; // [B, N, glimpse]
    ask_tensor *frames;   // [N, 1]: number of the frame that each sight is in
    int64_t batch;        // B
} timeline_glimpsed;

/* Where the fields that are pointed at lie in a glimpse, as one. */
ask_timeline_field timeline_pointed_field(const ask_timeline_kinds *k);
void timeline_pointed_bind(ask_timeline_glance *out, ask_params *p);

/* What sights are told to be by those that they point at. Of `of`, glimpses are not looked
 * at. states: [B, N, C] -> the fields COLOR to LATER_COLOR of glimpses [B, N, n] */
ask_tensor *timeline_point(const timeline_glimpsed *of, ask_tensor *states);

/* The values of a kind.  -> [B, N, n] */
ask_tensor *timeline_glimpsed_kind(const timeline_glimpsed *of, ask_glimpse_field f);

/* Fill events, and pairs, toys and toy_sights. -> records [B, E or S - E, record] */
ask_tensor *timeline_remember_events(ask_timeline_memory *out, const timeline_glimpsed *of);
ask_tensor *timeline_remember_toys(ask_timeline_memory *out, const timeline_glimpsed *of);

#endif
