/* model/network_priv.h - the networks that a checkpoint can be: one row each.
 *
 * A row says how its checkpoints are recognised, how they are read, and what they can do.
 * To add a network: a file network_<name>.c with its row, and its line in network.c. */
#ifndef ASK_MODEL_NETWORK_PRIV_H
#define ASK_MODEL_NETWORK_PRIV_H

#include "base/json.h"
#include "model/feature_qa.h"
#include "model/memory.h"
#include "net/params.h"
#include "net/tower/language.h"

/* ---- what a network can do ---- */

typedef struct {
    int n_embed, n_context;
    int64_t n_vocab;
    int64_t end_id;        // -1: texts end where their padding begins
    int64_t pad_id;        // what rows are filled up with
    bool bare;             // texts are what their words become: nothing is put around them
    const char *vocab_key; // in config.json: for messages
    double token_flops;    // of one token of a short text
} network_text_sizes;

/* Texts to vectors. */
typedef struct {
    network_text_sizes (*sizes)(const void *net);
    /* ids: i64 [B, L] -> [B, P] unit vectors; what stands behind a row's end, padding, does
     * not matter */
    ask_tensor *(*embed)(ask_graph *g, const void *net, ask_tensor *ids);
    /* Where the last of n ids that counts is, the end token where there is one; -1 without.
     */
    int (*end)(const void *net, const int64_t *ids, int n);
} network_text;

typedef struct {
    int n_channels, image_px;
    double image_flops; // of one image
    int heat_side;      // patches along a side of a picture
    int n_vectors;      // V: of a picture (model/pictures.h)
    int n_state;        // C: of a patch's state
} network_dual_sizes;

/* Pictures in the space of the texts. */
typedef struct {
    network_dual_sizes (*sizes)(const void *net);
    const ask_tensor *(*logit_scale)(const void *net); // a scalar, a logarithm

    /* pixels: [B, channels, S, S] -> [B, V, P] unit vectors */
    ask_tensor *(*image)(ask_graph *g, const void *net, ask_tensor *pixels);
    /* The whole as it is before it gets unit length: -> [B, P] */
    ask_tensor *(*features)(ask_graph *g, const void *net, ask_tensor *pixels);
    /* What of each patch goes into the last layer: -> [B, heat_side^2, C] */
    ask_tensor *(*patch_states)(ask_graph *g, const void *net, ask_tensor *pixels);
    /* The trace of `image` with the last layer's attention [B, heads, 1 + patches, 1 +
     * patches], in whose first row the embedding's own token looks at the patches. NULL: it
     * has none, but vectors of its patches. */
    void (*attention)(char *name, size_t size, const void *net);
} network_dual;

typedef struct {
    int n_frames; // of a clip: even
    double fps;
    int side_px; // of its frames: they are square
    int n_embed;
    double clip_flops; // of one clip
} network_video_sizes;

/* Clips to vectors. */
typedef struct {
    network_video_sizes (*sizes)(const void *net);
    /* clips: [B, 3, n_frames, S, S] in 0..1 -> [B, n_embed] */
    ask_tensor *(*embed)(ask_graph *g, const void *net, ask_tensor *clips);
} network_video;

/* ---- questions about videos of which features are given (model/feature_qa.h) ---- */

typedef struct {
    ask_feature_qa_info info; // its texts are borrowed from net
    network_text_sizes text;  // n_embed is 0
    const char *option_joint; // between a question and an option
    bool spans_are_ends;      // (start, end), not (centre, width)
    bool sees_padding; // what fills up frames and texts changes the answer: frames have no
                       // mask, and texts are as long as the longest of them
} network_qa_rules;

/* T frames of one video, R texts of L tokens. */
typedef struct {
    ask_tensor *features;  // [1, T, width]
    ask_tensor *mask;      // bool [1, T], true = a frame; NULL where padding is seen
    ask_tensor *ids;       // i64 [R, L]
    ask_tensor *text_mask; // bool [R, L], true = a token
} network_qa_input;

/* Q events; H heads. */
typedef struct {
    ask_tensor *answer;          // logits: [1, R] of options, else [R, ...]; of a count [R]
    ask_tensor *class_logits;    // [1, Q, classes and the background]
    ask_tensor *spans;           // [1, Q, 2]
    ask_tensor *order;           // i64 [1, Q]: which event is first, second, ...
    ask_tensor *event_attention; // [R, H, L, Q], events in that order
    ask_tensor *frame_attention; // [R, H, L, T]
} network_qa_output;

typedef struct {
    network_qa_rules (*rules)(const void *net);
    void (*build)(network_qa_output *out, ask_graph *g, const void *net,
                  const network_qa_input *in);
} network_qa;

