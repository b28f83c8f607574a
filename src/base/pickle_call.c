/* The names that a pickle may use, and what calling them makes. */
#include <string.h>

#include "base/pickle_priv.h"
#include "base/str.h"

enum { MAX_NAME = 256 }; // bytes of "module.name"

static size_t n_args(const ask_pickle_value *args)
{
    return args->items.n;
}

static ask_pickle_value *unexpected(pickle_machine *m, const char *what)
{
    pickle_fail(m, ASK_ERR_FORMAT, "unexpected arguments of %s", what);
    return NULL;
}

/* ---- Python's own ---- */

static ask_pickle_value *make_set(pickle_machine *m, const ask_pickle_value *args)
{
    const ask_pickle_value *items = ask_pickle_item(args, 0);
    if (n_args(args) == 0) return pickle_new(m, ASK_PICKLE_SET);
    if (n_args(args) > 1 || !ask_pickle_is(items, ASK_PICKLE_LIST))
        return unexpected(m, "a set");
    ask_pickle_value *set = pickle_new(m, ASK_PICKLE_SET);
    if (set) set->items = items->items; // the list's; a set does not grow in place after it
    return set;
}

/* The bytes of a text whose characters are all below 256. */
static ask_pickle_value *from_latin1(pickle_machine *m, const ask_pickle_value *text)
{
    uint8_t *bytes = pickle_alloc(m, text->text.n_bytes + 1, 1);
    if (!bytes) return NULL;
    size_t n = 0;
    for (const uint8_t *at = (const uint8_t *)text->text.data,
                       *end = at + text->text.n_bytes;
         at < end; at++) { // UTF-8: two bytes from 0x80 on
        if (*at > 0xc3) {
            pickle_fail(m, ASK_ERR_FORMAT, "a character that is no byte");
            return NULL;
        }
        bool is_wide = *at >= 0xc2 && at + 1 < end;
        bytes[n++] = is_wide ? (uint8_t)((at[0] & 3) << 6 | (at[1] & 0x3f)) : *at;
        at += is_wide;
    }
    return pickle_new_bytes(m, bytes, n);
}

static bool is_latin1(const ask_pickle_value *encoding)
{
    return ask_pickle_is_text(encoding, "latin1") ||
           ask_pickle_is_text(encoding, "latin-1");
}

static ask_pickle_value *make_encoded(pickle_machine *m, const ask_pickle_value *args)
{
    const ask_pickle_value *text = ask_pickle_item(args, 0);
    if (n_args(args) != 2 || !ask_pickle_is(text, ASK_PICKLE_STRING) ||
        !is_latin1(ask_pickle_item(args, 1)))
        return unexpected(m, "_codecs.encode");
    return from_latin1(m, text);
}

static ask_pickle_value *make_bytes(pickle_machine *m, const ask_pickle_value *args)
{
    const ask_pickle_value *content = ask_pickle_item(args, 0);
    if (n_args(args) == 0) return pickle_new_bytes(m, "", 0);
    if (n_args(args) == 1 && ask_pickle_is(content, ASK_PICKLE_BYTES))
        return pickle_new_bytes(m, content->text.data, content->text.n_bytes);
    return make_encoded(m, args);
}

static ask_pickle_value *make_dict(pickle_machine *m, const ask_pickle_value *args)
{
    if (n_args(args) > 1) return unexpected(m, "a dictionary");
    ask_pickle_value *dict = pickle_new(m, ASK_PICKLE_DICT);
    const ask_pickle_value *members = ask_pickle_item(args, 0);
    if (dict && members && !pickle_append_members(m, dict, members)) return NULL;
    return dict;
}

/* What it would make of a missing key does not matter: nothing is added. */
static ask_pickle_value *make_default_dict(pickle_machine *m, const ask_pickle_value *args)
{
    const ask_pickle_value *factory = ask_pickle_item(args, 0);
    if (n_args(args) > 1 ||
        (factory && factory->kind != ASK_PICKLE_NAME && factory->kind != ASK_PICKLE_NONE))
        return unexpected(m, "a defaultdict");
    return pickle_new(m, ASK_PICKLE_DICT);
}

static ask_pickle_value *make_namespace(pickle_machine *m, const ask_pickle_value *args)
{
    if (n_args(args) > 0) return unexpected(m, "a namespace");
    ask_pickle_value *dict = pickle_new(m, ASK_PICKLE_DICT);
    if (dict) ((pickle_node *)dict)->is_namespace = true;
    return dict;
}

/* copyreg._reconstructor(class, object, None): an empty object of a class. */
static ask_pickle_value *make_empty(pickle_machine *m, const ask_pickle_value *args)
{
    if (n_args(args) != 3 || !ask_pickle_is_text(args->items.at[0], "argparse.Namespace") ||
        !ask_pickle_is_text(args->items.at[1], "builtins.object") ||
        args->items.at[2]->kind != ASK_PICKLE_NONE)
        return unexpected(m, "copyreg._reconstructor");
    return make_namespace(m, &(ask_pickle_value){.kind = ASK_PICKLE_TUPLE});
}

/* ---- the table ---- */

typedef ask_pickle_value *constructor(pickle_machine *m, const ask_pickle_value *args);

