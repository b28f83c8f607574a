#include "cli/clutter.h"

#include <string.h>

bool cli_clutter_parse(ask_scene_style *out, const char *text, ask_error *err)
{
    int low = text[0] - '0', high = text[0] && text[1] ? text[2] - '0' : low;
    bool one = text[0] && !text[1], two = strlen(text) == 3 && text[1] == '-';
    if ((!one && !two) || low < 0 || low > high || high > ASK_MAX_CLUTTER)
        return ask_fail(err, ASK_ERR_USAGE,
                        "--clutter is a number from 0 to %d, or a range such as 0-2; got "
                        "\"%s\"",
                        ASK_MAX_CLUTTER, text);
    out->clutter_low = low;
    out->clutter_high = high;
    return true;
}
