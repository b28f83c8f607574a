/* What was said, as files of talks have it: what is taken up must be questions and answers
 * in turn, and what is refused leaves the talk as it was. */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "vqa/talk_priv.h"

static void check(bool ok)
{
    if (!ok) abort();
}

static void check_turns(const ask_talk *t)
{
    check(t->n_turns % 2 == 0 && t->n_turns <= t->language.n_context);
    for (int i = 0; i < t->n_turns; i++) {
        const talk_turn *turn = &t->turns[i];
        check(strcmp(turn->role, i % 2 ? "assistant" : "user") == 0);
        check(ask_utf8_valid(turn->text, strlen(turn->text)));
        check(i % 2 || talk_check_text(turn->text, NULL));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ask_error err = {0};
    ask_talk t = {.language.n_context = 8, .footage.info.placeholder = "<video>"};
    char *note = malloc(size + 1);
    check(note);
    memcpy(note, data, size);
    note[size] = 0;
    check(talk_remember(&t, "before", "yes", &err));
    if (talk_take_turns(&t, note, "fuzz", &err))
        check_turns(&t);
    else
        check(err.code == ASK_ERR_MODEL && err.message[0] && t.n_turns == 2 &&
              strcmp(t.turns[0].text, "before") == 0);
    ask_talk_forget(&t);
    free(t.turns);
    free(note);
    return 0;
}
