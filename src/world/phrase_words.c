#include <string.h>

#include "world/phrase.h"

// --- Toys --------------------------------------------------------------------------------

static void append_word(ask_str *out, const char *word)
{
    ask_str_append(out, word);
    ask_str_append_char(out, ' ');
}

void ask_phrase_noun(ask_str *out, ask_phrase p)
{
    if (p.size != ASK_ANY) append_word(out, ask_size_name((ask_size)p.size));
    if (p.color != ASK_ANY) append_word(out, ask_color_name((ask_toy_color)p.color));
    if (p.texture != ASK_ANY) append_word(out, ask_texture_name((ask_texture)p.texture));
    ask_str_append(out, p.shape != ASK_ANY ? ask_shape_name((ask_shape)p.shape) : "toy");
}

/* "small", "ball", ...: what the noun begins with. */
static const char *first_word(ask_phrase p)
{
    return p.size != ASK_ANY      ? ask_size_name((ask_size)p.size)
           : p.color != ASK_ANY   ? ask_color_name((ask_toy_color)p.color)
           : p.texture != ASK_ANY ? ask_texture_name((ask_texture)p.texture)
           : p.shape != ASK_ANY   ? ask_shape_name((ask_shape)p.shape)
                                  : "toy";
}

static void append_some(ask_str *out, ask_phrase p)
{
    ask_str_append(out, strchr("aeiou", first_word(p)[0]) ? "an " : "a ");
    ask_phrase_noun(out, p);
}

static void append_the(ask_str *out, ask_phrase p)
{
    ask_str_append(out, "the ");
    ask_phrase_noun(out, p);
}

static void append_place(ask_str *out, ask_phrase p)
{
    if (p.place == ASK_ANY) return;
    ask_str_append(out, " at the ");
    ask_str_append(out, ask_place_name((ask_corner)p.place));
}

static void append_that_does(ask_str *out, ask_phrase p)
{
    if (p.event == ASK_ANY) return;
    ask_str_append(out, " that ");
    ask_str_append(out, ask_event_name((ask_event_kind)p.event));
}

/* "the red ball at the top left that jumps" */
static void append_subject(ask_str *out, ask_phrase p)
{
    append_the(out, p);
    append_place(out, p);
    append_that_does(out, p);
}

// --- Captions ----------------------------------------------------------------------------

static void say_there_is(ask_str *out, ask_phrase p, int wording)
{
    static const char *const before[ASK_N_WORDINGS] = {"", "there is ", "", "we see "};
    static const char *const after[ASK_N_WORDINGS] = {"", "", " can be seen", ""};
    ask_str_append(out, before[wording]);
    append_some(out, p);
    ask_str_append(out, after[wording]);
    append_place(out, p);
}

static void say_it_does(ask_str *out, ask_phrase p, int wording)
{
    const char *does = ask_event_name((ask_event_kind)p.event);
    const char *doing = ask_event_doing_name((ask_event_kind)p.event);
    switch (wording) {
    case 0: // the red ball at the top left jumps
        append_the(out, p);
        append_place(out, p);
        ask_str_printf(out, " %s", does);
        break;
    case 1: // a red ball is jumping at the top left
        append_some(out, p);
        ask_str_printf(out, " is %s", doing);
        append_place(out, p);
        break;
    case 2: // a red ball at the top left that jumps
        append_some(out, p);
        append_place(out, p);
        append_that_does(out, p);
        break;
    default: // we see a red ball jumping at the top left
        ask_str_append(out, "we see ");
        append_some(out, p);
        ask_str_printf(out, " %s", doing);
        append_place(out, p);
        break;
    }
}

// --- Questions ---------------------------------------------------------------------------

/* The question about a toy stands before and after the toy. */
typedef struct {
    const char *before, *after;
} frame_of_words;

