/* cli/reproduce.h - what the record says about how it was made. */
#ifndef ASK_CLI_REPRODUCE_H
#define ASK_CLI_REPRODUCE_H

#include "cli/command.h"
#include "model/model.h"
#include "record/record.h"

/* Puts the command line, the program, the model, the processor and the libraries into the
 * record. seed: {0} when nothing was drawn at random. Fails: ASK_ERR_NOMEM. */
bool cli_reproduce(ask_record *r, const cli_call *call, const ask_model_info *model,
                   ask_maybe_int seed, ask_error *err);

#endif
