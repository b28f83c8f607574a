#include "base/pickle.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "support/arrays.h"
#include "support/testing.h"

static const char *fixture(const char *name)
{
    char path[64];
    ask_format(path, sizeof path, "pickle/%s.pkl", name);
    return test_fixture(path);
}

static ask_pickle *read_fixture(const char *name)
{
    ask_error err = {0};
    ask_pickle *p = ask_pickle_read(fixture(name), NULL, &err);
    if (!p) fail_msg("%s: %s", name, err.message);
    return p;
}

/* ---- a value as text, as Python shows it ---- */

static void show(ask_str *out, const ask_pickle_value *v);

static void show_items(ask_str *out, const char *open, const ask_pickle_value *v,
                       const char *close)
{
    ask_str_append(out, open);
    for (size_t i = 0; i < v->items.n; i++) {
        bool is_value = v->kind == ASK_PICKLE_DICT && i % 2 == 1;
        if (i > 0) ask_str_append(out, is_value ? ":" : ",");
        show(out, v->items.at[i]);
    }
    ask_str_append(out, close);
}

static void show_bytes(ask_str *out, const char *open, const ask_pickle_value *v)
{
    ask_str_append(out, open);
    for (size_t i = 0; i < v->text.n_bytes; i++) {
        unsigned char c = (unsigned char)v->text.data[i];
        bool is_plain = c >= 0x20 && c < 0x7f;
        ask_str_printf(out, is_plain ? "%c" : "\\%02x", c);
    }
    ask_str_append(out, "'");
}

static void show_array(ask_str *out, const ask_npy *a)
{
    ask_str_append(out, ask_npy_type_name(a->type));
    for (int i = 0; i < a->n_dims; i++)
        ask_str_printf(out, "%s%lld", i ? "x" : "[", (long long)a->shape[i]);
    ask_str_append(out, a->n_dims ? "]" : "");
}

static void show(ask_str *out, const ask_pickle_value *v)
{
    switch (v->kind) {
    case ASK_PICKLE_NONE:
        ask_str_append(out, "None");
        return;
    case ASK_PICKLE_BOOL:
        ask_str_append(out, v->truth ? "True" : "False");
        return;
    case ASK_PICKLE_INT:
        ask_str_printf(out, "%lld", (long long)v->integer);
        return;
    case ASK_PICKLE_BIG_INT:
        show_bytes(out, "big'", v);
        return;
    case ASK_PICKLE_FLOAT:
        ask_str_printf(out, "%.17g", v->real);
        return;
    case ASK_PICKLE_STRING:
        show_bytes(out, "'", v);
        assert_int_equal(v->text.data[v->text.n_bytes], '\0');
        return;
    case ASK_PICKLE_BYTES:
        show_bytes(out, "b'", v);
        return;
    case ASK_PICKLE_TUPLE:
        show_items(out, "(", v, ")");
        return;
    case ASK_PICKLE_LIST:
        show_items(out, "[", v, "]");
        return;
    case ASK_PICKLE_SET:
        show_items(out, "set(", v, ")");
        return;
    case ASK_PICKLE_DICT:
        show_items(out, "{", v, "}");
        return;
    case ASK_PICKLE_ARRAY:
        show_array(out, v->array);
        return;
    case ASK_PICKLE_DTYPE:
        show_bytes(out, "dtype'", v);
        return;
    case ASK_PICKLE_NAME:
        show_bytes(out, "name'", v);
        return;
    case ASK_PICKLE_CALL:
        show_items(out, "call(", v, ")");
        return;
    case ASK_PICKLE_PERSISTENT:
        show_items(out, "persistent(", v, ")");
        return;
    }
}

static char *shown(const ask_pickle_value *v)
{
    ask_str text = {0};
    show(&text, v);
    return ask_str_take(&text, NULL);
}

static void check_shown(const char *name, const ask_pickle_value *v, const char *expected)
{
    if (!v) fail_msg("%s: not there", name);
    char *text = shown(v);
    if (strcmp(text, expected) != 0)
        fail_msg("%s:\n  is  %s\n  not %s", name, text, expected);
    free(text);
}

/* ---- plain values ---- */

