/* The vocabulary of models/dual is made from models/dual/words.txt: all that is said in the
 * playroom. */
#include <stdlib.h>

#include "support/testing.h"
#include "world/phrase.h"

static void the_file_has_the_words_of_the_playroom(void **state)
{
    (void)state;
    size_t n_bytes;
    ask_str words = {0};
    char *file = test_read("models/dual/words.txt", &n_bytes);
    ask_world_words(&words);
    assert_string_equal(file, ask_str_text(&words));
    free(file);
    ask_str_free(&words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_file_has_the_words_of_the_playroom),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
