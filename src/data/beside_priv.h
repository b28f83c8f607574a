/* data/beside_priv.h - files beside the questions of one set each, in memory. Each gives
 * the records what it tells of them, and notices what else it has; file is for messages. */
#ifndef ASK_DATA_BESIDE_PRIV_H
#define ASK_DATA_BESIDE_PRIV_H

#include "data/reader_priv.h"

/* ActivityNet-QA: answers by question. */
bool data_activitynet_read_answers(data_build *b, data_text text, ask_error *err);

/* NExT-QA: add_reference_answer_SPLIT.json. NExT-GQA: gsub_SPLIT.json; needs b->split. */
bool data_nextqa_give_answers(data_build *b, const char *file, const ask_json *doc,
                              ask_error *err);
bool data_nextgqa_give_windows(data_build *b, const char *file, const ask_json *doc,
                               ask_error *err);

/* Social-IQ 2.0: original_split.json, trims.json. */
bool data_socialiq2_give_subsets(data_build *b, const ask_json *doc, ask_error *err);
bool data_socialiq2_give_origins(data_build *b, const ask_json *doc, ask_error *err);

/* EgoTaskQA: events.json. */
extern const data_event_format data_hois_format;

#endif