static const struct {
    const char *key, *shown;
} plain_values[] = {
    {"none", "None"},
    {"bools", "[True,False]"},
    {"ints", "[0,1,-1,255,256,65535,65536,-129,2147483647,-2147483648,2147483648,"
             "9223372036854775807,-9223372036854775808]"},
    {"big",
     "[big'\\00\\00\\00\\00\\00\\00\\00\\80\\00',big'\\ff\\ff\\ff\\ff\\ff\\ff\\ff\\7f\\ff',"
     "big'\\ff\\ff\\ff\\ff\\ff\\ff\\ff\\ff\\00',big'l\\fc\\9cF\\f9 j\\a8P\\19',"
     "big'\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\ff']"},
    {"floats", "[0,-1.5,1e-300,1.7976931348623157e+308,inf,-inf,nan]"},
    {"tuples", "[(),(1),(1,2),(1,2,3),(1,2,3,4)]"},
    {"bytearray", "b'\\01\\fe'"},
    {"set", "set(7)"},
    {"frozenset", "set(8)"},
    {"empty_set", "set()"},
    {"dict", "{'a':1,2:'b',(3,4):None}"},
    {"ordered", "{'z':1,'a':2}"},
    {"default", "{'k':[1]}"},
    {"counter", "{'a':2,'b':1}"},
    {"namespace", "{'lr':0.5,'name':'n'}"},
    {"shared", "[['seen','twice'],['seen','twice']]"},
};

static void check_texts(const char *name, const ask_pickle_value *texts)
{
    static const struct {
        const char *text;
        size_t n_bytes;
    } expected[] = {
        {"", 0},
        {"plain", 5},
        {"quote ' and \"", 13},
        {"back\\slash", 10},
        {"line\nbreak", 10},
        {"nul\0in", 6},
        {"\xc3\xa9\xe4\xb8\xad\xf0\x9f\x8e\xa5", 9},
    };
    for (size_t i = 0; i < TEST_COUNT(expected); i++) {
        const ask_pickle_value *v = ask_pickle_item(texts, i);
        CHECK_CASE(name, ask_pickle_is(v, ASK_PICKLE_STRING));
        CHECK_CASE(name, v->text.n_bytes == expected[i].n_bytes);
        CHECK_CASE(name, memcmp(v->text.data, expected[i].text, v->text.n_bytes + 1) == 0);
    }
    const ask_pickle_value *last = ask_pickle_item(texts, 7);
    CHECK_CASE(name, last && last->text.n_bytes == 300 && strlen(last->text.data) == 300);
    CHECK_CASE(name, ask_pickle_item(texts, 8) == NULL);
}

static void check_byte_strings(const char *name, const ask_pickle_value *v)
{
    const ask_pickle_value *some = ask_pickle_item(v, 1), *all = ask_pickle_item(v, 2);
    CHECK_CASE(name, ask_pickle_item(v, 0)->text.n_bytes == 0);
    CHECK_CASE(name, some->kind == ASK_PICKLE_BYTES && some->text.n_bytes == 4);
    CHECK_CASE(name, memcmp(some->text.data, "\x00\x7f\x80\xff", 4) == 0);
    CHECK_CASE(name, all->text.n_bytes == 512);
    for (int i = 0; i < 512; i++)
        CHECK_CASE(name, (unsigned char)all->text.data[i] == (unsigned char)i);
}

static void every_protocol_gives_the_plain_values(void **state)
{
    (void)state;
    for (int protocol = 0; protocol <= 5; protocol++) {
        char name[16];
        ask_format(name, sizeof name, "plain_%d", protocol);
        ask_pickle *p = read_fixture(name);
        const ask_pickle_value *root = ask_pickle_root(p);
        CHECK_CASE(name, root->items.n == 2 * (TEST_COUNT(plain_values) + 3));
        for (size_t i = 0; i < TEST_COUNT(plain_values); i++) {
            check_shown(name, ask_pickle_find(root, plain_values[i].key),
                        plain_values[i].shown);
        }
        check_texts(name, ask_pickle_find(root, "texts"));
        check_byte_strings(name, ask_pickle_find(root, "bytes"));
        const ask_pickle_value *list = ask_pickle_find(root, "long");
        CHECK_CASE(name, list->kind == ASK_PICKLE_LIST && list->items.n == 2500);
        for (int i = 0; i < 2500; i++)
            CHECK_CASE(name, ask_pickle_item(list, (size_t)i)->integer == i);
        const ask_pickle_value *shared = ask_pickle_find(root, "shared");
        CHECK_CASE(name, ask_pickle_item(shared, 0) == ask_pickle_item(shared, 1));
        ask_pickle_free(p);
    }
}

