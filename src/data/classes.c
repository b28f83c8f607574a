/* classes.c - lists of classes: "a013 v003 o021", an id and a name on each line.
 *
 * The published files of STAR end without a line feed; the last line counts. */
#include <string.h>

#include "data/reader_priv.h"

bool data_parse_classes(data_build *b, data_classes *out, data_text text, ask_error *err)
{
    data_list lines;
    if (!data_parse_line_list(b, &lines, text, err)) return false;
    const char **ids = data_array(b, (size_t)lines.n, sizeof *ids);
    const char **names = data_array(b, (size_t)lines.n, sizeof *names);
    if (!ids || !names) return ask_fail_memory(err);
    for (int i = 0; i < lines.n; i++) {
        size_t n = strcspn(lines.texts[i], " ");
        if (!lines.texts[i][n])
            return ask_fail(err, ASK_ERR_FORMAT,
                            "%s:%zu: expected an id, a space and a name", text.name,
                            lines.rows[i]);
        ids[i] = data_printf(b, "%.*s", (int)n, lines.texts[i]);
        names[i] = lines.texts[i] + n + 1;
    }
    *out = (data_classes){.ids = ids, .names = names, .n = lines.n};
    return !b->no_memory || ask_fail_memory(err);
}

bool data_read_class_file(data_build *b, data_classes *out, const char *name,
                          ask_error *err)
{
    data_file f;
    bool ok = data_open_beside(b, &f, name, err) &&
              (!f.text.name || data_parse_classes(b, out, f.text, err));
    data_file_close(&f);
    return ok;
}

bool data_classes_read(data_build *b, data_text text, ask_error *err)
{
    data_classes classes = {0};
    if (!data_parse_classes(b, &classes, text, err)) return false;
    b->classes = classes.names;
    b->n_classes = classes.n;
    return true;
}

bool data_read_classes(data_build *b, ask_error *err)
{
    data_file f;
    bool ok = data_open_beside(b, &f, DATA_CLASSES_FILE, err) &&
              (!f.text.name || data_classes_read(b, f.text, err));
    data_file_close(&f);
    return ok;
}
