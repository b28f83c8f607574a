/* bench/talk.c - two questions about one video to a language model of LLaVA-NeXT-Video's
 * shape, small and of random weights: what the first costs, and what the second does, of
 * which only the words are new. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/long_clip.h"
#include "support/place.h"
#include "support/table.h"
#include "support/talker.h"
#include "support/timing.h"

enum { N_ROUNDS = 5, WIDTH = 640, HEIGHT = 360 };

static const char first_question[] = "What happens in this video?";
static const char second_question[] = "And what is the colour of it?";

static const bench_talker_sizes sizes = {.width = 512,
                                         .inner = 1376,
                                         .n_layers = 8,
                                         .n_heads = 8,
                                         .vision_width = 384,
                                         .vision_inner = 1536,
                                         .vision_layers = 6,
                                         .vision_heads = 6};

static void give_up(const char *why)
{
    fprintf(stderr, "bench/talk: %s\n", why);
    exit(1);
}

/* ---- asking ---- */

/* Two questions in a row, each apart from the other. */
static void ask_twice(bench_heard out[2], ask_model *m, const char *clip)
{
    ask_error err = {0};
    ask_talk_options o = ask_talk_defaults();
    o.max_tokens = 4;
    ask_video *v = ask_video_open(clip, NULL, &err);
    ask_session *s = v ? ask_session_open(m, &err) : NULL;
    ask_talk *t = s ? ask_talk_open(v, s, &o, &err) : NULL;
    if (!t) give_up(err.message);
    out[0] = bench_say(t, first_question);
    ask_talk_forget(t);
    out[1] = bench_say(t, second_question);
    ask_talk_close(t);
    ask_session_close(s);
    ask_video_close(v);
}

static void measure(ask_model *m, const char *clip)
{
    double first[N_ROUNDS], second[N_ROUNDS], ratio[N_ROUNDS];
    bench_heard h[2];
    ask_twice(h, m, clip); // packs the weights
    for (int i = 0; i < N_ROUNDS; i++) {
        ask_twice(h, m, clip);
        first[i] = h[0].first_s;
        second[i] = h[1].first_s;
        ratio[i] = second[i] / first[i];
    }
    bench_table_row("first question, to its first token",
                    1e3 * bench_median(first, N_ROUNDS), "ms", "%d tokens, 8 frames",
                    h[0].n_prompt);
    bench_table_row("second question", 1e3 * bench_median(second, N_ROUNDS), "ms",
                    "%d tokens, %d of them read before", h[1].n_prompt, h[1].n_reused);
    bench_table_row("second of first", bench_median(ratio, N_ROUNDS), "", "at most 0.1");
}

int main(void)
{
    char *dir = bench_temp_dir(), *model = bench_path(dir, "model");
    char *seed = bench_path(dir, "seed.mp4"), *clip = bench_path(dir, "clip.mp4");
    ask_error err = {0};
    bench_talker_make(model, &sizes);
    bench_seed_clip(seed, WIDTH, HEIGHT);
    bench_repeat_clip(clip, seed, 20);
    ask_model *m = ask_model_open(model, NULL, &err);
    if (!m) give_up(err.message);
    const bench_machine machine = bench_machine_measure();
    bench_table_open("Two questions about one video", &machine);
    measure(m, clip);
    ask_model_close(m);
    bench_temp_dir_remove(dir);
    free(dir);
    free(model);
    free(seed);
    free(clip);
    return 0;
}
