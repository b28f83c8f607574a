/* The machine: opcodes, stack and memo. */
#include "base/pickle.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/map.h"
#include "base/options.h"
#include "base/pickle_priv.h"
#include "base/str.h"

enum { LAST_PROTOCOL = 5 };

struct ask_pickle {
    ask_map map; // {0} when the bytes are the caller's
    ask_arena *arena;
    const ask_pickle_value *root;
    pickle_list persistent;
};

ask_pickle_options ask_pickle_defaults(void)
{
    return (ask_pickle_options){.struct_size = sizeof(ask_pickle_options),
                                .max_depth = 100,
                                .max_values = (size_t)1 << 25,
                                .max_bytes = (size_t)1 << 31};
}

bool pickle_fail(pickle_machine *m, ask_error_code code, const char *format, ...)
{
    if (code == ASK_ERR_NOMEM) return ask_fail_memory(m->err);
    char text[ASK_ERROR_MESSAGE_BYTES];
    va_list args;
    va_start(args, format);
    ask_vformat(text, sizeof text, format, args);
    va_end(args);
    return ask_fail(m->err, code, "%s: byte %zu of the pickle: %s", m->name,
                    (size_t)(m->opcode - m->begin), text);
}

/* ---- reading ---- */

static bool take(pickle_machine *m, const uint8_t **bytes, uint64_t n)
{
    if (n > (size_t)(m->end - m->at)) {
        return pickle_fail(m, ASK_ERR_FORMAT, "truncated: %llu bytes needed, %zu left",
                           (unsigned long long)n, (size_t)(m->end - m->at));
    }
    *bytes = m->at;
    m->at += n;
    return true;
}

/* An unsigned little-endian number of up to 8 bytes. */
static bool take_number(pickle_machine *m, uint64_t *out, int n_bytes)
{
    const uint8_t *bytes = NULL;
    if (!take(m, &bytes, (uint64_t)n_bytes)) return false;
    uint64_t number = 0;
    for (int i = n_bytes; i-- > 0;) number = number << 8 | bytes[i];
    *out = number;
    return true;
}

/* As many bytes as the number in front of them says. */
static bool take_counted(pickle_machine *m, const uint8_t **bytes, size_t *n,
                         int length_bytes)
{
    uint64_t length = 0;
    if (!take_number(m, &length, length_bytes) || !take(m, bytes, length)) return false;
    *n = (size_t)length;
    return true;
}

/* ---- stack and memo ---- */

static bool list_reserve(pickle_machine *m, pickle_list *list, size_t n)
{
    if (n <= list->capacity) return true;
    size_t capacity = list->capacity ? 2 * list->capacity : 64;
    if (capacity < n) capacity = n;
    ask_pickle_value **grown = realloc(list->at, capacity * sizeof *grown);
    if (!grown) return pickle_fail(m, ASK_ERR_NOMEM, "out of memory");
    memset(grown + list->capacity, 0, (capacity - list->capacity) * sizeof *grown);
    list->at = grown;
    list->capacity = capacity;
    return true;
}

/* Takes NULL for a value that could not be made. */
static bool push(pickle_machine *m, ask_pickle_value *v)
{
    if (!v || !list_reserve(m, &m->stack, m->stack.n + 1)) return false;
    m->stack.at[m->stack.n++] = v;
    return true;
}

static bool push_kind(pickle_machine *m, ask_pickle_kind kind)
{
    return push(m, pickle_new(m, kind));
}

static bool push_bool(pickle_machine *m, bool truth)
{
    ask_pickle_value *v = pickle_new(m, ASK_PICKLE_BOOL);
    if (v) v->truth = truth;
    return push(m, v);
}

/* Whether n values lie above the last mark. */
static bool need(pickle_machine *m, size_t n)
{
    size_t floor = m->n_marks > 0 ? m->marks[m->n_marks - 1] : 0;
    return m->stack.n - floor >= n ||
           pickle_fail(m, ASK_ERR_FORMAT, "nothing is on the stack that it could take");
}

static ask_pickle_value *pop(pickle_machine *m)
{
    return need(m, 1) ? m->stack.at[--m->stack.n] : NULL;
}

