/* net/config.h - sizes of networks, read from config.json.
 *
 * As base/json.h reads them, except that what is wrong is the model's fault: ASK_ERR_MODEL,
 * with file and key. An absent key or a null gives the fallback. */
#ifndef ASK_NET_CONFIG_H
#define ASK_NET_CONFIG_H

#include "base/json.h"

/* The most that is taken for a width, a number of layers, ...: more is a damaged file. */
enum {
    ASK_MAX_WIDTH = 1 << 20,
    ASK_MAX_LAYERS = 1000,
    ASK_MAX_SIDE_PX = 1 << 14,
    ASK_MAX_CHANNELS = 1024,
    ASK_MAX_CONTEXT = 1 << 20,
    ASK_MAX_VOCAB = 1 << 24,
    ASK_MAX_SCALE =
        1000000, // of factors and deviations: products of two stay finite in f32
};

/* An integer from 1 to max. */
ASK_API bool ask_config_size(int *out, ask_json_value v, const char *key, int max,
                             int fallback, ask_error *err);
ASK_API bool ask_config_int(int64_t *out, ask_json_value v, const char *key, int64_t min,
                            int64_t max, int64_t fallback, ask_error *err);
/* A number greater than 0, up to ASK_MAX_SCALE. */
ASK_API bool ask_config_positive(double *out, ask_json_value v, const char *key,
                                 double fallback, ask_error *err);
/* A number from min to max. */
ASK_API bool ask_config_double(double *out, ask_json_value v, const char *key, double min,
                               double max, double fallback, ask_error *err);

/* Whether it says that key: it is there, and no null. */
ASK_API bool ask_config_says(ask_json_value v, const char *key);

/* The object of that key; an absent one (or null) gives an absent value. */
ASK_API bool ask_config_bool(bool *out, ask_json_value v, const char *key, bool fallback,
                             ask_error *err);
ASK_API bool ask_config_object(ask_json_value *out, ask_json_value v, const char *key,
                               ask_error *err);

/* Whether the width, which that key says, is a multiple of the heads that share it. */
ASK_API bool ask_config_shared(ask_json_value v, const char *key, int width, int n_heads,
                               ask_error *err);

/* ask_json_fail for key of v, as ASK_ERR_MODEL. Returns false. */
ASK_API bool ask_config_fail(ask_json_value v, const char *key, ask_error *err,
                             const char *format, ...) ASK_PRINTF(4, 5);

#endif