/* ---- arrays ---- */

static void check_count(const char *name, const ask_npy *a, double first)
{
    size_t n = a->bytes / ask_npy_type_bytes(a->type);
    assert_int_equal((uintptr_t)a->data % ask_npy_type_bytes(a->type), 0);
    for (size_t i = 0; i < n; i++) {
        if (array_element(a, i) != first + (double)i)
            fail_msg("%s: element %zu is %g", name, i, array_element(a, i));
    }
}

static void check_number_arrays(const char *name, const ask_pickle_value *root)
{
    static const char *const codes[] = {"i1", "i2", "i4", "i8", "u1", "u2",
                                        "u4", "u8", "f2", "f4", "f8"};
    for (size_t i = 0; i < TEST_COUNT(codes); i++) {
        char key[16], expected[16];
        double first = codes[i][0] == 'u' ? 0 : -3;
        ask_format(expected, sizeof expected, "%s[2x3]", codes[i]);
        const ask_pickle_value *v = ask_pickle_find(root, codes[i]);
        check_shown(name, v, expected);
        check_count(codes[i], v->array, first);
        ask_format(key, sizeof key, "%s_big", codes[i]);
        v = ask_pickle_find(root, key);
        if (!v) continue;
        check_shown(name, v, expected);
        check_count(key, v->array, first);
    }
}

static void check_odd_arrays(const char *name, const ask_pickle_value *root)
{
    static const struct {
        const char *key, *shown;
        int n;
        double values[6];
    } cases[] = {
        {"bool", "bool[2x3]", 6, {1, 0, 1, 0, 0, 1}},
        {"strided", "f4[2x2]", 4, {-3, 0, 9, 12}},
        {"point", "i4", 1, {7}},
        {"empty", "f4[0x5]", 0, {0}},
        {"scalar_f4", "f4", 1, {-1.5}},
        {"scalar_i8", "i8", 1, {-1099511627776.0}},
        {"scalar_bool", "bool", 1, {1}},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const ask_pickle_value *v = ask_pickle_find(root, cases[i].key);
        check_shown(name, v, cases[i].shown);
        for (int k = 0; k < cases[i].n; k++)
            CHECK_CASE(cases[i].key,
                       array_element(v->array, (size_t)k) == cases[i].values[k]);
    }
    const ask_pickle_value *fortran = ask_pickle_find(root, "fortran");
    check_shown(name, fortran, "i4[2x3x4]");
    check_count("fortran", fortran->array, -3);
    check_shown(name, ask_pickle_find(root, "type"), "dtype'>f4'");
}

static void every_protocol_gives_the_arrays(void **state)
{
    (void)state;
    static const char *const names[] = {"arrays_0", "arrays_1", "arrays_2", "arrays_3",
                                        "arrays_4", "arrays_5", "numpy1_2"};
    for (size_t i = 0; i < TEST_COUNT(names); i++) {
        ask_pickle *p = read_fixture(names[i]);
        check_number_arrays(names[i], ask_pickle_root(p));
        check_odd_arrays(names[i], ask_pickle_root(p));
        ask_pickle_free(p);
    }
}

static void strings_of_python_2_are_text_where_they_can_be(void **state)
{
    (void)state;
    ask_pickle *p = read_fixture("python2");
    check_shown("python2", ask_pickle_root(p),
                "{'text':'plain','raw':b'\\ff\\00','array':i2[2]}");
    const ask_npy *a = ask_pickle_find(ask_pickle_root(p), "array")->array;
    assert_true(array_element(a, 0) == 1 && array_element(a, 1) == -2);
    ask_pickle_free(p);
}

/* ---- what must be refused ---- */