static ask_pickle_value *top(pickle_machine *m)
{
    return need(m, 1) ? m->stack.at[m->stack.n - 1] : NULL;
}

static bool push_mark(pickle_machine *m)
{
    if (m->n_marks == m->marks_capacity) {
        size_t capacity = m->marks_capacity ? 2 * m->marks_capacity : 16;
        size_t *grown = realloc(m->marks, capacity * sizeof *grown);
        if (!grown) return pickle_fail(m, ASK_ERR_NOMEM, "out of memory");
        m->marks = grown;
        m->marks_capacity = capacity;
    }
    m->marks[m->n_marks++] = m->stack.n;
    return true;
}

/* Takes all values above the last mark, and it; they are there until the next push. */
static bool pop_to_mark(pickle_machine *m, ask_pickle_value *const **items, size_t *n)
{
    if (m->n_marks == 0) return pickle_fail(m, ASK_ERR_FORMAT, "no mark is on the stack");
    size_t height = m->marks[--m->n_marks];
    *n = m->stack.n - height;
    *items = m->stack.at ? m->stack.at + height : NULL;
    m->stack.n = height;
    return true;
}

/* Pickles count their memo from 0 up, so no index is beyond the bytes in front of it: a
 * larger one only wants memory. */
static bool put(pickle_machine *m, uint64_t index)
{
    ask_pickle_value *v = top(m);
    if (!v) return false;
    if (index > (size_t)(m->opcode - m->begin)) {
        return pickle_fail(m, ASK_ERR_FORMAT, "memo %llu, more than could be needed here",
                           (unsigned long long)index);
    }
    if (!list_reserve(m, &m->memo, (size_t)index + 1)) return false;
    m->memo.at[index] = v;
    if (index >= m->memo.n) m->memo.n = (size_t)index + 1;
    return true;
}

static bool get(pickle_machine *m, uint64_t index)
{
    if (index >= m->memo.n || !m->memo.at[index]) {
        return pickle_fail(m, ASK_ERR_FORMAT, "memo %llu is empty",
                           (unsigned long long)index);
    }
    return push(m, m->memo.at[index]);
}

/* ---- values ---- */

static bool push_integer(pickle_machine *m, int n_bytes, bool has_sign)
{
    uint8_t bytes[sizeof(int64_t)] = {0};
    const uint8_t *from = NULL;
    if (!take(m, &from, (uint64_t)n_bytes)) return false;
    memcpy(bytes, from, (size_t)n_bytes);
    return push(m, pickle_new_integer(m, bytes, (size_t)n_bytes + !has_sign));
}

static bool push_long(pickle_machine *m, int length_bytes)
{
    const uint8_t *bytes = NULL;
    size_t n = 0;
    return take_counted(m, &bytes, &n, length_bytes) &&
           push(m, pickle_new_integer(m, bytes, n));
}

static bool push_float(pickle_machine *m)
{
    const uint8_t *bytes = NULL;
    if (!take(m, &bytes, 8)) return false;
    uint64_t bits = 0; // the one number that is big-endian
    for (int i = 0; i < 8; i++) bits = bits << 8 | bytes[i];
    ask_pickle_value *v = pickle_new(m, ASK_PICKLE_FLOAT);
    if (v) memcpy(&v->real, &bits, sizeof bits);
    return push(m, v);
}

typedef ask_pickle_value *make_text(pickle_machine *m, const void *text, size_t n_bytes);

static bool push_counted(pickle_machine *m, int length_bytes, make_text *make)
{
    const uint8_t *bytes = NULL;
    size_t n = 0;
    return take_counted(m, &bytes, &n, length_bytes) && push(m, make(m, bytes, n));
}

typedef ask_pickle_value *make_line(pickle_machine *m, const char *line, size_t n_bytes);

static bool push_line(pickle_machine *m, make_line *make)
{
    const char *line = NULL;
    size_t n = 0;
    return pickle_take_line(m, &line, &n) && push(m, make(m, line, n));
}

