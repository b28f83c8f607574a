#include "support/words.h"

#include <string.h>

#include "support/testing.h"

static bool has_line(const char *lines, const char *word, size_t length)
{
    for (const char *at = lines; (at = strstr(at, word)); at++) {
        bool begins = at == lines || at[-1] == '\n';
        if (begins && strncmp(at, word, length) == 0 && at[length] == '\n') return true;
    }
    return false;
}

void words_check(const char *known, const char *text)
{
    static const char between[] = " .,;?";
    while (text && *(text += strspn(text, between))) {
        char word[32] = {0};
        size_t length = strcspn(text, between);
        assert_true(length < sizeof word);
        memcpy(word, text, length);
        if (!has_line(known, word, length)) fail_msg("\"%s\" is in no list", word);
        text += length;
    }
}
