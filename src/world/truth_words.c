#include "world/truth_priv.h"

int ask_truth_n_words(ask_truth_words of)
{
    static const int n[] = {
        [ASK_WORDS_COLOR] = ASK_N_COLORS,      [ASK_WORDS_SHAPE] = ASK_N_SHAPES,
        [ASK_WORDS_SIZE] = ASK_N_SIZES,        [ASK_WORDS_TEXTURE] = ASK_N_TEXTURES,
        [ASK_WORDS_PLACE] = ASK_N_PLACES,      [ASK_WORDS_EVENT] = ASK_N_EVENTS,
        [ASK_WORDS_SPLIT] = ASK_N_SPLITS,      [ASK_WORDS_QUESTION] = ASK_N_QUESTION_TYPES,
        [ASK_WORDS_FAMILY] = ASK_N_FAMILIES,   [ASK_WORDS_SAYING] = ASK_N_SAYINGS,
        [ASK_WORDS_QUERY] = ASK_N_QUERY_KINDS,
    };
    return n[of];
}

static const char *saying_name(int saying)
{
    static const char *const names[ASK_N_SAYINGS] = {
        [ASK_SAY_CAPTION] = "caption", [ASK_ASK_PRESENCE] = "presence",
        [ASK_ASK_COLOR] = "color",     [ASK_ASK_SHAPE] = "shape",
        [ASK_ASK_SIZE] = "size",       [ASK_ASK_PLACE] = "place",
        [ASK_ASK_ACTION] = "action",
    };
    return names[saying];
}

const char *ask_truth_word(ask_truth_words of, int value)
{
    switch (of) {
    case ASK_WORDS_COLOR:
        return ask_color_name((ask_toy_color)value);
    case ASK_WORDS_SHAPE:
        return ask_shape_name((ask_shape)value);
    case ASK_WORDS_SIZE:
        return ask_size_name((ask_size)value);
    case ASK_WORDS_TEXTURE:
        return ask_texture_name((ask_texture)value);
    case ASK_WORDS_PLACE:
        return ask_place_name((ask_corner)value);
    case ASK_WORDS_EVENT:
        return ask_event_name((ask_event_kind)value);
    case ASK_WORDS_SPLIT:
        return ask_split_name((ask_split)value);
    case ASK_WORDS_QUESTION:
        return ask_question_type_name((ask_question_type)value);
    case ASK_WORDS_FAMILY:
        return ask_family_of((ask_family)value).name;
    case ASK_WORDS_SAYING:
        return saying_name(value);
    case ASK_WORDS_QUERY:
        break;
    }
    return ask_query_kind_name((ask_query_kind)value);
}

int8_t *ask_truth_phrase_field(ask_phrase *p, ask_truth_words of)
{
    switch (of) {
    case ASK_WORDS_COLOR:
        return &p->color;
    case ASK_WORDS_SHAPE:
        return &p->shape;
    case ASK_WORDS_SIZE:
        return &p->size;
    case ASK_WORDS_TEXTURE:
        return &p->texture;
    case ASK_WORDS_PLACE:
        return &p->place;
    default:
        return &p->event;
    }
}

const char *ask_truth_phrase_key(ask_truth_words of)
{
    static const char *const keys[ASK_N_PHRASE_FIELDS] = {"color",   "shape", "size",
                                                          "texture", "place", "event"};
    return keys[of];
}