static void what_is_not_plain_data_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        ask_error_code code;
        const char *message;
    } cases[] = {
        {"text_array", ASK_ERR_UNSUPPORTED, "holds text (type '<U2')"},
        {"object_array", ASK_ERR_UNSUPPORTED, "holds Python objects (type '|O8')"},
        {"complex_array", ASK_ERR_UNSUPPORTED, "holds complex numbers (type '<c8')"},
        {"records", ASK_ERR_UNSUPPORTED, "an array of records"},
        {"date", ASK_ERR_UNSUPPORTED, "it asks for datetime.date, which is not read"},
        {"function", ASK_ERR_UNSUPPORTED, "it asks for posix.getcwd, which is not read"},
        {"itself", ASK_ERR_UNSUPPORTED, "a list that contains itself"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char name[32];
        ask_error err = {0};
        ask_format(name, sizeof name, "refused_%s", cases[i].name);
        CHECK_CASE(name, !ask_pickle_read(fixture(name), NULL, &err));
        if (err.code != cases[i].code || !strstr(err.message, cases[i].message))
            fail_msg("%s: %s: %s", name, ask_error_name(err.code), err.message);
    }
}

typedef struct {
    const char *name;
    const char *bytes;
    size_t n_bytes;
    ask_error_code code;
    const char *message;
} bad_case;

#define BAD(name, text, code, message)                                                     \
    {                                                                                      \
        name, text, sizeof(text) - 1, code, message                                        \
    }

