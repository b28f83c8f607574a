/* cli/words.h - what commands that talk with a language model have in common: their
 * options, and what is opened for them. */
#ifndef ASK_CLI_WORDS_H
#define ASK_CLI_WORDS_H

#include "cli/study.h"
#include "vqa/talk.h"

/* What was not asked for is left to the model: -1, NAN, NULL. */
typedef struct {
    int64_t max_tokens, max_prompt;
    double max_mib;
    double temperature, top_p, min_p, repetition_penalty, length_penalty;
    int64_t top_k, n_beams;
    cli_list stops;
    const char *subtitles; // "auto", "off", or a file
    const char *system, *form, *vision;
    const char *context; // file that what was read is kept in
} cli_words_values;

/* Of a command's defaults. */
#define CLI_WORDS_DEFAULTS                                                                 \
    {                                                                                      \
        .max_tokens = 0, .max_prompt = 0, .temperature = NAN, .top_p = NAN, .min_p = NAN,  \
        .repetition_penalty = NAN, .length_penalty = NAN, .top_k = -1, .n_beams = -1,      \
        .subtitles = "auto"                                                                \
    }

#define CLI_WORDS_ROW(base, member, row_name, row_kind, least, most, word, text)           \
    {                                                                                      \
        .name = (row_name), .kind = (row_kind),                                            \
        .at = (base) + offsetof(cli_words_values, member), .min = (least), .max = (most),  \
        .argument = (word), .help = (text)                                                 \
    }

/* The rows, without the last comma; `base`: where the values are in the command's struct.
 */
#define CLI_WORDS_ROWS(base)                                                               \
    CLI_WORDS_ROW(base, max_tokens, "max-tokens", CLI_INT, 1, 1 << 20, "N",                \
                  "words end after N tokens (256, or what there is room for)"),            \
        CLI_WORDS_ROW(base, max_prompt, "max-prompt", CLI_INT, 1, 1 << 20, "N",            \
                      "read N tokens at most: fewer frames and subtitles then"),           \
        CLI_WORDS_ROW(base, max_mib, "max-mib", CLI_REAL, 1, 1e9, "MIB",                   \
                      "keep what was read within so much memory"),                         \
        CLI_WORDS_ROW(base, temperature, "temperature", CLI_REAL, 0, 100, "T",             \
                      "draw words, 0: take the likeliest (as the model says, else 0)"),    \
        CLI_WORDS_ROW(base, top_k, "top-k", CLI_INT, 0, 1 << 24, "K",                      \
                      "draw from the K likeliest; 0: all"),                                \
        CLI_WORDS_ROW(base, top_p, "top-p", CLI_REAL, 0, 1, "P",                           \
                      "draw from the likeliest that have P together"),                     \
        CLI_WORDS_ROW(base, min_p, "min-p", CLI_REAL, 0, 1, "P",                           \
                      "draw from those with P times what the likeliest has"),              \
        CLI_WORDS_ROW(base, repetition_penalty, "repetition-penalty", CLI_REAL, 0.01, 100, \
                      "R", "above 1: say less of what was said"),                          \
        CLI_WORDS_ROW(base, n_beams, "beams", CLI_INT, 1, ASK_MOST_BEAMS, "N",             \
                      "follow the N best texts at once"),                                  \
        CLI_WORDS_ROW(base, length_penalty, "length-penalty", CLI_REAL, -100, 100, "L",    \
                      "of beams: above 0 favours longer ones"),                            \
        CLI_WORDS_ROW(base, stops, "stop", CLI_LIST, 0, 0, "TEXT",                         \
                      "words end before TEXT; may be given several times"),                \
        CLI_WORDS_ROW(base, subtitles, "subtitles", CLI_TEXT, 0, 0, "WHICH",               \
                      "auto: beside the video or in it, off, or a file (auto)"),           \
        CLI_WORDS_ROW(base, system, "system", CLI_TEXT, 0, 0, "TEXT",                      \
                      "the system's message in place of the usual one"),                   \
        CLI_WORDS_ROW(base, form, "template", CLI_TEXT, 0, 0, "NAME",                      \
                      "a chat template of ours in place of the model's: vicuna_v1, ..."),  \
        CLI_WORDS_ROW(base, vision, "vision", CLI_MODEL, 0, 0, "DIR",                      \
                      "the CLIP model that makes features for Video-ChatGPT"),             \
        CLI_WORDS_ROW(base, context, "context", CLI_TEXT, 0, 0, "FILE",                    \
                      "keep what was read in FILE, and go on from there if it exists")

/* What is open for a talk. */
typedef struct {
    const cli_words_values *v;
    cli_study *study;
    ask_model *eye_model;
    ask_session *eye;
    ask_subtitles subtitles;
    ask_talk *talk;
    ask_generate_options generate;
} cli_words;

/* Whether a study's model writes texts. */
bool cli_words_can(const cli_study *s);

/* With video and model open: subtitles, the other model, and the talk, which goes on from
 * the file where there is one: from what was read, and, where the command goes on with the
 * conversation, from what was said. Closed with cli_words_close, also after a failure.
 * Fails as these do. */
bool cli_words_open(cli_words *w, const cli_words_values *v, cli_study *s, bool goes_on,
                    ask_error *err);

/* Keeps what was read where that was asked for. */
bool cli_words_keep(const cli_words *w, ask_error *err);
void cli_words_close(cli_words *w);

#endif
