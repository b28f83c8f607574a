/* cli/clutter.h - how much lies behind the toys of a playroom, as an option tells it. */
#ifndef ASK_CLI_CLUTTER_H
#define ASK_CLI_CLUTTER_H

#include "base/error.h"
#include "world/scene.h"

/* --clutter: "2" or "0-2", into a style. Fails: ASK_ERR_USAGE. */
bool cli_clutter_parse(ask_scene_style *out, const char *text, ask_error *err);

#endif
