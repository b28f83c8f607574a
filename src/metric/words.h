/* metric/words.h - who answers from words alone: a baseline that has seen no video, but the
 * answers to other questions.
 *
 * Of a choice: what words of a question and an option, and pairs of them, go with right
 * options (naive Bayes over cues). Of an open question: which answers go with its words
 * (multinomial naive Bayes). Both know of what kind a question is. And who takes the
 * commonest answer of the kind knows no words at all.
 *
 *     ask_words *w = ask_words_new(err);
 *     for each question with an answer: ask_words_learn(w, &q, answer_index, NULL, err);
 *     int choice = ask_words_choose(w, &other); */
#ifndef ASK_METRIC_WORDS_H
#define ASK_METRIC_WORDS_H

#include "base/error.h"
#include "metric/tally.h"

/* All is borrowed for the call. */
typedef struct {
    uint64_t kind; // of questions that are alike (a template, a type); 0: nobody is told
    const char *question;
    const char *const *options; // [n_options]; none of an open question
    int n_options;
} ask_words_question;

/* ---- cues ---- */

/* What words of a question and its options are to one who answers blind: features of an
 * option, as keys. */
enum { ASK_WORDS_MOST_CUES = 704 };
typedef struct {
    uint64_t keys[ASK_WORDS_MOST_CUES];
    int n;
} ask_words_cues;

/* Of option i: it alone, its words, each of these with each word and pair of words of the
 * question, what it shares with the question and with the other options, its place. The
 * first 24 words of a text count. */
ASK_API void ask_words_cues_of(ask_words_cues *out, const ask_words_question *q, int i);

/* How much more often than one time in n_options something was right, as a logarithm;
 * little where it was seldom seen: doubt is how often it takes to be believed half. */
ASK_API double ask_words_weight(const ask_tally *t, uint64_t key, int n_options,
                                double doubt);

/* One key of two. */
ASK_API uint64_t ask_words_key(uint64_t a, uint64_t b);

/* ---- learning and answering ---- */

typedef struct ask_words ask_words;

ASK_API ask_words *ask_words_new(ask_error *err); // NULL: ASK_ERR_NOMEM
ASK_API void ask_words_free(ask_words *w);        // NULL is fine

/* The right option of a choice, or else the answer. Nothing is borrowed. Fails:
 * ASK_ERR_NOMEM; w can then only be freed. */
ASK_API bool ask_words_learn(ask_words *w, const ask_words_question *q, int answer_index,
                             const char *answer, ask_error *err);

/* The option that the words speak for; the first of several. */
ASK_API int ask_words_choose(const ask_words *w, const ask_words_question *q);
/* The option that was right most often in its kind; of several the one whose place was. */
ASK_API int ask_words_commonest_choice(const ask_words *w, const ask_words_question *q);

/* The same of open questions, among the answers to those of the kind (of all, where that is
 * new), of which one that came only once speaks for nothing; borrowed. NULL: nothing was
 * learnt. */
ASK_API const char *ask_words_answer(const ask_words *w, const ask_words_question *q);
ASK_API const char *ask_words_commonest_answer(const ask_words *w,
                                               const ask_words_question *q);

#endif