static const bad_case bad_cases[] = {
    BAD("nothing", "", ASK_ERR_FORMAT, "f: byte 0 of the pickle: truncated: it goes on"),
    BAD("no end", "N", ASK_ERR_FORMAT, "f: byte 1 of the pickle: truncated: it goes on"),
    BAD("something behind", "N.N", ASK_ERR_FORMAT, "f: 1 bytes behind the pickle"),
    BAD("no value", ".", ASK_ERR_FORMAT,
        "f: byte 0 of the pickle: it ends with 0 values instead of one"),
    BAD("two values", "NN.", ASK_ERR_FORMAT, "it ends with 2 values instead of one"),
    BAD("a mark left", "(N.", ASK_ERR_FORMAT, "it ends with 1 values instead of one"),
    BAD("unknown opcode", "N\xff.", ASK_ERR_FORMAT,
        "f: byte 1 of the pickle: no opcode is 0xff"),
    BAD("protocol 6", "\x80\x06N.", ASK_ERR_UNSUPPORTED, "protocol 6; 0 to 5 are read"),
    BAD("a frame beyond the end", "\x95\x09\0\0\0\0\0\0\0N.", ASK_ERR_FORMAT,
        "truncated: 9 bytes needed, 2 left"),
    BAD("a length beyond the end", "\x8e\xff\xff\xff\xff\xff\xff\xff\xffz.", ASK_ERR_FORMAT,
        "truncated: 18446744073709551615 bytes needed, 2 left"),
    BAD("a long beyond the end", "\x8b\xff\xff\xff\xff.", ASK_ERR_FORMAT,
        "truncated: 4294967295 bytes needed, 1 left"),
    BAD("not UTF-8", "U\1\xffX\1\0\0\0\xff\x86.", ASK_ERR_FORMAT,
        "a text that is not UTF-8"),
    BAD("no mark", "t.", ASK_ERR_FORMAT, "no mark is on the stack"),
    BAD("pops too much", "N00.", ASK_ERR_FORMAT, "nothing is on the stack"),
    BAD("takes from under a mark", "N(\x85.", ASK_ERR_FORMAT, "nothing is on the stack"),
    BAD("a key without a value", "}(Nu.", ASK_ERR_FORMAT, "a key without a value"),
    BAD("adds to a number", "K\1Na.", ASK_ERR_FORMAT,
        "expected a list to add to, got an integer"),
    BAD("adds members to a list", "](NNu.", ASK_ERR_FORMAT,
        "expected a dictionary to add to, got a list"),
    BAD("empty memo", "h\0.", ASK_ERR_FORMAT, "memo 0 is empty"),
    BAD("memo of a hole", "Nq\1h\0\x86.", ASK_ERR_FORMAT, "memo 0 is empty"),
    BAD("a huge memo index", "Nr\xff\xff\xff\xff.", ASK_ERR_FORMAT,
        "memo 4294967295, more than could be needed here"),
    BAD("a memo index beyond 64 bits", "Np99999999999999999999\n.", ASK_ERR_FORMAT,
        "malformed memo index"),
    BAD("nothing to remember", "q\0N.", ASK_ERR_FORMAT, "nothing is on the stack"),
    BAD("runs a command", "cos\nsystem\n(S'true'\ntR.", ASK_ERR_UNSUPPORTED,
        "f: byte 0 of the pickle: it asks for os.system, which is not read (nothing is "
        "imported or executed)"),
    BAD("runs a command by name", "\x8c\2os\x8c\6system\x93.", ASK_ERR_UNSUPPORTED,
        "it asks for os.system"),
    BAD("runs a command as an instance", "(S'true'\nios\nsystem\n.", ASK_ERR_UNSUPPORTED,
        "it asks for os.system"),
    BAD("evaluates", "c__builtin__\neval\n(S'1'\ntR.", ASK_ERR_UNSUPPORTED,
        "it asks for builtins.eval"),
    BAD("reads attributes", "cbuiltins\ngetattr\n.", ASK_ERR_UNSUPPORTED,
        "it asks for builtins.getattr"),
    BAD("hides behind a known module",
        "\x8c\x0b"
        "collections\x8c\x10_sys.modules.get\x93.",
        ASK_ERR_UNSUPPORTED, "it asks for collections._sys.modules.get"),
    BAD("a name with a NUL", "\x8c\1a\x8c\1\0\x93.", ASK_ERR_FORMAT,
        "no name of a class or function"),
    BAD("a name that is no string", "NN\x93.", ASK_ERR_FORMAT, "a name that is no string"),
    BAD("calls a string", "U\1a)R.", ASK_ERR_FORMAT,
        "expected a name and a tuple, got a string and a tuple"),
    BAD("calls a type", "cbuiltins\nint\n)R.", ASK_ERR_UNSUPPORTED,
        "it calls builtins.int, which is not read"),
    BAD("a state for a string", "U\1a)b.", ASK_ERR_UNSUPPORTED,
        "it gives a string a state"),
    BAD("a name by number", "\x82\1.", ASK_ERR_UNSUPPORTED, "a name by number"),
    BAD("a buffer outside", "\x97.", ASK_ERR_UNSUPPORTED, "a buffer outside the pickle"),
    BAD("a value outside", "NQ.", ASK_ERR_UNSUPPORTED, "a value that lies outside"),
    BAD("a dictionary of no pairs", "ccollections\nOrderedDict\n(](Nea\x85R.",
        ASK_ERR_FORMAT, "nothing is on the stack"),
    BAD("a dictionary of singles",
        "ccollections\nOrderedDict\n]N\x85"
        "a\x85R.",
        ASK_ERR_FORMAT, "a dictionary made of what are no pairs"),
    BAD("a namespace put into itself", "cargparse\nNamespace\n)\x81q\0h\0b.",
        ASK_ERR_FORMAT, "a dictionary that is put into itself"),
    BAD("malformed integer", "I12x\n.", ASK_ERR_FORMAT, "malformed integer"),
    BAD("malformed float", "F1,5\n.", ASK_ERR_FORMAT, "malformed float"),
    BAD("a string without quotes", "Sabc\n.", ASK_ERR_FORMAT, "malformed string"),
    BAD("an unknown escape", "S'\\z'\n.", ASK_ERR_FORMAT, "malformed escape"),
    BAD("a cut escape", "S'\\x1'\n.", ASK_ERR_FORMAT, "malformed escape"),
    BAD("half a character", "V\\ud83c\n.", ASK_ERR_FORMAT, "malformed character"),
    BAD("an array without data",
        "cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\n\x85R.", ASK_ERR_FORMAT,
        "an array without its data"),
    BAD("a tuple in itself by a list",
        "]q\0h\0\x85"
        "a.",
        ASK_ERR_UNSUPPORTED, "that contains itself"),
};

static void malformed_pickles_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(bad_cases); i++) {
        const bad_case *c = &bad_cases[i];
        ask_error err = {0};
        ask_pickle *p = ask_pickle_parse(c->bytes, c->n_bytes, NULL, "f", NULL, &err);
        CHECK_CASE(c->name, !p);
        if (err.code != c->code || !strstr(err.message, c->message))
            fail_msg("%s: %s: %s", c->name, ask_error_name(err.code), err.message);
    }
}

/* ---- sizes ---- */

#define DTYPE                                                                              \
    "cnumpy\ndtype\nU\2f4K\0K\1\x87R(K\3U\1<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb"

