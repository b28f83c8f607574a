/* A vocabulary from JSON: an object of texts and their ids. */
#include "text/vocab_priv.h"

bool ask_vocab_read(ask_vocab *out, ask_arena *arena, ask_json_value object, ask_error *err)
{
    int64_t id, max_id = -1;
    for (ask_json_walk m = {0}; ask_json_next(object, &m);) {
        if (!ask_json_get_int(&id, m.value, NULL, 0, ASK_VOCAB_MAX_ID, err)) return false;
        if (id > max_id) max_id = id;
    }
    if (!ask_vocab_init(out, arena, ask_json_count(object), max_id, err)) return false;
    for (ask_json_walk m = {0}; ask_json_next(object, &m);) {
        if (!ask_json_get_int(&id, m.value, NULL, 0, ASK_VOCAB_MAX_ID, err)) return false;
        const ask_vocab_entry *other = ask_vocab_at(out, id);
        if (other) return ask_json_fail(m.value, err, "has the same id as %s", other->text);
        if (!ask_vocab_add(out, arena, m.key, (int32_t)id, err)) return false;
    }
    return true;
}
