/* vqa/reply.h - a question to a language model about a video: the answer in words, or one
 * of several that are given, what it rests on, and a test of whether it does.
 *
 * In words, the model says what it will. Of given choices each is scored as the answer: by
 * the log-probability of its tokens behind the question, in the mean (long ones do not
 * lose) or in sum; nothing has to be parsed.
 *
 * The evidence is where the model looked while it said the answer: the mean over heads and
 * layers of the attention to each frame's tokens. Then the answer's tokens are scored again
 * with other frames (vqa/checks.h): an answer that stands without them does not rest on
 * them.
 *
 *     ask_reply r;
 *     if (!ask_reply_to(&r, talk, "what happens?", NULL, 0, NULL, err)) ...
 *     puts(r.text); ask_reply_free(&r);
 */
#ifndef ASK_VQA_REPLY_H
#define ASK_VQA_REPLY_H

#include "vqa/ask.h"
#include "vqa/talk.h"

typedef struct {
    size_t struct_size;
    ask_generate_options generate; // how words are said
    bool in_sum;                   // choices are compared by their sums, not means
    int n_keep;                    // most frames of the evidence: 8, and half of all
    int n_maps;     // frames to explain, the best of the evidence: 3; 0: none
    bool no_looks;  // attention is not read: no evidence, so no maps and fewer checks
    bool no_checks; // no checks, so no verdict
    uint64_t seed;  // of what checks draw: 1
    const ask_standard *standard; // as in ask_ask_options
} ask_reply_options;
ASK_API ask_reply_options ask_reply_defaults(const ask_model *m);

typedef struct {
    char *text; // owned: the letters that it adds
    double logprob;
    double text_share; // of its attention, to all but frames
    double *shares;    // borrowed; [n_frames]; NULL with no_looks
} ask_reply_token;

typedef struct {
    ask_talk_plan plan;
    char *prompt;            // owned; the text that was read, with placeholders
    char *text;              // owned
    ask_end end;             // of words
    ask_reply_token *tokens; // owned; [n_tokens] of the answer
    double *all_shares;      // owned
    int n_tokens;
    /* Of choices; n_options 0 of words. s: among them; p: its exponential. */
    ask_answer_option *options; // owned; texts borrowed from the caller
    int n_options, choice;      // choice -1 of words
    double confidence;          // p of the choice; of words the mean of a token's
    ask_find_frame *frames;     // owned; score: share of the attention, in the mean
    int n_frames;
    int evidence[ASK_MOST_RETRIEVED]; // places among frames, ascending
    int n_evidence;
    bool is_checked;
    ask_checks checks;          // of words, an answer of 0 is the same, of -1 other words
    ask_answer_verdict verdict; // known only where the model is calibrated
    ask_answer_map *maps;       // owned
    int n_maps;
    int n_prompt, n_reused;
    double decode_s, encode_s, answer_s;
    double first_s, tokens_per_s; // until the first token, from asking; of words
} ask_reply;

/* Asks anew: what was said in the talk before is not part of it, and this is not part of
 * the talk; but the prompt with all frames stays read. choices: none, or 2 to
 * ASK_MOST_CHOICES. opt may be NULL. The same inputs give the same bits, where as much was
 * read before, the times it took apart. Fails: ASK_ERR_USAGE (also where something was said
 * in the talk), ASK_ERR_MODEL (calibration.json), or as ask_talk_say. */
ASK_API bool ask_reply_to(ask_reply *out, ask_talk *t, const char *question,
                          const char *const *choices, int n_choices,
                          const ask_reply_options *opt, ask_error *err);
ASK_API void ask_reply_free(ask_reply *r); // leaves {0}

#endif
