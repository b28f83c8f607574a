#include "support/playroom_words.h"

#include "support/testing.h"
#include "text/bpe_train.h"
#include "text/lines.h"

void playroom_words_write(const char *dir)
{
    static const char *const file = "models/mini/words.txt";
    ask_error err = {0};
    ask_bpe_train_options options = ask_bpe_train_defaults();
    ask_bpe_train_result result;
    options.n_tokens = 4000;
    options.min_frequency = 1;
    ask_lines *lines = ask_lines_open(&file, 1, NULL, &err);
    CHECK_OK(lines, &err);
    CHECK_OK(ask_bpe_train(dir, (ask_text_source){ask_lines_next, lines}, &options, &result,
                           &err),
             &err);
    ask_lines_close(lines);
}

ask_tokenizer *playroom_tokenizer(void)
{
    ask_error err = {0};
    char *dir = test_temp_dir_make();
    playroom_words_write(dir);
    ask_tokenizer *t = ask_tokenizer_open(dir, &err);
    CHECK_OK(t, &err);
    test_temp_dir_remove(dir);
    return t;
}
