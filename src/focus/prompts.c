#include "focus/prompts.h"

#include <string.h>

#include "base/rng.h"
#include "base/str.h"

const char *const ask_background_prompts[ASK_BACKGROUND_PROMPTS] = {
    "a photo",
    "a picture",
    "an image of something",
    "a frame of a video",
    "a blurry photo",
    "a dark photo",
    "a scene",
    "things",
};

/* Chosen to be as unlike one another as everyday words are. */
static const char *const kinds[] = {
    "wooden",  "green",  "rusty",   "tiny",        "silver",   "striped", "old",
    "purple",  "broken", "golden",  "wet",         "enormous", "orange",  "knitted",
    "frozen",  "square", "painted", "empty",       "plastic",  "yellow",  "folded",
    "bright",  "dusty",  "round",   "grey",        "paper",    "heavy",   "pink",
    "crooked", "shiny",  "torn",    "transparent",
};
static const char *const things[] = {
    "kettle",   "piano",   "umbrella", "tractor",  "lantern",   "violin", "ladder",
    "cactus",   "pillow",  "bicycle",  "lemon",    "telescope", "anchor", "carpet",
    "envelope", "drum",    "sandwich", "scarf",    "statue",    "candle", "microscope",
    "hammer",   "pumpkin", "mirror",   "suitcase", "balloon",   "teapot", "wheelbarrow",
    "crown",    "kite",    "bridge",   "penguin",  "giraffe",   "horse",  "owl",
    "lobster",  "camel",   "keyboard", "fountain", "helmet",    "rocket", "newspaper",
    "mushroom", "tent",    "trumpet",  "feather",  "clock",     "snail",
};
static const char *const actors[] = {
    "sailor",  "baker",   "child",   "soldier", "farmer",  "diver",  "nurse",   "monkey",
    "painter", "clown",   "pilot",   "cat",     "judge",   "robot",  "dancer",  "fisherman",
    "cook",    "athlete", "teacher", "bear",    "plumber", "singer", "referee", "beekeeper",
};
static const char *const doings[] = {
    "carrying",  "painting", "repairing", "throwing",   "washing",  "drawing",
    "hiding",    "pushing",  "selling",   "unwrapping", "lifting",  "dropping",
    "measuring", "kicking",  "polishing", "chasing",    "building", "pointing at",
};
static const char *const places[] = {
    "in the snow",          "on a beach",         "in a kitchen",     "under a bridge",
    "at a railway station", "in a library",       "on a rooftop",     "in a swimming pool",
    "in a cornfield",       "inside a cave",      "at a wedding",     "on a boat",
    "in a laboratory",      "behind a curtain",   "in a supermarket", "on the moon",
    "at a football match",  "in a dark corridor", "by a campfire",    "in a traffic jam",
};

#define PICK(rng, words) (words)[ask_rng_below(rng, sizeof(words) / sizeof *(words))]

static const char *article_of(const char *word)
{
    return strchr("aeiou", word[0]) ? "an" : "a";
}

char *ask_random_sentence(char out[ASK_RANDOM_SENTENCE_BYTES], int i)
{
    const ask_rng source = ask_rng_new(1); // any number will do, for ever
    ask_rng rng = ask_rng_split_at(&source, (uint64_t)i);
    const char *kind = PICK(&rng, kinds), *thing = PICK(&rng, things);
    const char *actor = PICK(&rng, actors), *doing = PICK(&rng, doings);
    const char *place = PICK(&rng, places);
    size_t size = ASK_RANDOM_SENTENCE_BYTES;
    switch (i % 4) { // texts that people type are of all lengths
    case 0:
        ask_format(out, size, "%s %s %s", article_of(kind), kind, thing);
        break;
    case 1:
        ask_format(out, size, "%s %s %s", article_of(thing), thing, place);
        break;
    case 2:
        ask_format(out, size, "%s %s %s %s %s", article_of(actor), actor, doing,
                   article_of(thing), thing);
        break;
    default:
        ask_format(out, size, "%s %s %s %s %s %s %s", article_of(actor), actor, doing,
                   article_of(kind), kind, thing, place);
    }
    return out;
}