/* ---- memories of videos (model/memory.h) ---- */

typedef struct {
    ask_memory_info info;               // its texts are borrowed from net
    int n_channels, image_px;           // of frames
    int sight, feature, record, vector; // numbers of a sight, of its features, of a record,
                                        // of an answer's vector
    network_text_sizes text;            // n_embed is 0
} network_memory_sizes;

/* K sights a frame. */
typedef struct {
    ask_tensor *sights;   // [F, K, sight]
    ask_tensor *features; // [F, K, feature]
} network_frames_output;

/* N sights of the frames of a video. */
typedef struct {
    ask_tensor *sights;   // [1, N, sight]
    ask_tensor *features; // [1, N, feature]
    ask_tensor *mask;     // bool [1, N], true = is looked at
} network_remember_input;

/* S slots, E of them events. */
typedef struct {
    ask_tensor *records;      // [1, S, record]
    ask_tensor *mask;         // bool [1, S], true = there is one
    ask_tensor *event_sights; // i64 [1, E]: the sight that each is of
    ask_tensor *thing_sights; // [1, S - E, N]: shares of the sights
} network_remember_output;

/* A question of L tokens, and U answers. */
typedef struct {
    ask_tensor *records, *mask;  // [1, S, record], bool [1, S]
    ask_tensor *ids, *text_mask; // i64, bool [1, L]; true = a token
    ask_tensor *answers;         // [U, vector]
} network_recall_input;

typedef struct {
    ask_tensor *scores;  // logits [U]
    ask_tensor *pointer; // logits [S + 1]: at which slots the answer is seen; the last: at
                         // none
    ask_tensor *fits;    // [S + 1, U]: what is added to these for an answer that is given
} network_recall_output;

typedef struct {
    network_memory_sizes (*sizes)(const void *net);
    /* pixels: [F, n_channels, image_px, image_px] */
    void (*frames)(network_frames_output *out, ask_graph *g, const void *net,
                   ask_tensor *pixels);
    void (*remember)(network_remember_output *out, ask_graph *g, const void *net,
                     const network_remember_input *in);
    /* ids, mask: i64, bool [R, L]; room: most tokens of all rows -> [R, vector] */
    ask_tensor *(*texts)(ask_graph *g, const void *net, ask_tensor *ids, ask_tensor *mask,
                         int64_t room);
    void (*recall)(network_recall_output *out, ask_graph *g, const void *net,
                   const network_recall_input *in);
    ask_sight (*sight)(const void *net, const float *sight);       // of a row of sights
    ask_memory_slot (*slot)(const void *net, const float *record); // of a record
} network_memory;

/* ---- language models (model/context.h) ---- */

/* Reads texts token by token, and tells the next. */
typedef struct {
    const ask_language *(*of)(const void *net);
    const char *vocab_key; // in config.json: for messages
} network_language;

typedef struct {
    int n_channels, image_px; // of a frame; image_px 0: it is given features
    int n_features;           // W: of a row of features; 0: it sees frames
    int n_frames;             // that the features are of; 0: of frames: one each
    int n_rows;               // of a frame: in reading order, of side x side cells
    int side;
    bool one_by_one;         // a placeholder is of one frame; else of all of them
    bool has_class;          // the first of them is of the whole frame; side^2 more follow
    int64_t mark;            // stands for each row in a text; -1: no token does
    int64_t begin, end;      // stand around all of them; -1: nothing does
    const char *placeholder; // of a video in the text of a prompt: "<video>"
    const char *form;        // built-in chat template (text/chat.h) of such checkpoints
    bool leads; // where a prompt begins with the placeholder, what tokenizers put around a
                // text stands around what follows the rows, not around both
    const char *seam; // where it stands in a prompt, two texts meet whose tokens are made
                      // apart; NULL: they never do
    int64_t opens; // stands before a text in place of what its tokenizer puts around it; 0:
                   // that
    const char *stop; // at which answers of this form end; NULL: at end tokens alone
    double frame_flops;
    int n_kept, kept; // of a frame that was looked at: N rows of W numbers; 0: frames are
                      // not looked at by themselves
    int n_shown;      // frames of a video that it is shown where nothing else is asked
                      // for; 0: as many as others are
    int n_least, n_most; // frames that can be shown together; 0: any number
    int n_instruction;   // most tokens of a text that rows depend on; 0: they do not
    bool keeps_end;      // of one that is too long its end counts
    int64_t n_instruction_vocab; // of its tokenizer
} network_visual_sizes;

/* A text that rows depend on, in the ids of a tokenizer of its own. */
typedef struct {
    ask_tensor *ids; // i64 [1, L], none of them padding
} network_instruction;

