/* Matrices of few bits in a format that knows none: bytes, one row for each panel, and a
 * note of the tensor's name that says what they are: "q8 4096 11008". */
#include <string.h>

#include "base/number.h"
#include "base/str.h"
#include "tensor/quant.h"
#include "weights/safetensors_priv.h"

/* Both names are of two letters, and a space stands behind them. */
static const ask_dtype coded_types[] = {ASK_Q8, ASK_Q4};

enum { N_CODED_TYPES = sizeof coded_types / sizeof *coded_types, NAME_BYTES = 2 };

static bool find_type(ask_dtype *out, const char *note)
{
    for (int i = 0; i < N_CODED_TYPES; i++) {
        const char *name = ask_dtype_name(coded_types[i]);
        if (strncmp(note, name, NAME_BYTES) != 0 || note[NAME_BYTES] != ' ') continue;
        *out = coded_types[i];
        return true;
    }
    return false;
}

bool ask_safetensors_type_is_panels(ask_dtype type)
{
    for (int i = 0; i < N_CODED_TYPES; i++)
        if (type == coded_types[i]) return true;
    return false;
}

bool ask_safetensors_note_is_of_panels(const char *note)
{
    ask_dtype type;
    return find_type(&type, note);
}

/* Digits up to `end`; leaves *text behind it. */
static bool take_size(int64_t *out, const char **text, char end)
{
    enum { MOST_DIGITS = 19 };
    char digits[MOST_DIGITS + 1];
    size_t n = strspn(*text, "0123456789");
    if (n == 0 || n > MOST_DIGITS || (*text)[n] != end) return false;
    memcpy(digits, *text, n);
    digits[n] = '\0';
    *text += n + 1;
    return ask_parse_i64(out, digits);
}

static bool parse(ask_dtype *type, int64_t shape[2], const char *note)
{
    if (!find_type(type, note)) return false;
    note += NAME_BYTES + 1;
    return take_size(&shape[0], &note, ' ') && take_size(&shape[1], &note, '\0');
}

bool ask_safetensors_read_panels(ask_weights_entry *e, const char *note, const char *path,
                                 ask_error *err)
{
    ask_dtype type;
    int64_t shape[2];
    size_t bytes;
    if (!parse(&type, shape, note))
        return ask_fail(err, ASK_ERR_MODEL,
                        "%s: tensor \"%s\": the note \"%.60s\" is not a type of few bits "
                        "and two sizes",
                        path, e->name, note);
    if (!ask_quant_bytes(&bytes, type, shape[0], shape[1]))
        return ask_fail(err, ASK_ERR_MODEL,
                        "%s: tensor \"%s\": the sizes of the note \"%s\" overflow", path,
                        e->name, note);
    int64_t rows = ask_quant_n_panels(shape[0]);
    int64_t columns = (int64_t)ask_quant_panel_bytes(type, shape[1]);
    if (e->type != ASK_U8 || e->n_dims != 2 || e->shape[0] != rows ||
        e->shape[1] != columns)
        return ask_fail(err, ASK_ERR_MODEL,
                        "%s: tensor \"%s\": the note \"%s\" needs u8 [%lld, %lld], which "
                        "the tensor is not",
                        path, e->name, note, (long long)rows, (long long)columns);
    e->type = type;
    e->shape[0] = shape[0];
    e->shape[1] = shape[1];
    e->n_elements = shape[0] * shape[1]; // fewer than the bytes' bits: these are checked
    return true;
}

ask_weights_entry ask_safetensors_stored(const ask_weights_entry *e)
{
    ask_weights_entry stored = *e;
    if (!ask_safetensors_type_is_panels(e->type)) return stored;
    stored.type = ASK_U8;
    stored.shape[0] = ask_quant_n_panels(e->shape[0]);
    stored.shape[1] = (int64_t)ask_quant_panel_bytes(e->type, e->shape[1]);
    return stored;
}

void ask_safetensors_tell_panels(char note[ASK_SAFETENSORS_PANELS_NOTE],
                                 const ask_weights_entry *e)
{
    ask_format(note, ASK_SAFETENSORS_PANELS_NOTE, "%s %lld %lld", ask_dtype_name(e->type),
               (long long)e->shape[0], (long long)e->shape[1]);
}