static void arrays_whose_shape_lies_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name, *shape;
        const char *message;
    } cases[] = {
        {"too small", "K\1\x85", "an array whose shape does not fit its 8 bytes of data"},
        {"too large", "K\3\x85", "an array whose shape does not fit its 8 bytes of data"},
        {"negative", "J\xff\xff\xff\xff\x85", "an array whose shape does not fit"},
        {"overflows", "L4611686018427387904\nL4\n\x86",
         "an array whose shape does not fit"},
        {"beyond 64 bits", "L99999999999999999999\n\x85", "an array's size is no integer"},
        {"no tuple", "K\2", "an array's shape is no tuple"},
        {"nine dimensions", "(K\2K\1K\1K\1K\1K\1K\1K\1K\1t",
         "an array of more than 8 dimensions"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        // No NUL is in these texts but that of DTYPE, which is a part of its own.
        static const char begin[] =
            "cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\n\x85R(K\1";
        ask_str text = {0};
        ask_str_append_bytes(&text, begin, sizeof begin - 1);
        ask_str_append(&text, cases[i].shape);
        ask_str_append_bytes(&text, DTYPE, sizeof DTYPE - 1);
        ask_str_append(&text, "\x89U\x08"
                              "abcdefghtb.");
        ask_error err = {0};
        CHECK_CASE(cases[i].name,
                   !ask_pickle_parse(text.data, text.length, NULL, "f", NULL, &err));
        if (!strstr(err.message, cases[i].message))
            fail_msg("%s: %s", cases[i].name, err.message);
        ask_str_free(&text);
    }
}

static void depth_is_limited(void **state)
{
    (void)state;
    char bytes[2 + 300];
    for (int depth = 100; depth <= 300; depth += 200) {
        bytes[0] = ')';
        memset(bytes + 1, '\x85', (size_t)depth - 1);
        bytes[depth] = '.';
        ask_error err = {0};
        ask_pickle *p = ask_pickle_parse(bytes, (size_t)depth + 1, NULL, "f", NULL, &err);
        assert_int_equal(p != NULL, depth == 100);
        if (!p) {
            assert_int_equal(err.code, ASK_ERR_LIMIT);
            assert_non_null(strstr(err.message, "deeper in each other than 100 levels"));
        }
        ask_pickle_free(p);
    }
}

static void a_value_doubled_sixty_times_is_too_large(void **state)
{
    (void)state;
    ask_str text = {0};
    ask_str_append_char(&text, 'N');
    for (int i = 0; i < 60; i++) ask_str_append(&text, "2\x86");
    ask_str_append_char(&text, '.');
    ask_error err = {0};
    assert_null(ask_pickle_parse(text.data, text.length, NULL, "f", NULL, &err));
    assert_int_equal(err.code, ASK_ERR_LIMIT);
    assert_non_null(strstr(err.message, "more than 33554432 values"));
    ask_str_free(&text);
}

static void memory_is_limited(void **state)
{
    (void)state;
    ask_pickle_options options = ask_pickle_defaults();
    options.max_bytes = 10000;
    ask_str text = {0};
    ask_str_append_char(&text, '(');
    for (int i = 0; i < 1000; i++) ask_str_append_char(&text, ')');
    ask_str_append(&text, "t.");
    ask_error err = {0};
    assert_null(ask_pickle_parse(text.data, text.length, NULL, "f", &options, &err));
    assert_int_equal(err.code, ASK_ERR_LIMIT);
    assert_non_null(strstr(err.message, "its values need more than"));
    ask_str_free(&text);
}

static void no_beginning_of_a_pickle_is_one(void **state)
{
    (void)state;
    static const char *const names[] = {"plain_0", "plain_2", "plain_5", "arrays_2"};
    for (size_t i = 0; i < TEST_COUNT(names); i++) {
        size_t n_bytes;
        char *bytes = test_read(fixture(names[i]), &n_bytes);
        for (size_t n = 0; n < n_bytes; n += 1 + n / 16) {
            char *part = malloc(n + 1); // of its own, for the sanitizer to guard its end
            memcpy(part, bytes, n);
            ask_error err = {0};
            CHECK_CASE(names[i], !ask_pickle_parse(part, n, NULL, "f", NULL, &err));
            CHECK_CASE(names[i], err.code == ASK_ERR_FORMAT);
            free(part);
        }
        free(bytes);
    }
}