static bool take_index(pickle_machine *m, uint64_t *out)
{
    const char *line = NULL;
    size_t n = 0, index = 0;
    if (!pickle_take_line(m, &line, &n) || !pickle_line_index(m, &index, line, n))
        return false;
    *out = index;
    return true;
}

/* ---- containers ---- */

static bool push_marked(pickle_machine *m, ask_pickle_kind kind)
{
    ask_pickle_value *const *items = NULL;
    size_t n = 0;
    if (!pop_to_mark(m, &items, &n)) return false;
    if (kind == ASK_PICKLE_DICT && n % 2 != 0)
        return pickle_fail(m, ASK_ERR_FORMAT, "a key without a value");
    return push(m, pickle_new_items(m, kind, items, n));
}

static bool push_tuple(pickle_machine *m, size_t n)
{
    if (!need(m, n)) return false;
    m->stack.n -= n;
    return push(m, pickle_new_items(m, ASK_PICKLE_TUPLE, m->stack.at + m->stack.n, n));
}

static bool add(pickle_machine *m, ask_pickle_kind kind, ask_pickle_value *const *items,
                size_t n)
{
    ask_pickle_value *to = top(m);
    if (!to) return false;
    if (to->kind != kind) {
        return pickle_fail(m, ASK_ERR_FORMAT, "expected %s to add to, got %s",
                           ask_pickle_kind_name(kind), ask_pickle_kind_name(to->kind));
    }
    if (kind == ASK_PICKLE_DICT && n % 2 != 0)
        return pickle_fail(m, ASK_ERR_FORMAT, "a key without a value");
    return pickle_append(m, to, items, n);
}

static bool add_marked(pickle_machine *m, ask_pickle_kind kind)
{
    ask_pickle_value *const *items = NULL;
    size_t n = 0;
    return pop_to_mark(m, &items, &n) && add(m, kind, items, n);
}

/* Adds the n values on top to what is under them. */
static bool add_top(pickle_machine *m, ask_pickle_kind kind, size_t n)
{
    if (!need(m, n + 1)) return false;
    m->stack.n -= n;
    return add(m, kind, m->stack.at + m->stack.n, n);
}

/* ---- names and calls ---- */

static bool push_name(pickle_machine *m)
{
    const char *module = NULL, *name = NULL;
    size_t module_bytes = 0, name_bytes = 0;
    return pickle_take_line(m, &module, &module_bytes) &&
           pickle_take_line(m, &name, &name_bytes) &&
           push(m, pickle_name(m, module, module_bytes, name, name_bytes));
}

static bool push_stack_name(pickle_machine *m)
{
    if (!need(m, 2)) return false;
    const ask_pickle_value *name = pop(m), *module = pop(m);
    if (name->kind != ASK_PICKLE_STRING || module->kind != ASK_PICKLE_STRING)
        return pickle_fail(m, ASK_ERR_FORMAT, "a name that is no string");
    return push(m, pickle_name(m, module->text.data, module->text.n_bytes, name->text.data,
                               name->text.n_bytes));
}

static bool push_call(pickle_machine *m)
{
    if (!need(m, 2)) return false;
    const ask_pickle_value *args = pop(m), *callee = pop(m);
    if (callee->kind != ASK_PICKLE_NAME || args->kind != ASK_PICKLE_TUPLE) {
        return pickle_fail(m, ASK_ERR_FORMAT, "expected a name and a tuple, got %s and %s",
                           ask_pickle_kind_name(callee->kind),
                           ask_pickle_kind_name(args->kind));
    }
    return push(m, pickle_call(m, callee, args));
}

/* NEWOBJ_EX: as a call, with arguments by name, of which there must be none. */
static bool push_call_with_names(pickle_machine *m)
{
    const ask_pickle_value *by_name = pop(m);
    if (!by_name) return false;
    if (by_name->kind != ASK_PICKLE_DICT || by_name->items.n > 0)
        return pickle_fail(m, ASK_ERR_UNSUPPORTED, "a call with arguments by name");
    return push_call(m);
}

