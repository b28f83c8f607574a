/* cli/world_layouts.h - the layouts of a world, as `askance world --layout` has them. */
#ifndef CLI_WORLD_LAYOUTS_H
#define CLI_WORLD_LAYOUTS_H

#include "base/json_write.h"
#include "cli/command.h"
#include "world/layout.h"

/* Of names, or lists of names. */
bool cli_layouts_parse(ask_layout_set *out, const cli_list *names, ask_error *err);

/* Writes those of the world in a folder into a folder; nothing for none. */
bool cli_layouts_write(const char *dir, const char *into, ask_layout_set set,
                       const cli_call *call, const ask_progress *progress, ask_error *err);

/* What was written: a line; an array of names. */
void cli_layouts_text(ask_str *out, const char *into, ask_layout_set set);
void cli_layouts_json(ask_json_writer *w, const char *key, ask_layout_set set);

#endif