/* Makes rows of frames, or of features, that stand in a text:
 *
 *     frames -> look -> what is kept of each -> rows -> of each -> join -> of all of them
 */
typedef struct {
    network_visual_sizes (*sizes)(const void *net);
    /* [F, n_channels, image_px, image_px] -> [F, N, W]. NULL: rows are made of frames. */
    ask_tensor *(*look)(ask_graph *g, const void *net, ask_tensor *pixels);
    /* x: what was looked at -> [F, n_rows, C]; or features [N, W] -> [N, C], where n_joined
     * tells another number [n_joined(N), C]. told: NULL where n_instruction is 0. */
    ask_tensor *(*rows)(ask_graph *g, const void *net, ask_tensor *x,
                        const network_instruction *told);
    /* Of frames that are shown together: [F, n_rows, C] -> [n_joined(F), C]. NULL: they
     * stand one behind the other, as they are. */
    ask_tensor *(*join)(ask_graph *g, const void *net, ask_tensor *rows);
    /* Rows of n frames, or features, that are made of all of them together. NULL: each has
     * its own. */
    int (*n_joined)(const void *net, int n);
    /* What share of each joined row is of which frame: [n_joined(F), F], its rows sum to
     * one; behind `rows` and `join` in the same graph, which keeps the traces `traced`
     * (a glob; NULL: none). */
    ask_tensor *(*origins)(ask_graph *g, const void *net, int64_t n_frames);
    /* Where in its frame each row looked, joined or else of F frames: [rows, side x side],
     * each row up to one in sum; where the others do. NULL: rows are cells, or of no place.
     */
    ask_tensor *(*cells)(ask_graph *g, const void *net, int64_t n_frames);
    const char *traced;
} network_visual;

/* ---- how it is verified ---- */

enum { NETWORK_MAX_INPUTS = 8, NETWORK_MAX_RUNS = 12 };

enum { NETWORK_TEXT_LEADS = -1, NETWORK_NO_LEAD = -2 }; // no tokens before what is written

#define NETWORK_GRADS_FILE "grads.safetensors"

/* A tensor of inputs.safetensors. `type` is what the graph takes: files may hold any real
 * type for ASK_F32 and any integer type for ASK_I64 and ASK_BOOL (not 0). */
typedef struct {
    const char *name;
    ask_dtype type;
    bool optional;
    bool any_number; // of type ASK_F32: the file may hold integers, too
    bool told;       // stands among the outputs: what the reference chose
} network_input;

/* The inputs that a file has, in the order of the row; absent ones are {0}. */
typedef struct {
    bool present;
    int n_dims;
    int64_t shape[ASK_MAX_DIMS];
    const int64_t *ids;   // the numbers of an input of type ASK_I64
    const float *reals;   // the numbers of an input of type ASK_F32
    const uint8_t *flags; // the numbers of an input of type ASK_BOOL
    ask_tensor *tensor;   // in the graph; NULL before there is one
} network_value;

/* Outputs that count only where a bool input [B, L] is true: B is their axis 0. */
typedef struct {
    const char *outputs; // a glob
    const char *mask;    // name of the input
    int axis;            // which axis of the output is L
} network_mask;

/* Texts that begin with a prompt, in which rows stand: what the model writes behind these
 * is compared alone. */
typedef struct {
    int (*n_first)(const void *net); // tokens before the rows
    int n_tokens;                    // the input, i64 [B], that tells those of each prompt
} network_prompt;

/* One computation whose values a reference may hold. It is done once for every prefix under
 * which inputs.safetensors has all that it needs ("" or "second."), and the same prefix
 * stands before the outputs' names.
 *
 * With `file`, it is done once where there is a file of that name: of its tensors, those
 * with the name of an input stand in for those of inputs.safetensors, and the others are
 * the outputs. */
typedef struct {
    const char *file;            // NULL: outputs.safetensors
    const char *outputs;         // stands before the outputs' names, too; NULL: nothing
    const network_input *inputs; // ends with {0}
    const network_mask *masks;   // ends with {0}; the first that fits counts
    bool masks_end; // they are of the last L places of an axis; those before them count
    /* Whether the network can take these; *err says what is wrong with which input. */
    bool (*check)(const void *net, const network_value *in, ask_error *err);
    /* Adds it to the graph, with every trace named. */
    void (*build)(ask_graph *g, const void *net, const network_value *in);
    /* The trace, a scalar, of which grads.safetensors holds the gradients by the names of
     * the parameters, before which "d_<trace>_d_param." may stand; NULL: of none. */
    const char *loss;
    /* In place of a graph the model goes on with the texts, as verify_greedy_priv.h has it.
     */
    bool greedy;
    /* The token that the reference puts before what it writes, in place of the text, or
     * NETWORK_NO_LEAD; NULL: the text stands there. */
    int64_t (*lead)(const void *net);
    /* The id in whose places rows stand, of a reference that has one where its network has
     * none; NULL: the network's. */
    int64_t (*mark)(const void *net, const network_value *in);
    const network_prompt *prompt; // of texts that are more than that; NULL: they are not
} network_run;