/* OBJ: what is above the mark is a name and its arguments. */
static bool push_marked_call(pickle_machine *m)
{
    ask_pickle_value *const *items = NULL;
    size_t n = 0;
    if (!pop_to_mark(m, &items, &n)) return false;
    if (n == 0 || items[0]->kind != ASK_PICKLE_NAME)
        return pickle_fail(m, ASK_ERR_FORMAT, "an object without a name");
    const ask_pickle_value *callee = items[0];
    ask_pickle_value *args = pickle_new_items(m, ASK_PICKLE_TUPLE, items + 1, n - 1);
    return args && push(m, pickle_call(m, callee, args));
}

/* INST: the name stands in the file, the arguments above the mark. */
static bool push_instance(pickle_machine *m)
{
    if (!push_marked(m, ASK_PICKLE_TUPLE) || !push_name(m)) return false;
    const ask_pickle_value *callee = pop(m), *args = pop(m);
    return push(m, pickle_call(m, callee, args));
}

static bool build(pickle_machine *m)
{
    if (!need(m, 2)) return false;
    const ask_pickle_value *state = pop(m);
    return pickle_build(m, top(m), state);
}

static bool push_persistent(pickle_machine *m, ask_pickle_value *id)
{
    if (!id) return false;
    if (!m->options.persistent)
        return pickle_fail(m, ASK_ERR_UNSUPPORTED, "a value that lies outside the pickle");
    ask_pickle_value *v = pickle_new_items(m, ASK_PICKLE_PERSISTENT, &id, 1);
    if (!v || !list_reserve(m, &m->persistent, m->persistent.n + 1)) return false;
    m->persistent.at[m->persistent.n++] = v;
    return push(m, v);
}

static bool push_persistent_line(pickle_machine *m)
{
    const char *line = NULL;
    size_t n = 0;
    return pickle_take_line(m, &line, &n) &&
           push_persistent(m, pickle_new_string(m, line, n));
}

/* ---- the rest ---- */

static bool check_protocol(pickle_machine *m)
{
    uint64_t protocol = 0;
    if (!take_number(m, &protocol, 1)) return false;
    if (protocol <= LAST_PROTOCOL) return true;
    return pickle_fail(m, ASK_ERR_UNSUPPORTED, "protocol %d; 0 to %d are read",
                       (int)protocol, LAST_PROTOCOL);
}

/* A frame says how many of the following bytes belong together; that is only a hint. */
static bool check_frame(pickle_machine *m)
{
    uint64_t length = 0;
    const uint8_t *bytes = NULL;
    if (!take_number(m, &length, 8) || !take(m, &bytes, length)) return false;
    m->at = bytes;
    return true;
}

static bool drop(pickle_machine *m)
{
    size_t floor = m->n_marks > 0 ? m->marks[m->n_marks - 1] : 0;
    if (m->stack.n == floor && m->n_marks > 0) { // Python drops the mark itself then
        m->n_marks--;
        return true;
    }
    return pop(m) != NULL;
}

static bool drop_marked(pickle_machine *m)
{
    ask_pickle_value *const *items = NULL;
    size_t n = 0;
    return pop_to_mark(m, &items, &n);
}

static bool put_numbered(pickle_machine *m, int n_bytes)
{
    uint64_t index = 0;
    return take_number(m, &index, n_bytes) && put(m, index);
}

static bool get_numbered(pickle_machine *m, int n_bytes)
{
    uint64_t index = 0;
    return take_number(m, &index, n_bytes) && get(m, index);
}