static const struct {
    const char *name;
    constructor *make; // NULL: it may be named, but not called
} known[] = {
    {"builtins.set", make_set},
    {"builtins.frozenset", make_set},
    {"builtins.bytes", make_bytes},
    {"builtins.bytearray", make_bytes},
    {"builtins.bool", NULL},
    {"builtins.dict", NULL},
    {"builtins.float", NULL},
    {"builtins.int", NULL},
    {"builtins.list", NULL},
    {"builtins.object", NULL},
    {"builtins.str", NULL},
    {"builtins.tuple", NULL},
    {"_codecs.encode", make_encoded},
    {"argparse.Namespace", make_namespace},
    {"collections.Counter", make_dict},
    {"collections.OrderedDict", make_dict},
    {"collections.defaultdict", make_default_dict},
    {"copyreg._reconstructor", make_empty},
    {"numpy.dtype", pickle_numpy_dtype},
    {"numpy.ndarray", NULL},
    {"numpy._core.multiarray._reconstruct", pickle_numpy_reconstruct},
    {"numpy._core.multiarray.scalar", pickle_numpy_scalar},
    {"numpy._core.numeric._frombuffer", pickle_numpy_from_buffer},
    {"numpy.bool", NULL},
    {"numpy.bool_", NULL},
    {"numpy.float16", NULL},
    {"numpy.float32", NULL},
    {"numpy.float64", NULL},
    {"numpy.int16", NULL},
    {"numpy.int32", NULL},
    {"numpy.int64", NULL},
    {"numpy.int8", NULL},
    {"numpy.uint16", NULL},
    {"numpy.uint32", NULL},
    {"numpy.uint64", NULL},
    {"numpy.uint8", NULL},
};

enum { N_KNOWN = sizeof known / sizeof *known };

/* How Python 2 and older NumPy call their modules. */
static const struct {
    const char *old, *now;
} renamed[] = {
    {"__builtin__.", "builtins."},
    {"copy_reg.", "copyreg."},
    {"numpy.core.", "numpy._core."},
};

static int find_known(const char *name)
{
    for (int i = 0; i < N_KNOWN; i++)
        if (strcmp(known[i].name, name) == 0) return i;
    return -1;
}

static bool is_callers(const pickle_machine *m, const char *name)
{
    return m->options.knows && m->options.knows(name);
}

ask_pickle_value *pickle_name(pickle_machine *m, const char *module, size_t module_bytes,
                              const char *name, size_t name_bytes)
{
    char text[MAX_NAME];
    if (module_bytes >= MAX_NAME || name_bytes >= MAX_NAME ||
        module_bytes + 1 + name_bytes + sizeof "numpy._core." > MAX_NAME ||
        memchr(module, '\0', module_bytes) || memchr(name, '\0', name_bytes)) {
        pickle_fail(m, ASK_ERR_FORMAT, "no name of a class or function");
        return NULL;
    }
    ask_format(text, sizeof text, "%.*s.%.*s", (int)module_bytes, module, (int)name_bytes,
               name);
    for (size_t i = 0; i < sizeof renamed / sizeof *renamed; i++) {
        if (!ask_starts_with(text, renamed[i].old)) continue;
        size_t old_bytes = strlen(renamed[i].old), now_bytes = strlen(renamed[i].now);
        memmove(text + now_bytes, text + old_bytes, strlen(text + old_bytes) + 1);
        memcpy(text, renamed[i].now, now_bytes);
        break;
    }
    if (find_known(text) < 0 && !is_callers(m, text)) {
        pickle_fail(m, ASK_ERR_UNSUPPORTED,
                    "it asks for %s, which is not read (nothing is imported or executed)",
                    text);
        return NULL;
    }
    return pickle_new_text(m, ASK_PICKLE_NAME, text, strlen(text));
}

static ask_pickle_value *new_call(pickle_machine *m, const ask_pickle_value *callee,
                                  const ask_pickle_value *args)
{
    ask_pickle_value *v = pickle_new(m, ASK_PICKLE_CALL);
    const ask_pickle_value **items =
        v ? pickle_alloc(m, args->items.n + 1, sizeof *items) : NULL;
    if (!items) return NULL;
    items[0] = callee;
    if (args->items.n > 0) memcpy(items + 1, args->items.at, args->items.n * sizeof *items);
    v->items.at = items;
    v->items.n = args->items.n + 1;
    return v;
}

ask_pickle_value *pickle_call(pickle_machine *m, const ask_pickle_value *callee,
                              const ask_pickle_value *args)
{
    if (is_callers(m, callee->text.data)) return new_call(m, callee, args);
    int i = find_known(callee->text.data);
    if (i >= 0 && known[i].make) return known[i].make(m, args);
    pickle_fail(m, ASK_ERR_UNSUPPORTED, "it calls %s, which is not read",
                callee->text.data);
    return NULL;
}

bool pickle_build(pickle_machine *m, ask_pickle_value *v, const ask_pickle_value *state)
{
    switch (v->kind) {
    case ASK_PICKLE_DTYPE:
        return pickle_numpy_build_dtype(m, v, state);
    case ASK_PICKLE_ARRAY:
        return pickle_numpy_build_array(m, v, state);
    case ASK_PICKLE_DICT:
        // Attributes that someone gave an ordered dictionary are not part of it.
        return !((pickle_node *)v)->is_namespace || pickle_append_members(m, v, state);
    default:
        return pickle_fail(m, ASK_ERR_UNSUPPORTED, "it gives %s a state",
                           ask_pickle_kind_name(v->kind));
    }
}