/* ---- the caller's part ---- */

static bool sells(const char *name)
{
    return strcmp(name, "shop.buy") == 0;
}

static void names_of_the_caller_become_calls(void **state)
{
    (void)state;
    static const char text[] = "\x80\2(cshop\nbuy\n)Rt.N";
    ask_pickle_options options = ask_pickle_defaults();
    options.knows = sells;
    ask_error err = {0};
    size_t used = 0;
    assert_null(ask_pickle_parse(text, sizeof text - 1, &used, "f", NULL, &err));
    assert_int_equal(used, 0);
    static const char plain[] = "\x80\2(cshop\nbuy\nq\0(K\3U\5appletR)h\0t.N";
    ask_pickle *p = ask_pickle_parse(plain, sizeof plain - 1, &used, "f", &options, &err);
    CHECK_OK(p, &err);
    assert_int_equal(used, sizeof plain - 2);
    check_shown("calls", ask_pickle_root(p),
                "(call(name'shop.buy',3,'apple'),(),name'shop.buy')");
    ask_pickle_free(p);
}

static void persistent_values_are_listed(void **state)
{
    (void)state;
    static const char text[] = "(U\1aQPb\nK\7Q0t.";
    ask_pickle_options options = ask_pickle_defaults();
    options.persistent = true;
    ask_error err = {0};
    ask_pickle *p = ask_pickle_parse(text, sizeof text - 1, NULL, "f", &options, &err);
    CHECK_OK(p, &err);
    check_shown("persistent", ask_pickle_root(p), "(persistent('a'),persistent('b'))");
    assert_int_equal(ask_pickle_n_persistent(p), 3);
    check_shown("the third", ask_pickle_persistent_at(p, 2), "persistent(7)");
    ask_pickle_free(p);
}

static void the_last_of_equal_keys_counts(void **state)
{
    (void)state;
    static const char text[] = "}(U\1aK\1U\1bK\2U\1aK\3u.";
    ask_error err = {0};
    ask_pickle *p = ask_pickle_parse(text, sizeof text - 1, NULL, "f", NULL, &err);
    CHECK_OK(p, &err);
    assert_int_equal(ask_pickle_find(ask_pickle_root(p), "a")->integer, 3);
    assert_null(ask_pickle_find(ask_pickle_root(p), "c"));
    assert_null(ask_pickle_find(NULL, "a"));
    assert_null(ask_pickle_item(ask_pickle_root(p), 0));
    ask_pickle_free(p);
}

static bool read_whole(void *user, ask_error *err)
{
    ask_pickle *p = ask_pickle_read(user, NULL, err);
    ask_pickle_free(p);
    return p != NULL;
}

static void a_failing_allocation_is_told(void **state)
{
    (void)state;
    static const char *const names[] = {"plain_0", "plain_4", "arrays_2", "arrays_5"};
    for (size_t i = 0; i < TEST_COUNT(names); i++) {
        char path[512];
        ask_format(path, sizeof path, "%s", fixture(names[i]));
        assert_true(test_each_alloc_fails(names[i], read_whole, path) > 3);
    }
}

static void a_missing_file_is_told(void **state)
{
    (void)state;
    ask_error err = {0};
    assert_null(ask_pickle_read("/nowhere/at.pkl", NULL, &err));
    assert_int_equal(err.code, ASK_ERR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_protocol_gives_the_plain_values),
        cmocka_unit_test(every_protocol_gives_the_arrays),
        cmocka_unit_test(strings_of_python_2_are_text_where_they_can_be),
        cmocka_unit_test(what_is_not_plain_data_is_refused),
        cmocka_unit_test(malformed_pickles_are_refused),
        cmocka_unit_test(arrays_whose_shape_lies_are_refused),
        cmocka_unit_test(depth_is_limited),
        cmocka_unit_test(a_value_doubled_sixty_times_is_too_large),
        cmocka_unit_test(memory_is_limited),
        cmocka_unit_test(no_beginning_of_a_pickle_is_one),
        cmocka_unit_test(names_of_the_caller_become_calls),
        cmocka_unit_test(persistent_values_are_listed),
        cmocka_unit_test(the_last_of_equal_keys_counts),
        cmocka_unit_test(a_failing_allocation_is_told),
        cmocka_unit_test(a_missing_file_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