static bool do_opcode(pickle_machine *m, uint8_t opcode)
{
    uint64_t index = 0;
    switch (opcode) {
    case 0x80: // PROTO
        return check_protocol(m);
    case 0x95: // FRAME
        return check_frame(m);

    case 'N': // NONE
        return push_kind(m, ASK_PICKLE_NONE);
    case 0x88: // NEWTRUE
        return push_bool(m, true);
    case 0x89: // NEWFALSE
        return push_bool(m, false);
    case 'I': // INT
        return push_line(m, pickle_line_integer);
    case 'L': // LONG
        return push_line(m, pickle_line_long);
    case 'K': // BININT1
        return push_integer(m, 1, false);
    case 'M': // BININT2
        return push_integer(m, 2, false);
    case 'J': // BININT
        return push_integer(m, 4, true);
    case 0x8a: // LONG1
        return push_long(m, 1);
    case 0x8b: // LONG4
        return push_long(m, 4);
    case 'F': // FLOAT
        return push_line(m, pickle_line_float);
    case 'G': // BINFLOAT
        return push_float(m);

    case 'S': // STRING
        return push_line(m, pickle_line_string);
    case 'U': // SHORT_BINSTRING
        return push_counted(m, 1, pickle_new_string2);
    case 'T': // BINSTRING
        return push_counted(m, 4, pickle_new_string2);
    case 'V': // UNICODE
        return push_line(m, pickle_line_unicode);
    case 0x8c: // SHORT_BINUNICODE
        return push_counted(m, 1, pickle_new_string);
    case 'X': // BINUNICODE
        return push_counted(m, 4, pickle_new_string);
    case 0x8d: // BINUNICODE8
        return push_counted(m, 8, pickle_new_string);
    case 'C': // SHORT_BINBYTES
        return push_counted(m, 1, pickle_new_bytes);
    case 'B': // BINBYTES
        return push_counted(m, 4, pickle_new_bytes);
    case 0x8e: // BINBYTES8
    case 0x96: // BYTEARRAY8
        return push_counted(m, 8, pickle_new_bytes);

    case '(': // MARK
        return push_mark(m);
    case ')': // EMPTY_TUPLE
        return push_kind(m, ASK_PICKLE_TUPLE);
    case 0x85: // TUPLE1
        return push_tuple(m, 1);
    case 0x86: // TUPLE2
        return push_tuple(m, 2);
    case 0x87: // TUPLE3
        return push_tuple(m, 3);
    case 't': // TUPLE
        return push_marked(m, ASK_PICKLE_TUPLE);
    case ']': // EMPTY_LIST
        return push_kind(m, ASK_PICKLE_LIST);
    case 'l': // LIST
        return push_marked(m, ASK_PICKLE_LIST);
    case 'a': // APPEND
        return add_top(m, ASK_PICKLE_LIST, 1);
    case 'e': // APPENDS
        return add_marked(m, ASK_PICKLE_LIST);
    case '}': // EMPTY_DICT
        return push_kind(m, ASK_PICKLE_DICT);
    case 'd': // DICT
        return push_marked(m, ASK_PICKLE_DICT);
    case 's': // SETITEM
        return add_top(m, ASK_PICKLE_DICT, 2);
    case 'u': // SETITEMS
        return add_marked(m, ASK_PICKLE_DICT);
    case 0x8f: // EMPTY_SET
        return push_kind(m, ASK_PICKLE_SET);
    case 0x90: // ADDITEMS
        return add_marked(m, ASK_PICKLE_SET);
    case 0x91: // FROZENSET
        return push_marked(m, ASK_PICKLE_SET);

    case '0': // POP
        return drop(m);
    case '1': // POP_MARK
        return drop_marked(m);
    case '2': // DUP
        return push(m, top(m));
    case 'p': // PUT
        return take_index(m, &index) && put(m, index);
    case 'q': // BINPUT
        return put_numbered(m, 1);
    case 'r': // LONG_BINPUT
        return put_numbered(m, 4);
    case 0x94: // MEMOIZE
        return put(m, m->memo.n);
    case 'g': // GET
        return take_index(m, &index) && get(m, index);
    case 'h': // BINGET
        return get_numbered(m, 1);
    case 'j': // LONG_BINGET
        return get_numbered(m, 4);

    case 'c': // GLOBAL
        return push_name(m);
    case 0x93: // STACK_GLOBAL
        return push_stack_name(m);
    case 'R':  // REDUCE
    case 0x81: // NEWOBJ
        return push_call(m);
    case 0x92: // NEWOBJ_EX
        return push_call_with_names(m);
    case 'o': // OBJ
        return push_marked_call(m);
    case 'i': // INST
        return push_instance(m);
    case 'b': // BUILD
        return build(m);
    case 'P': // PERSID
        return push_persistent_line(m);
    case 'Q': // BINPERSID
        return push_persistent(m, pop(m));

    case 0x82: // EXT1
    case 0x83: // EXT2
    case 0x84: // EXT4
        return pickle_fail(
            m, ASK_ERR_UNSUPPORTED,
            "a name by number, from a registry of the program that wrote it");
    case 0x97: // NEXT_BUFFER
    case 0x98: // READONLY_BUFFER
        return pickle_fail(m, ASK_ERR_UNSUPPORTED, "a buffer outside the pickle");
    default:
        return pickle_fail(m, ASK_ERR_FORMAT, "no opcode is 0x%02x", opcode);
    }
}

