/* support/timeline_start.h - what a training of Timeline begins with, of the smallest sizes
 * that learn the playroom. */
#ifndef TEST_TIMELINE_START_H
#define TEST_TIMELINE_START_H

#include "net/joint/timeline.h"

/* models/mini/network.json, read and made small. */
ask_timeline_config timeline_start_config(void);

/* Writes into a folder: config.json, preprocessor_config.json beside it, and the
 * tokenizer. */
void timeline_start_write(const char *dir);

#endif
