#include "cli/world_layouts.h"

bool cli_layouts_parse(ask_layout_set *out, const cli_list *names, ask_error *err)
{
    *out = 0;
    for (int i = 0; i < names->n; i++)
        if (!ask_layout_parse(out, names->items[i], err)) return false;
    return true;
}

bool cli_layouts_write(const char *dir, const char *into, ask_layout_set set,
                       const cli_call *call, const ask_progress *progress, ask_error *err)
{
    const ask_layout_options o = {.struct_size = sizeof o,
                                  .into = into,
                                  .cancel = call->cancel,
                                  .progress = progress};
    return set == 0 || ask_world_write_layouts(NULL, dir, set, &o, err);
}

void cli_layouts_text(ask_str *out, const char *into, ask_layout_set set)
{
    ask_layout_info info;
    for (size_t i = 0; ask_layout_at(&info, i); i++)
        if (set >> i & 1) ask_str_printf(out, "%s/%s: %s\n", into, info.name, info.title);
}

void cli_layouts_json(ask_json_writer *w, const char *key, ask_layout_set set)
{
    ask_layout_info info;
    ask_json_open_array(w, key);
    for (size_t i = 0; ask_layout_at(&info, i); i++)
        if (set >> i & 1) ask_json_put_string(w, NULL, info.name);
    ask_json_close(w);
}
