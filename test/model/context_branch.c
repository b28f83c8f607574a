/* Texts that go on differently, read at once: their logits are those of each read alone. */
#include "model/context.h"

#include <math.h>
#include <stdlib.h>

#include "support/testing.h"

/* Sums of f32 in another order, through three layers. */
static const float tol = 1e-4f;

enum { N_PROMPT = 9, N_STEPS = 8, N_BEAMS = 3, N_VOCAB = 100, ROOM = 64 };

typedef struct {
    ask_model *model;
    ask_session *session;
    ask_context *branched, *linear;
} talk;

static talk talk_open(const char *fixture)
{
    talk t = {0};
    ask_error err = {0};
    CHECK_OK(t.model = ask_model_open(test_fixture(fixture), NULL, &err), &err);
    CHECK_OK(t.session = ask_session_open(t.model, &err), &err);
    CHECK_OK(t.branched = ask_context_open(t.session, ROOM, &err), &err);
    CHECK_OK(t.linear = ask_context_open(t.session, ROOM, &err), &err);
    return t;
}

static void talk_close(talk *t)
{
    ask_context_close(t->branched);
    ask_context_close(t->linear);
    ask_session_close(t->session);
    ask_model_close(t->model);
}

static int64_t id_of(int text, int step)
{
    return 3 + (text * 29 + step * 13) % (N_VOCAB - 3);
}

static void check_logits(const char *name, int text, int step, const float *got,
                         const float *want)
{
    for (int v = 0; v < N_VOCAB; v++)
        if (!(fabsf(got[v] - want[v]) <= tol))
            fail_msg("%s, text %d, token %d: logit %d is %g, expected %g", name, text, step,
                     v, (double)got[v], (double)want[v]);
}

/* Text k alone, of which the branched logits are known. */
static void check_text(talk *t, const char *name, const ask_place *prompt, int text,
                       float (*branched)[N_BEAMS][N_VOCAB])
{
    ask_error err = {0};
    float logits[N_VOCAB];
    CHECK_OK(ask_context_read(t->linear, prompt, N_PROMPT, logits, NULL, &err), &err);
    for (int step = 0; step < N_STEPS; step++) {
        CHECK_OK(ask_context_add(t->linear, id_of(text, step), logits, NULL, &err), &err);
        check_logits(name, text, step, branched[step][text], logits);
    }
}

static void check_model(const char *fixture)
{
    ask_error err = {0};
    talk t = talk_open(fixture);
    ask_place prompt[N_PROMPT] = {0};
    static float logits[N_STEPS][N_BEAMS][N_VOCAB];
    for (int i = 0; i < N_PROMPT; i++) prompt[i].id = id_of(7, i);
    CHECK_OK(ask_context_read(t.branched, prompt, N_PROMPT, logits[0][0], NULL, &err),
             &err);
    for (int step = 0; step < N_STEPS; step++) {
        int64_t ids[N_BEAMS];
        int parents[N_BEAMS];
        for (int k = 0; k < N_BEAMS; k++) {
            ids[k] = id_of(k, step);
            parents[k] = step == 0 ? N_PROMPT - 1 : N_PROMPT + (step - 1) * N_BEAMS + k;
        }
        CHECK_OK(ask_context_branch(t.branched, ids, parents, N_BEAMS, logits[step][0],
                                    NULL, &err),
                 &err);
    }
    for (int k = 0; k < N_BEAMS; k++) check_text(&t, fixture, prompt, k, logits);
    talk_close(&t);
}

static void branches_are_read_as_texts_alone_are(void **state)
{
    (void)state;
    check_model("golden/llama_gqa");
    check_model("golden/llama3_rope");
    check_model("golden/qwen2");
    check_model("golden/opt");
    check_model("golden/gpt2");
}

static void branches_see_no_further_than_the_window(void **state)
{
    (void)state;
    check_model("golden/mistral"); // of 6 places
}

/* A token that follows another of the same call. */
static void a_whole_tree_is_read_at_once(void **state)
{
    (void)state;
    ask_error err = {0};
    talk t = talk_open("golden/mistral");
    ask_place prompt[N_PROMPT] = {0};
    static float logits[N_STEPS][N_VOCAB];
    float linear[N_VOCAB];
    int64_t ids[N_STEPS];
    int parents[N_STEPS];
    for (int i = 0; i < N_PROMPT; i++) prompt[i].id = id_of(7, i);
    CHECK_OK(ask_context_read(t.branched, prompt, N_PROMPT, linear, NULL, &err), &err);
    CHECK_OK(ask_context_read(t.linear, prompt, N_PROMPT, linear, NULL, &err), &err);
    for (int i = 0; i < N_STEPS; i++) {
        ids[i] = id_of(1, i);
        parents[i] = N_PROMPT - 1 + i;
    }
    CHECK_OK(ask_context_branch(t.branched, ids, parents, N_STEPS, logits[0], NULL, &err),
             &err);
    for (int i = 0; i < N_STEPS; i++) {
        CHECK_OK(ask_context_add(t.linear, ids[i], linear, NULL, &err), &err);
        check_logits("a chain", 1, i, logits[i], linear);
    }
    talk_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(branches_are_read_as_texts_alone_are),
        cmocka_unit_test(branches_see_no_further_than_the_window),
        cmocka_unit_test(a_whole_tree_is_read_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