static const frame_of_words questions[ASK_N_SAYINGS][ASK_N_WORDINGS] = {
    [ASK_ASK_COLOR] = {{"what colour is ", "?"},
                       {"what color is ", "?"},
                       {"which colour does ", " have?"},
                       {"what is the colour of ", "?"}},
    [ASK_ASK_SHAPE] = {{"what shape is ", "?"},
                       {"which shape does ", " have?"},
                       {"what is the shape of ", "?"},
                       {"what kind of thing is ", "?"}},
    [ASK_ASK_SIZE] = {{"how large is ", "?"},
                      {"how big is ", "?"},
                      {"what size is ", "?"},
                      {"what is the size of ", "?"}},
    [ASK_ASK_PLACE] = {{"where is ", "?"},
                       {"in which corner is ", "?"},
                       {"in which part of the picture is ", "?"},
                       {"where can we see ", "?"}},
    [ASK_ASK_ACTION] = {{"what does ", " do?"},
                        {"what is ", " doing?"},
                        {"what happens to ", "?"},
                        {"which of these does ", " do?"}},
};

static const char *const presence_questions[ASK_N_WORDINGS] = {
    "which of these can be seen?", "what can be seen?", "which toy is there?",
    "what do we see?"};

ask_phrase ask_phrase_subject(ask_phrase p, ask_saying how)
{
    switch (how) {
    case ASK_ASK_COLOR:
        p.color = ASK_ANY;
        break;
    case ASK_ASK_SHAPE:
        p.shape = ASK_ANY;
        break;
    case ASK_ASK_SIZE:
        p.size = ASK_ANY;
        break;
    case ASK_ASK_PLACE:
        p.place = ASK_ANY;
        break;
    case ASK_ASK_ACTION:
        p.event = ASK_ANY;
        break;
    default:
        break;
    }
    return p;
}

static void append_answer(ask_str *out, ask_phrase p, ask_saying how, int wording)
{
    switch (how) {
    case ASK_ASK_COLOR:
        ask_str_append(out, ask_color_name((ask_toy_color)p.color));
        break;
    case ASK_ASK_SHAPE:
        if (wording == ASK_N_WORDINGS - 1)
            append_some(out, (ask_phrase){.color = ASK_ANY,
                                          .shape = p.shape,
                                          .size = ASK_ANY,
                                          .texture = ASK_ANY});
        else
            ask_str_append(out, ask_shape_name((ask_shape)p.shape));
        break;
    case ASK_ASK_SIZE:
        ask_str_append(out, ask_size_name((ask_size)p.size));
        break;
    case ASK_ASK_PLACE:
        ask_str_append(out, wording == 0 ? "at the " : "");
        ask_str_append(out, ask_place_name((ask_corner)p.place));
        break;
    case ASK_ASK_ACTION:
        if (wording == 1)
            ask_str_append(out, ask_event_doing_name((ask_event_kind)p.event));
        else
            ask_str_printf(out, "it %s", ask_event_name((ask_event_kind)p.event));
        break;
    default:
        break;
    }
}

const char *ask_denial(int wording)
{
    static const char *const said[ASK_N_WORDINGS] = {
        "there is none", "it is not there", "there is no such toy", "none can be seen"};
    return said[wording];
}

bool ask_phrase_fits(ask_phrase p, ask_saying how)
{
    const ask_phrase any = ask_phrase_any(), known = ask_phrase_subject(p, how);
    if (ask_phrase_equal(p, any)) return false;
    if (how == ASK_SAY_CAPTION) return true;
    if (how == ASK_ASK_PRESENCE) return p.event == ASK_ANY && p.place == ASK_ANY;
    return !ask_phrase_equal(p, known) && !ask_phrase_equal(known, any);
}

void ask_phrase_say(ask_str *question, ask_str *answer, ask_phrase p, ask_saying how,
                    int wording)
{
    switch (how) {
    case ASK_SAY_CAPTION:
        if (p.event == ASK_ANY)
            say_there_is(answer, p, wording);
        else
            say_it_does(answer, p, wording);
        break;
    case ASK_ASK_PRESENCE:
        ask_str_append(question, presence_questions[wording]);
        append_some(answer, p);
        break;
    default:
        ask_str_append(question, questions[how][wording].before);
        append_subject(question, ask_phrase_subject(p, how));
        ask_str_append(question, questions[how][wording].after);
        append_answer(answer, p, how, wording);
        break;
    }
}
