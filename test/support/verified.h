/* support/verified.h - checkpoints beside their references. Whatever goes wrong in here
 * ends the test with a message. */
#ifndef SUPPORT_VERIFIED_H
#define SUPPORT_VERIFIED_H

#include "model/verify.h"

/* The report on a folder, by the defaults; freed with ask_verify_report_free. */
ask_verify_report verified_report(const char *path);

/* The same of a network with so many rows, which all pass; what: stands in messages. */
ask_verify_report verified_all(const char *what, const char *path, const char *network,
                               int n_rows);

/* The row of that name. */
const ask_verify_row *verified_row(const ask_verify_report *r, const char *name);

#endif
