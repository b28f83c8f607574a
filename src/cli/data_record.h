/* cli/data_record.h - one question as JSON. */
#ifndef ASK_CLI_DATA_RECORD_H
#define ASK_CLI_DATA_RECORD_H

#include "base/json_write.h"
#include "data/dataset.h"

/* Puts a record as an object, every field that it has. */
void cli_data_record(ask_json_writer *w, const char *key, const ask_data_record *r);

#endif
