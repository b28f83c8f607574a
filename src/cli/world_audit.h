/* cli/world_audit.h - what an audit found, as text and as JSON. */
#ifndef CLI_WORLD_AUDIT_H
#define CLI_WORLD_AUDIT_H

#include "base/json_write.h"
#include "world/audit.h"

/* Appends a table of types, in a full world also one of families. sheet: the path of the
 * contact sheet. */
void cli_audit_text(ask_str *out, const ask_audit *a, const char *sheet);

/* Puts the object "audit": askance.world.audit/1. */
void cli_audit_json(ask_json_writer *w, const ask_audit *a, const char *sheet);

#endif
