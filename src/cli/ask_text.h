/* cli/ask_text.h - what `ask` prints, from its record. */
#ifndef ASK_CLI_ASK_TEXT_H
#define ASK_CLI_ASK_TEXT_H

#include "base/str.h"
#include "record/record.h"

/* The answer with its probability, where it is seen, and what it is worth; what happens, in
 * the order of time, where a memory tells it; then the options, best first. Of an answer in
 * words: these, what they are worth, how much of the model's attention each frame had, the
 * subtitles that it read, and the checks. */
void cli_ask_text(ask_str *out, const ask_record *r);

#endif