static bool finish(pickle_machine *m)
{
    if (m->n_marks > 0 || m->stack.n != 1) {
        return pickle_fail(m, ASK_ERR_FORMAT, "it ends with %zu values instead of one",
                           m->stack.n);
    }
    return pickle_check(m, m->stack.at[0]);
}

static bool run(pickle_machine *m)
{
    for (;;) {
        m->opcode = m->at;
        if (m->at == m->end) return pickle_fail(m, ASK_ERR_FORMAT, "truncated: it goes on");
        uint8_t opcode = *m->at++;
        if (opcode == '.') return finish(m); // STOP
        if (!do_opcode(m, opcode)) return false;
    }
}

/* ---- opening ---- */

static bool parse(ask_pickle *p, const void *bytes, size_t n_bytes, size_t *n_used,
                  const char *name, const ask_pickle_options *options, ask_error *err)
{
    pickle_machine m = {.name = name,
                        .options = ask_pickle_defaults(),
                        .arena = p->arena,
                        .begin = bytes,
                        .at = bytes,
                        .end = (const uint8_t *)bytes + n_bytes,
                        .err = err};
    ask_options_take(&m.options, sizeof m.options, options);
    if (!ask_add_size(&m.max_bytes, m.options.max_bytes, n_bytes)) m.max_bytes = SIZE_MAX;
    bool ok = run(&m);
    size_t used = (size_t)(m.at - m.begin);
    if (ok && !n_used && used < n_bytes)
        ok = ask_fail(err, ASK_ERR_FORMAT, "%s: %zu bytes behind the pickle", name,
                      n_bytes - used);
    if (ok) p->root = m.stack.at[0];
    if (ok && n_used) *n_used = used;
    p->persistent = m.persistent;
    free(m.stack.at);
    free(m.memo.at);
    free(m.marks);
    return ok;
}

static ask_pickle *new_pickle(ask_error *err)
{
    ask_pickle *p = calloc(1, sizeof *p);
    if (p) p->arena = ask_arena_new(0);
    if (p && p->arena) return p;
    free(p);
    ask_fail_memory(err);
    return NULL;
}

ask_pickle *ask_pickle_parse(const void *bytes, size_t n_bytes, size_t *n_used,
                             const char *name, const ask_pickle_options *options,
                             ask_error *err)
{
    ask_pickle *p = new_pickle(err);
    if (!p || parse(p, bytes, n_bytes, n_used, name, options, err)) return p;
    ask_pickle_free(p);
    return NULL;
}

ask_pickle *ask_pickle_read(const char *path, const ask_pickle_options *options,
                            ask_error *err)
{
    ask_pickle *p = new_pickle(err);
    if (!p) return NULL;
    if (ask_map_open(&p->map, path, err) &&
        parse(p, p->map.data, p->map.n_bytes, NULL, path, options, err))
        return p;
    ask_pickle_free(p);
    return NULL;
}

void ask_pickle_free(ask_pickle *p)
{
    if (!p) return;
    ask_map_close(&p->map);
    ask_arena_free(p->arena);
    free(p->persistent.at);
    free(p);
}

const ask_pickle_value *ask_pickle_root(const ask_pickle *p)
{
    return p->root;
}

size_t ask_pickle_n_persistent(const ask_pickle *p)
{
    return p->persistent.n;
}

const ask_pickle_value *ask_pickle_persistent_at(const ask_pickle *p, size_t i)
{
    return p->persistent.at[i];
}
