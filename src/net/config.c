#include "net/config.h"

#include <stdarg.h>

#include "base/str.h"

bool ask_config_int(int64_t *out, ask_json_value v, const char *key, int64_t min,
                    int64_t max, int64_t fallback, ask_error *err)
{
    return ask_json_opt_int(out, v, key, min, max, fallback, err) ||
           ask_fail_as(err, ASK_ERR_MODEL);
}

bool ask_config_size(int *out, ask_json_value v, const char *key, int max, int fallback,
                     ask_error *err)
{
    int64_t size;
    if (!ask_config_int(&size, v, key, 1, max, fallback, err)) return false;
    *out = (int)size;
    return true;
}

bool ask_config_double(double *out, ask_json_value v, const char *key, double min,
                       double max, double fallback, ask_error *err)
{
    double value;
    if (!ask_json_opt_double(&value, v, key, fallback, err))
        return ask_fail_as(err, ASK_ERR_MODEL);
    if (!(value >= min && value <= max))
        return ask_config_fail(v, key, err, "expected a number from %g to %g, got %g", min,
                               max, value);
    *out = value;
    return true;
}

bool ask_config_positive(double *out, ask_json_value v, const char *key, double fallback,
                         ask_error *err)
{
    double value;
    if (!ask_config_double(&value, v, key, 0, ASK_MAX_SCALE, fallback, err)) return false;
    if (value == 0) return ask_config_fail(v, key, err, "expected a number above 0, got 0");
    *out = value;
    return true;
}

bool ask_config_says(ask_json_value v, const char *key)
{
    ask_json_type type = ask_json_type_of(ask_json_find(v, key));
    return type != ASK_JSON_ABSENT && type != ASK_JSON_NULL;
}

bool ask_config_bool(bool *out, ask_json_value v, const char *key, bool fallback,
                     ask_error *err)
{
    if (ask_config_says(v, key))
        return ask_json_get_bool(out, v, key, err) || ask_fail_as(err, ASK_ERR_MODEL);
    *out = fallback;
    return true;
}

bool ask_config_object(ask_json_value *out, ask_json_value v, const char *key,
                       ask_error *err)
{
    if (!ask_config_says(v, key)) {
        *out = (ask_json_value){0};
        return true;
    }
    return ask_json_get_object(out, v, key, err) || ask_fail_as(err, ASK_ERR_MODEL);
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
        ask_json_fail(found, err, "%s", message);
    else if (ask_json_type_of(v) != ASK_JSON_ABSENT)
        ask_json_fail(v, err, "key \"%s\", which is absent: %s", key, message);
    else
        ask_fail(err, ASK_ERR_MODEL, "key \"%s\", which is absent: %s", key, message);
    return ask_fail_as(err, ASK_ERR_MODEL);
}

bool ask_config_shared(ask_json_value v, const char *key, int width, int n_heads,
                       ask_error *err)
{
    return width % n_heads == 0 ||
           ask_config_fail(v, key, err, "%d is no multiple of %d heads", width, n_heads);
}