/* Checks that several networks share. Fails: ASK_ERR_MODEL.
 * ids: [B, L] with L up to n_context and each of n_vocab.
 * beside: an input that is absent, or has the shape of the ids. */
bool network_check_ids(const char *name, const network_value *ids, int n_context,
                       int n_vocab, ask_error *err);
bool network_check_beside(const char *name, const network_value *v, const char *ids_name,
                          const network_value *ids, ask_error *err);

/* ---- the row ---- */

typedef struct {
    const char *name;        // "clip"
    const char *model_type;  // in config.json
    const char *shared_type; // the same of checkpoints that are told from another network's
                             // by their architecture; NULL: none
    const char *const *architectures; // in config.json; ends with NULL
    const char *const *tensors;       // names that together tell it; ends with NULL
    const char *const *ignored;       // globs of tensors that may be there; ends with NULL
    bool bare;        // its checkpoints need no config.json: the tensors tell all
    bool has_adapter; // tensors of MODEL_ADAPTER_FILE are of the checkpoint, where it is
    size_t net_bytes; // what `net` points to below

    bool (*read_config)(void *net, ask_json_value root, ask_error *err);
    /* Whose behaviour it has: "released", its authors' code, or "paper". NULL: there is no
     * difference. Fails: ASK_ERR_USAGE for another word. */
    bool (*set_compat)(void *net, const char *compat, ask_error *err);
    void (*bind)(void *net, ask_params *p); // after these
    /* Reads what the folder has beside the weights, into `room` where it is more than
     * numbers; after bind. NULL: nothing counts. Fails: ASK_ERR_MODEL. */
    bool (*read_beside)(void *net, const char *dir, ask_arena *room, ask_error *err);

    /* Rounds to a type what is no parameter, as programs do that turn a whole model into
     * that type. NULL: it has no such thing. */
    void (*narrow)(void *net, ask_dtype type);

    bool (*size_at)(const void *net, size_t i, ask_model_size *out); // false past the last
    ask_processor processor;                                         // of its pictures
    /* Whether the model has the next two; NULL: it does. */
    bool (*embeds)(const void *net);
    const network_text *text;         // NULL: it takes no texts
    const network_dual *dual;         // NULL: it has no pictures in a space with texts
    const network_video *video;       // NULL: it takes no clips
    const network_qa *qa;             // NULL: it answers no questions about features
    const network_memory *memory;     // NULL: it remembers no videos
    const network_language *language; // NULL: it writes no texts
    const network_visual *visual;     // of a language model; NULL: it sees nothing
    const network_run *runs;
    int n_runs;
    /* References are so many times as far off as those of others, apart from what hangs on
     * a value: what is computed forward, and gradients; 0: once. */
    double noise, gradient_noise;
} network;

extern const network network_clip, network_bert, network_roberta, network_s3d,
    network_glance_focus, network_timeline, network_llama, network_mistral, network_qwen2,
    network_opt, network_gpt2, network_t5, network_mt5, network_llava,
    network_llava_next_video, network_video_chatgpt, network_blip2, network_instructblip,
    network_instructblip_video, network_blip2_itm, network_gif_qa, network_st_llm;

/* What a model has of these; NULL: it has none. */
const network_text *network_text_of(const network *n, const void *net);
const network_dual *network_dual_of(const network *n, const void *net);

/* Of its texts, whatever it does with them; false: it takes none. */
bool network_text_sizes_of(network_text_sizes *out, const network *n, const void *net);

typedef struct {
    int n_channels, image_px;
} network_picture_sizes;

/* Of the pictures that it sees; false: it sees none. */
bool network_picture_sizes_of(network_picture_sizes *out, const network *n,
                              const void *net);

/* The rows, in the order in which they are tried; NULL past the last. */
const network *network_at(size_t i);

/* The names of those that are such, "a, b"; which: NULL for all. */
typedef bool network_is(const network *n);
void network_list(char *out, size_t size, network_is *which);

/* The row of that name (ASK_ERR_USAGE without one). With NULL: the one that the
 * configuration names, else whose tensors the checkpoint has; weights may be NULL
 * (ASK_ERR_MODEL when nothing tells it). */
const network *network_find(const char *name, ask_json_value config,
                            const ask_weights *weights, ask_error *err);

#endif
