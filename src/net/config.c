#include "net/config.h"

#include <stdarg.h>

#include "base/str.h"

/* What base/json.h calls malformed is a model that cannot be used. */
static bool blame_model(bool ok, ask_error *err)
{
    if (!ok && err && err->code != ASK_ERR_NOMEM) err->code = ASK_ERR_MODEL;
    return ok;
}

bool ask_config_int(int64_t *out, ask_json_value v, const char *key, int64_t min,
                    int64_t max, int64_t fallback, ask_error *err)
{
    return blame_model(ask_json_opt_int(out, v, key, min, max, fallback, err), err);
}

bool ask_config_size(int *out, ask_json_value v, const char *key, int max, int fallback,
                     ask_error *err)
{
    int64_t size;
    if (!ask_config_int(&size, v, key, 1, max, fallback, err)) return false;
    *out = (int)size;
    return true;
}

bool ask_config_double(double *out, ask_json_value v, const char *key, double fallback,
                       ask_error *err)
{
    return blame_model(ask_json_opt_double(out, v, key, fallback, err), err);
}

bool ask_config_positive(double *out, ask_json_value v, const char *key, double fallback,
                         ask_error *err)
{
    double value;
    if (!ask_config_double(&value, v, key, fallback, err)) return false;
    if (!(value > 0))
        return ask_config_fail(v, key, err, "expected a number above 0, got %g", value);
    *out = value;
    return true;
}

bool ask_config_object(ask_json_value *out, ask_json_value v, const char *key,
                       ask_error *err)
{
    ask_json_value found = ask_json_find(v, key);
    ask_json_type type = ask_json_type_of(found);
    if (type == ASK_JSON_ABSENT || type == ASK_JSON_NULL) {
        *out = (ask_json_value){0};
        return true;
    }
    return blame_model(ask_json_get_object(out, v, key, err), err);
}

bool ask_config_fail(ask_json_value v, const char *key, ask_error *err, const char *format,
                     ...)
{
    char message[ASK_ERROR_MESSAGE_BYTES];
    va_list args;
    va_start(args, format);
    ask_vformat(message, sizeof message, format, args);
    va_end(args);
    ask_json_value found = ask_json_find(v, key);
    if (ask_json_type_of(found) != ASK_JSON_ABSENT)
        return blame_model(ask_json_fail(found, err, "%s", message), err);
    if (ask_json_type_of(v) != ASK_JSON_ABSENT)
        return blame_model(
            ask_json_fail(v, err, "key \"%s\", which is absent: %s", key, message), err);
    return ask_fail(err, ASK_ERR_MODEL, "key \"%s\", which is absent: %s", key, message);
}
