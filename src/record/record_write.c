#include "base/json_write.h"
#include "record/record_fields_priv.h"

static void put_texts(ask_json_writer *w, const char *key, const ask_record_texts *texts)
{
    ask_json_open_array(w, key);
    for (size_t i = 0; i < texts->n; i++) ask_json_put_string(w, NULL, texts->items[i]);
    ask_json_close(w);
}

static void put_reals(ask_json_writer *w, const char *key, const ask_record_reals *reals)
{
    ask_json_open_array(w, key);
    for (size_t i = 0; i < reals->n; i++) ask_json_put_double(w, NULL, reals->items[i]);
    ask_json_close(w);
}

static void put_pairs(ask_json_writer *w, const char *key, const ask_record_pairs *pairs)
{
    ask_json_open_object(w, key);
    for (size_t i = 0; i < pairs->n; i++)
        ask_json_put_string(w, pairs->items[i].name, pairs->items[i].text);
    ask_json_close(w);
}

static void put_ratio(ask_json_writer *w, const char *key, const int64_t ratio[2])
{
    ask_json_open_array(w, key);
    ask_json_put_int(w, NULL, ratio[0]);
    ask_json_put_int(w, NULL, ratio[1]);
    ask_json_close(w);
}

static void put_fields(ask_json_writer *w, const record_struct *s, const void *object);

static void put_struct(ask_json_writer *w, const char *key, const record_struct *s,
                       const void *object)
{
    ask_json_open_object(w, key);
    put_fields(w, s, object);
    ask_json_close(w);
}

static void put_list(ask_json_writer *w, const record_field *f, const void *items, size_t n)
{
    ask_json_open_array(w, f->key);
    for (size_t i = 0; i < n; i++) put_struct(w, NULL, f->of, field_item(items, f, i));
    ask_json_close(w);
}

/* A field that is there. */
static void put_field(ask_json_writer *w, const record_field *f, const void *object)
{
    const void *value = field_in(object, f->at);
    switch (f->kind) {
    case FIELD_TEXT:
        ask_json_put_string(w, f->key, *(const char *const *)value);
        break;
    case FIELD_INT:
        ask_json_put_int(w, f->key, *(const int64_t *)value);
        break;
    case FIELD_REAL:
        ask_json_put_double(w, f->key, *(const double *)value);
        break;
    case FIELD_BOOL:
        ask_json_put_bool(w, f->key, *(const bool *)value);
        break;
    case FIELD_WORD:
        ask_json_put_string(w, f->key, f->words[*(const int *)value]);
        break;
    case FIELD_RATIO:
        put_ratio(w, f->key, value);
        break;
    case FIELD_MAYBE_INT:
        ask_json_put_int(w, f->key, ((const ask_maybe_int *)value)->value);
        break;
    case FIELD_MAYBE_REAL:
        ask_json_put_double(w, f->key, ((const ask_maybe_real *)value)->value);
        break;
    case FIELD_MAYBE_BOOL:
        ask_json_put_bool(w, f->key, ((const ask_maybe_bool *)value)->value);
        break;
    case FIELD_STRUCT:
        put_struct(w, f->key, f->of, value);
        break;
    case FIELD_PART:
        put_struct(w, f->key, f->of, field_pointer(object, f));
        break;
    case FIELD_LIST:
        put_list(w, f, field_pointer(object, f), field_count(object, f));
        break;
    case FIELD_TEXTS:
        put_texts(w, f->key, value);
        break;
    case FIELD_REALS:
        put_reals(w, f->key, value);
        break;
    case FIELD_PAIRS:
        put_pairs(w, f->key, value);
        break;
    }
}

static void put_fields(ask_json_writer *w, const record_struct *s, const void *object)
{
    for (const record_field *f = s->fields; f->key; f++) {
        if (field_is_known(object, f)) put_field(w, f, object);
    }
}

bool ask_record_write(ask_str *out, const ask_record *r, ask_error *err)
{
    ask_error fault = {0};
    if (!ask_record_check(r, "record", &fault)) {
        if (fault.code == ASK_ERR_FORMAT) fault.code = ASK_ERR_BUG;
        return ask_fail(err, fault.code, "%s", fault.message);
    }
    ask_str text = {0};
    ask_json_writer w = {.out = &text, .pretty = true};
    ask_json_open_object(&w, NULL);
    ask_json_put_string(&w, "schema", ask_record_schema(r->kind));
    put_fields(&w, &record_fields, r);
    ask_json_close(&w);
    ask_str_append_char(&text, '\n');
    bool ok = !text.failed;
    if (ok) ask_str_append_bytes(out, text.data, text.length);
    ok = ok && !out->failed;
    ask_str_free(&text);
    return ok || ask_fail_memory(err);
}
