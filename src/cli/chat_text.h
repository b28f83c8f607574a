/* cli/chat_text.h - what is shown to a model that is talked with, and what it answers, in
 * words and in JSON (docs/formats.md, "askance.chat/1"). */
#ifndef ASK_CLI_CHAT_TEXT_H
#define ASK_CLI_CHAT_TEXT_H

#include "base/log.h"
#include "base/str.h"
#include "media/subtitles.h"
#include "vqa/talk.h"

/* What a conversation is about. All borrowed. */
typedef struct {
    const char *path; // of the video
    const ask_footage *footage;
    const ask_subtitles *subtitles;
    ask_talk_plan plan; // of the first thing said
} cli_chat_sight;

/* As lines of a log. */
void cli_chat_log(const ask_logger *log, const cli_chat_sight *s);

/* The plan. */
void cli_chat_plan_text(ask_str *out, const void *sight);
void cli_chat_plan_json(ask_str *out, const void *sight);

typedef struct {
    const char *question;
    const ask_generated *said;
    double first_s;              // until the first token was known, from asking
    const cli_chat_sight *sight; // of the first answer; else NULL
} cli_chat_answer;

/* One line. */
void cli_chat_answer_json(ask_str *out, const cli_chat_answer *a);

/* The line of what could not be answered. question: NULL where it could not be read. */
void cli_chat_error_json(ask_str *out, const char *question, const ask_error *why);

#endif
