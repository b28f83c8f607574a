/* Batches of questions for Timeline: what stands in them is what the clips say. Which
 * answers mean the same is found again here from their words. */
#include "train/timeline_questions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/playroom_words.h"
#include "support/testing.h"

enum {
    SEED = 57,
    N_CLIPS = 304, // of each split, in batches
    B = 8,
    Q = 12,
    L = 24,
    U = 512,
    N_NEAR = 2,
    E = ASK_TIMELINE_SCENE_EVENTS,
    O = ASK_N_OPTIONS,
};
static const ask_timeline_questions_size usual = {B, Q, L, U, N_NEAR};

static ask_tokenizer *tokenizer;
static ask_painter *painter;

static ask_world_clip make_clip(ask_split split, int64_t index)
{
    ask_world_clip c;
    ask_error err = {0};
    CHECK_OK(ask_world_clip_make(&c, painter, SEED, index, split, ask_scene_full(), &err),
             &err);
    return c;
}

/* Those that are looked at several times. */
static ask_world_clip world[ASK_N_SPLITS][N_CLIPS];

static int set_up(void **state)
{
    (void)state;
    ask_error err = {0};
    tokenizer = playroom_tokenizer();
    painter = ask_painter_new(&err);
    CHECK_OK(painter, &err);
    for (int split = 0; split < ASK_N_SPLITS; split++)
        for (int i = 0; i < N_CLIPS; i++) world[split][i] = make_clip((ask_split)split, i);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (int split = 0; split < ASK_N_SPLITS; split++)
        for (int i = 0; i < N_CLIPS; i++) ask_world_clip_free(&world[split][i]);
    ask_painter_free(painter);
    ask_tokenizer_close(tokenizer);
    return 0;
}

/* ---- batches ---- */

typedef struct {
    const ask_world_clip *clips; // [B]
    int until[B];
    ask_timeline_questions *q;
} batch;

static int until_of(const ask_world_clip *c)
{
    bool ahead = c->scene.index % ASK_TIMELINE_AHEAD_CLIPS == 0;
    for (int i = 0; ahead && i < c->n_questions; i++)
        if (c->questions[i].family == ASK_FAMILY_PREDICTION) return c->questions[i].until;
    return c->scene.n_frames;
}

static bool fill(batch *b, uint64_t seed, ask_error *err)
{
    ask_rng root = ask_rng_new(seed);
    ask_timeline_questions_begin(b->q);
    for (int c = 0; c < B; c++) {
        ask_rng r = ask_rng_split_at(&root, (uint64_t)c);
        if (!ask_timeline_questions_add(b->q, c, &b->clips[c], b->until[c], tokenizer, &r,
                                        err))
            return false;
    }
    ask_timeline_questions_end(b->q);
    return true;
}

static void show(batch *b, const ask_world_clip *clips)
{
    b->clips = clips;
    for (int c = 0; c < B; c++) b->until[c] = until_of(&clips[c]);
}

static void batch_open(batch *b, const ask_world_clip *clips,
                       const ask_timeline_questions_size *size)
{
    ask_error err = {0};
    show(b, clips);
    b->q = ask_timeline_questions_new(size, &err);
    CHECK_OK(b->q, &err);
}

/* The question in a row; NULL: there is none. */
static const ask_world_question *question_of(const batch *b, int row)
{
    const ask_world_clip *c = &b->clips[row / Q];
    for (int i = 0; i < c->n_questions; i++)
        if (b->q->families[row] != ASK_FAMILY_NONE &&
            c->questions[i].family == b->q->families[row])
            return &c->questions[i];
    assert_int_equal(b->q->families[row], ASK_FAMILY_NONE);
    return NULL;
}

/* Goes through the questions of N_CLIPS clips of each split. */
static void for_each_question(void (*check)(void *user, const batch *b, int row,
                                            const ask_world_question *q),
                              void *user)
{
    ask_error err = {0};
    for (int i = 0; i < ASK_N_SPLITS * N_CLIPS / B; i++) {
        batch b;
        batch_open(&b, &world[i % ASK_N_SPLITS][i / ASK_N_SPLITS * B], &usual);
        CHECK_OK(fill(&b, (uint64_t)i, &err), &err);
        for (int row = 0; row < B * Q; row++) {
            const ask_world_question *q = question_of(&b, row);
            if (q) check(user, &b, row, q);
        }
        ask_timeline_questions_free(b.q);
    }
}

/* ---- texts ---- */

/* A row must be a text's tokens, and pad. */
static void check_row(const char *text, const int64_t *ids, const bool *mask)
{
    ask_error err = {0};
    ask_tokens tokens = {0};
    CHECK_OK(ask_tokenizer_encode(tokenizer, text, NULL, false, &tokens, &err), &err);
    for (int i = 0; i < L; i++) {
        int64_t id =
            i < tokens.n ? tokens.tokens[i].id : ask_tokenizer_special(tokenizer, "pad");
        if (mask[i] != (i < tokens.n) || ids[i] != id)
            fail_msg("\"%s\", token %d: %lld", text, i, (long long)ids[i]);
    }
    ask_tokens_free(&tokens);
}

static void check_answer(const batch *b, const char *text, int64_t answer)
{
    assert_in_range(answer, 0, b->q->n_used - 1);
    check_row(text, b->q->answer_ids + answer * L, b->q->answer_mask + answer * L);
}

static void check_texts(void *user, const batch *b, int row, const ask_world_question *q)
{
    (void)user;
    const ask_timeline_questions *all = b->q;
    bool open = ask_question_is_open(q, b->clips[row / Q].scene.n_frames);
    check_row(q->text, all->ids + row * L, all->text_mask + row * L);
    for (int i = 0; i < O; i++)
        check_answer(b, q->options[i].text, all->options[row * O + i]);
    CHECK_CASE(q->text, all->right[row] == q->answer);
    CHECK_CASE(q->text, (all->open[row] >= 0) == open);
    CHECK_CASE(q->text, all->denials[row] == q->options[q->answer].denies);
    CHECK_CASE(q->text, all->weight[row] > 0);
    if (open) check_answer(b, ask_question_open_answer(q), all->open[row]);
    CHECK_CASE(q->text, q->until == b->until[row / Q]);
}

static void rows_are_what_clips_ask(void **state)
{
    (void)state;
    for_each_question(check_texts, NULL);
}

static void answers_are_all_different(void **state)
{
    (void)state;
    ask_error err = {0};
    batch b;
    batch_open(&b, world[ASK_SPLIT_TRAIN], &usual);
    CHECK_OK(fill(&b, 1, &err), &err);
    const size_t bytes = L * sizeof *b.q->answer_ids;
    for (int i = 0; i < b.q->n_used; i++)
        for (int k = 0; k < i; k++)
            assert_memory_not_equal(b.q->answer_ids + i * L, b.q->answer_ids + k * L,
                                    bytes);
    assert_true(b.q->n_used > 50);
    for (int i = b.q->n_used * L; i < U * L; i++) assert_false(b.q->answer_mask[i]);
    ask_timeline_questions_free(b.q);
}

/* ---- what answers mean, by their words ---- */

static bool begins(const char **text, const char *with)
{
    size_t n = strlen(with);
    if (strncmp(*text, with, n) != 0) return false;
    *text += n;
    return true;
}

static bool is_denial(const char *text)
{
    static const char *const denials[] = {
        "it does not do that",  "nothing",     "nowhere",     "it keeps its colour",
        "that does not happen", "it never is", "none of them"};
    for (int w = 0; w < ASK_N_WORDINGS; w++)
        if (strcmp(text, ask_denial(w)) == 0) return true;
    for (size_t i = 0; i < TEST_COUNT(denials); i++)
        if (strcmp(text, denials[i]) == 0) return true;
    return false;
}

/* "jumps" for "jumping"; NULL: no such word. */
static const char *does_of(const char *doing)
{
    for (int e = 0; e < ASK_N_EVENTS; e++)
        if (strcmp(doing, ask_event_doing_name((ask_event_kind)e)) == 0)
            return ask_event_name((ask_event_kind)e);
    return NULL;
}

/* Appends a text with "it" as the toy that is meant, and without "there". */
static void append_plain(ask_str *out, const char *text, const char *it)
{
    if (begins(&text, "it goes there and ")) ask_str_printf(out, "%s ", it);
    while (*text) {
        size_t n = strcspn(text, " ");
        bool is_it = n == 2 && strncmp(text, "it", n) == 0;
        if (n != 5 || strncmp(text, "there", n) != 0) {
            if (out->length > 0 && out->data[out->length - 1] != ' ')
                ask_str_append_char(out, ' ');
            if (is_it)
                ask_str_append(out, it);
            else
                ask_str_append_bytes(out, text, n);
        }
        text += n + strspn(text + n, " ");
    }
}

/* An answer in the plainest words: those that mean the same become the same. */
static char *plain(const char *text, const char *it)
{
    ask_error err = {0};
    ask_str out = {0};
    const char *doing = does_of(text);
    for (int n = 0; n < ASK_N_COUNTED; n++)
        if (strcmp(text, ask_count_word(n)) == 0) ask_str_printf(&out, "%d", n);
    if (out.length > 0) return ask_str_take(&out, &err);
    if (is_denial(text)) {
        ask_str_append(&out, "no");
    } else if (doing) {
        ask_str_printf(&out, "%s %s", it, doing);
    } else {
        bool some = begins(&text, "at the ") || begins(&text, "a ") || begins(&text, "an ");
        if (some && strchr(text, ' ') && !strstr(text, "top") && !strstr(text, "bottom"))
            ask_str_append(&out, "the "); // a toy, not a shape or a place
        append_plain(&out, text, it);
    }
    return ask_str_take(&out, &err);
}

/* "the red ball hits" begins "the red ball hits the star"; so do, without what they end
 * with, "the red ball hits another toy", and "... it", where no toy is asked about. */
static bool is_less_of(const char *less, const char *more)
{
    static const char *const ends[] = {" another toy", " it"};
    size_t n = strlen(less);
    for (size_t i = 0; i < TEST_COUNT(ends); i++)
        if (n > strlen(ends[i]) && strcmp(less + n - strlen(ends[i]), ends[i]) == 0)
            n -= strlen(ends[i]);
    bool is_touch = (n > 4 && strncmp(less + n - 4, "hits", 4) == 0) ||
                    (n > 6 && strncmp(less + n - 6, "pushes", 6) == 0);
    return is_touch && strncmp(less, more, n) == 0 && (more[n] == ' ' || !more[n]);
}

static bool means_same(const char *a, const char *right)
{
    return strcmp(a, right) == 0 || is_less_of(a, right) || is_less_of(right, a) ||
           (strcmp(a, "no") == 0 && strcmp(right, "0") == 0);
}

static char *answer_text(const batch *b, int answer)
{
    ask_error err = {0};
    ask_str out = {0};
    for (int i = 0; i < L && b->q->answer_mask[answer * L + i]; i++) {
        const char *token =
            ask_tokenizer_token(tokenizer, b->q->answer_ids[answer * L + i]);
        const char *end = strstr(token, "</w>");
        assert_non_null(end);
        if (i > 0) ask_str_append_char(&out, ' ');
        ask_str_append_bytes(&out, token, (size_t)(end - token));
    }
    char *text = ask_str_take(&out, &err);
    CHECK_OK(text, &err);
    return text;
}

static void name_it(char out[64], const batch *b, int row, const ask_world_question *q)
{
    const ask_scene *s = &b->clips[row / Q].scene;
    snprintf(out, 64, "it");
    if (q->asked.toy != ASK_ANY)
        snprintf(out, 64, "the %s %s", ask_color_name(s->toys[q->asked.toy].color),
                 ask_shape_name(s->toys[q->asked.toy].shape));
}

typedef struct {
    int n_open, n_rivals, n_same;
} rival_count;

static void check_rivals(void *user, const batch *b, int row, const ask_world_question *q)
{
    rival_count *count = user;
    const ask_timeline_questions *all = b->q;
    const float *rivals = all->rivals + row * U;
    bool open = all->open[row] >= 0;
    char it[64];
    name_it(it, b, row, q);
    char *right = plain(q->options[q->answer].text, it);
    for (int k = 0; k < U; k++) {
        bool there = open && k < all->n_used;
        CHECK_CASE(q->text, there || rivals[k] == 0);
        if (!there) continue;
        char *text = answer_text(b, k), *said = plain(text, it);
        bool same = means_same(said, right);
        if (rivals[k] != !same)
            fail_msg("%s \"%s\" (%s): \"%s\" is%s a rival", q->text,
                     q->options[q->answer].text, right, text, rivals[k] ? "" : " not");
        count->n_rivals += !same;
        count->n_same += same && k != all->open[row];
        free(text);
        free(said);
    }
    count->n_open += open;
    free(right);
}

static void rivals_are_all_answers_that_are_not_right(void **state)
{
    (void)state;
    rival_count count = {0};
    for_each_question(check_rivals, &count);
    assert_true(count.n_open > 5000 && count.n_rivals > 500000);
    assert_true(count.n_same > 3000); // or the words above find nothing
}

/* Words of a text that another does not have. */
static int n_other_words(const char *text, const char *other)
{
    int n = 0;
    char *words = ask_strdup(text, NULL);
    for (char *w = strtok(words, " "); w; w = strtok(NULL, " ")) n += !strstr(other, w);
    free(words);
    return n;
}

/* Answers that were made up, each of a colour and a shape or of a deed ("changes colour")
 * that is not that of the right one. */
static int n_near_misses(const batch *b)
{
    const ask_timeline_questions *q = b->q;
    int n = 0;
    for (int k = 0; k < q->n_used; k++) {
        int row = q->near_of[k];
        if (row < 0) continue;
        char *text = answer_text(b, k), *right = answer_text(b, (int)q->open[row]);
        int n_other = n_other_words(text, right);
        CHECK_CASE(text, strcmp(text, right) != 0 && n_other <= 2);
        CHECK_CASE(text, q->rivals[row * U + k] == 1);
        free(text);
        free(right);
        n++;
    }
    return n;
}

static void names_nothing_held_out(const batch *b)
{
    for (int k = 0; k < b->q->n_used; k++) {
        char *text = answer_text(b, k);
        for (int c = 0; c < ASK_N_COLORS; c++)
            for (int h = 0; h < ASK_N_SHAPES; h++) {
                char name[64];
                snprintf(name, sizeof name, "%s %s", ask_color_name((ask_toy_color)c),
                         ask_shape_name((ask_shape)h));
                CHECK_CASE(text, !strstr(text, name) ||
                                     !ask_pair_is_held_out((ask_toy_color)c, (ask_shape)h));
            }
        CHECK_CASE(text, !strstr(text, "heart jumps") && !strstr(text, "star spins"));
        free(text);
    }
}

static void what_is_nearly_right_is_among_the_answers(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_timeline_questions_size plain = usual;
    plain.n_near = 0;
    int n = 0;
    for (int i = 0; i < N_CLIPS / B; i++) {
        batch with, without;
        batch_open(&with, &world[ASK_SPLIT_TRAIN][i * B], &usual);
        batch_open(&without, &world[ASK_SPLIT_TRAIN][i * B], &plain);
        CHECK_OK(fill(&with, 3, &err), &err);
        CHECK_OK(fill(&without, 3, &err), &err);
        assert_int_equal(n_near_misses(&without), 0);
        n += n_near_misses(&with);
        names_nothing_held_out(&with);
        ask_timeline_questions_free(with.q);
        ask_timeline_questions_free(without.q);
    }
    assert_true(n > 15 * N_CLIPS / B);
}

/* By truth: of what a clip's toy does nothing is a rival. */
static void check_action(void *user, const batch *b, int row, const ask_world_question *q)
{
    int *n = user;
    const ask_scene *s = &b->clips[row / Q].scene;
    const ask_timeline_questions *all = b->q;
    if (q->family != ASK_FAMILY_ACTION || all->open[row] < 0 || all->denials[row]) return;
    for (int k = 0; k < all->n_used; k++) {
        char *text = answer_text(b, k);
        const char *does = text;
        for (int i = 0; i < s->n_events && begins(&does, "it "); i++) {
            const ask_event *e = &s->events[i];
            bool done =
                e->toy == q->asked.toy && strcmp(does, ask_event_name(e->kind)) == 0;
            CHECK_CASE(q->text, !done || all->rivals[row * U + k] == 0);
            *n += done;
            does = text;
        }
        free(text);
    }
}

static void what_a_toy_does_is_never_a_rival(void **state)
{
    (void)state;
    int n = 0;
    for_each_question(check_action, &n);
    assert_true(n > 100);
}

/* ---- evidence ---- */

typedef struct {
    int n_judged, n_near;       // with a moment that events are to overlap
    int n_events, n_pairs;      // questions by what is told of them
    int n_counted, n_uncounted; // numbers; those of which less is marked
} evidence_count;

static bool is_counting(ask_family f)
{
    return f == ASK_FAMILY_NUMBER || f == ASK_FAMILY_TIMES || f == ASK_FAMILY_DOERS;
}

static bool is_of_events(ask_family f)
{
    switch (f) {
    case ASK_FAMILY_PRESENCE:
    case ASK_FAMILY_COLOR:
    case ASK_FAMILY_SHAPE:
    case ASK_FAMILY_SIZE:
    case ASK_FAMILY_LOCATION:
    case ASK_FAMILY_NUMBER:
    case ASK_FAMILY_TIMES:
    case ASK_FAMILY_DOERS:
    case ASK_FAMILY_FEASIBILITY:
        return false;
    default:
        return true;
    }
}

static bool is_object(const ask_world_question *q, int toy)
{
    for (int i = 0; i < q->n_objects; i++)
        if (q->objects[i] == toy) return true;
    return false;
}

/* From the first marked event to the last, as far as it is shown. */
static ask_world_moment marked_moment(const batch *b, int row, const ask_world_question *q)
{
    const ask_scene *s = &b->clips[row / Q].scene;
    ask_world_moment m = {s->n_frames, 0};
    for (int i = 0; i < E; i++) {
        if (b->q->events[row * E + i] == 0) continue;
        CHECK_CASE(q->text, i < s->n_events);
        const ask_event *e = &s->events[i];
        CHECK_CASE(q->text, is_object(q, e->toy) || is_object(q, e->other));
        if (e->begin < m.begin) m.begin = e->begin;
        if (e->end > m.end) m.end = e->end;
    }
    if (m.end > b->until[row / Q]) m.end = b->until[row / Q];
    return m;
}

static double overlap(ask_world_moment a, ask_world_moment b)
{
    int begin = a.begin > b.begin ? a.begin : b.begin, end = a.end < b.end ? a.end : b.end;
    int all = (a.end > b.end ? a.end : b.end) - (a.begin < b.begin ? a.begin : b.begin);
    return end > begin ? (double)(end - begin) / all : 0;
}

static void check_evidence(void *user, const batch *b, int row, const ask_world_question *q)
{
    evidence_count *n = user;
    const ask_timeline_questions *all = b->q;
    const ask_scene *s = &b->clips[row / Q].scene;
    int n_marked = 0;
    for (int i = 0; i < E; i++) n_marked += all->events[row * E + i] > 0;
    int n_pairs = 0, pair = -1;
    for (int i = 0; i < ASK_TIMELINE_PAIRS; i++)
        if (all->pairs[row * ASK_TIMELINE_PAIRS + i] > 0) pair = i, n_pairs++;
    if (all->denials[row]) {
        CHECK_CASE(q->text, all->told[row] == 1 && n_marked == 0 && n_pairs == 0);
        return;
    }
    int number = q->options[q->answer].number;
    CHECK_CASE(q->text, all->told[row] == (n_marked + n_pairs > 0 || number == 0));
    CHECK_CASE(q->text, !is_counting(q->family) || n_marked + n_pairs <= number);
    n->n_counted += is_counting(q->family);
    n->n_uncounted += is_counting(q->family) && n_marked + n_pairs < number;
    CHECK_CASE(q->text,
               n_marked == 0 || is_of_events(q->family) || q->family == ASK_FAMILY_TIMES);
    CHECK_CASE(q->text, n_pairs == 0 || !is_of_events(q->family));
    CHECK_CASE(q->text, n_pairs <= 1 || is_counting(q->family));
    if (is_of_events(q->family) && q->judged) {
        n->n_judged++;
        n->n_near += overlap(marked_moment(b, row, q), q->moment) >= 0.5;
    }
    if (n_pairs && !is_counting(q->family)) {
        int toy = q->family == ASK_FAMILY_FEASIBILITY ? q->options[q->answer].deed.toy
                                                      : q->objects[0];
        CHECK_CASE(q->text, pair == (int)s->toys[toy].color * ASK_N_SHAPES +
                                        (int)s->toys[toy].shape);
    }
    n->n_events += n_marked > 0;
    n->n_pairs += n_pairs > 0;
    CHECK_CASE(q->text, all->told[row] == 1);
}

static void evidence_is_where_the_answer_is(void **state)
{
    (void)state;
    evidence_count n = {0};
    for_each_question(check_evidence, &n);
    print_message("events of %d of %d judged moments overlap by half; %d questions told by "
                  "events, %d by toys; %d of %d numbers are of more than is marked\n",
                  n.n_near, n.n_judged, n.n_events, n.n_pairs, n.n_uncounted, n.n_counted);
    assert_true(n.n_judged > 2000 && n.n_near >= 0.97 * n.n_judged);
    assert_true(n.n_events > 2000 && n.n_pairs > 2000 && n.n_counted > 500);
    assert_true(n.n_uncounted < 0.1 * n.n_counted); // two toys of one pair are one mark
}

/* ---- weights ---- */

static void families_weigh_the_same(void **state)
{
    (void)state;
    enum { N = 2000 };
    ask_error err = {0};
    const ask_timeline_questions_size one = {1, Q, L, U};
    double weights[ASK_N_FAMILIES] = {0}, sum = 0;
    int n_clips[ASK_N_FAMILIES] = {0};
    ask_timeline_questions *q = ask_timeline_questions_new(&one, &err);
    ask_rng root = ask_rng_new(3);
    for (int i = 0; i < N; i++) {
        ask_world_clip c = make_clip(ASK_SPLIT_TRAIN, i);
        ask_rng r = ask_rng_split_at(&root, (uint64_t)i);
        int until = until_of(&c);
        ask_timeline_questions_begin(q);
        CHECK_OK(ask_timeline_questions_add(q, 0, &c, until, tokenizer, &r, &err), &err);
        for (int k = 0; k < Q; k++) weights[q->families[k]] += q->weight[k];
        for (int k = 0; k < c.n_questions; k++)
            n_clips[c.questions[k].family] += c.questions[k].until == until;
        ask_world_clip_free(&c);
    }
    ask_timeline_questions_free(q);
    for (int f = ASK_FAMILY_NONE + 1; f < ASK_N_FAMILIES; f++) sum += weights[f];
    assert_true(sum > 0.95 * N * Q && sum < 1.05 * N * Q);
    assert_true(weights[ASK_FAMILY_NONE] == 0);
    bool even = true;
    for (int f = ASK_FAMILY_NONE + 1; f < ASK_N_FAMILIES; f++) {
        double part = weights[f] / sum * (ASK_N_FAMILIES - 1);
        even &= part > 0.9 && part < 1.1;
        print_message("%-12s in %.3f of clips, weight %.3f of the mean\n",
                      ask_family_of((ask_family)f).name, (double)n_clips[f] / N, part);
    }
    assert_true(even);
}

/* ---- the same again ---- */

static void check_same(const ask_timeline_questions *a, const ask_timeline_questions *b)
{
    const size_t n = B * Q;
    assert_int_equal(a->n_used, b->n_used);
    assert_memory_equal(a->ids, b->ids, n * L * sizeof *a->ids);
    assert_memory_equal(a->text_mask, b->text_mask, n * L * sizeof *a->text_mask);
    assert_memory_equal(a->answer_ids, b->answer_ids, U * L * sizeof *a->answer_ids);
    assert_memory_equal(a->answer_mask, b->answer_mask, U * L * sizeof *a->answer_mask);
    assert_memory_equal(a->options, b->options, n * O * sizeof *a->options);
    assert_memory_equal(a->right, b->right, n * sizeof *a->right);
    assert_memory_equal(a->open, b->open, n * sizeof *a->open);
    assert_memory_equal(a->pairs, b->pairs, n * ASK_TIMELINE_PAIRS * sizeof *a->pairs);
    assert_memory_equal(a->rivals, b->rivals, n * U * sizeof *a->rivals);
    assert_memory_equal(a->weight, b->weight, n * sizeof *a->weight);
    assert_memory_equal(a->events, b->events, n * E * sizeof *a->events);
    assert_memory_equal(a->told, b->told, n * sizeof *a->told);
    assert_memory_equal(a->families, b->families, n * sizeof *a->families);
    assert_memory_equal(a->denials, b->denials, n * sizeof *a->denials);
}

static void a_batch_depends_on_seed_and_clips_alone(void **state)
{
    (void)state;
    ask_error err = {0};
    batch a, b;
    batch_open(&a, world[ASK_SPLIT_VAL], &usual);
    batch_open(&b, &world[ASK_SPLIT_VAL][64], &usual);
    CHECK_OK(fill(&b, 9, &err), &err); // something else first
    show(&b, world[ASK_SPLIT_VAL]);
    CHECK_OK(fill(&a, 4, &err), &err);
    CHECK_OK(fill(&b, 4, &err), &err);
    check_same(a.q, b.q);
    CHECK_OK(fill(&b, 5, &err), &err);
    assert_memory_not_equal(a.q->ids, b.q->ids, B * Q * L * sizeof *a.q->ids);
    ask_timeline_questions_free(a.q);
    ask_timeline_questions_free(b.q);
}

/* A batch whose first clip is shown only up to its prediction. */
static const ask_world_clip *some_cut_clips(void)
{
    const ask_world_clip *clips = world[ASK_SPLIT_TRAIN];
    while (until_of(clips) == clips->scene.n_frames) clips += B;
    assert_true(clips < world[ASK_SPLIT_TRAIN] + N_CLIPS);
    return clips;
}

static void places_without_a_question_are_empty(void **state)
{
    (void)state;
    ask_error err = {0};
    batch b;
    batch_open(&b, some_cut_clips(), &usual);
    CHECK_OK(fill(&b, 2, &err), &err);
    assert_int_equal(b.q->families[0], ASK_FAMILY_PREDICTION);
    int n_empty = 0;
    for (int row = 0; row < B * Q; row++) {
        if (b.q->families[row] != ASK_FAMILY_NONE) continue;
        assert_true(b.q->weight[row] == 0 && b.q->told[row] == 0);
        assert_true(b.q->open[row] == -1);
        for (int i = 0; i < ASK_TIMELINE_PAIRS; i++)
            assert_true(b.q->pairs[row * ASK_TIMELINE_PAIRS + i] == 0);
        assert_false(b.q->text_mask[row * L]);
        n_empty++;
    }
    assert_true(n_empty >= Q - 1);
    ask_timeline_questions_free(b.q);
}

/* ---- what does not fit ---- */

static void sizes_that_are_none_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        ask_timeline_questions_size size;
    } cases[] = {
        {"no clips", {0, Q, L, U, 0}},
        {"no questions", {B, 0, L, U, 0}},
        {"no tokens", {B, Q, 0, U, 0}},
        {"a negative number of answers", {B, Q, L, -1, 0}},
        {"too many questions", {1 << 30, 1 << 30, L, U, 0}},
        {"too many tokens", {B, Q, 1 << 30, U, 0}},
        {"too many answers", {B, Q, L, 1 << 30, 0}},
        {"a negative number of near misses", {B, Q, L, U, -1}},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        CHECK_CASE(cases[i].name, !ask_timeline_questions_new(&cases[i].size, &err));
        CHECK_CASE(cases[i].name, err.code == ASK_ERR_USAGE);
    }
    ask_timeline_questions_free(NULL);
}

static void what_has_no_room_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *name, *says;
        ask_timeline_questions_size size;
    } cases[] = {
        {"long texts", "tokens, the batch has room for 3", {B, Q, 3, U, 0}},
        {"many answers", "room for 20 answers", {B, Q, L, 20, 0}},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        batch b;
        batch_open(&b, world[ASK_SPLIT_TRAIN], &cases[i].size);
        CHECK_CASE(cases[i].name, !fill(&b, 1, &err) && err.code == ASK_ERR_LIMIT);
        CHECK_CASE(cases[i].name, strstr(err.message, cases[i].says));
        ask_timeline_questions_free(b.q);
    }
}

static bool make_and_fill(void *user, ask_error *err)
{
    const ask_world_clip *clip = user;
    const ask_timeline_questions_size small = {1, 3, L, 32, 2};
    ask_rng r = ask_rng_new(1);
    ask_timeline_questions *q = ask_timeline_questions_new(&small, err);
    bool ok = q && ask_timeline_questions_add(q, 0, clip, clip->scene.n_frames, tokenizer,
                                              &r, err);
    if (ok) ask_timeline_questions_end(q);
    ask_timeline_questions_free(q);
    return ok;
}

static void memory_may_run_out_at_any_time(void **state)
{
    (void)state;
    assert_true(
        test_some_allocs_fail("questions", make_and_fill, &world[ASK_SPLIT_TRAIN][1]) > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_what_clips_ask),
        cmocka_unit_test(answers_are_all_different),
        cmocka_unit_test(rivals_are_all_answers_that_are_not_right),
        cmocka_unit_test(what_is_nearly_right_is_among_the_answers),
        cmocka_unit_test(what_a_toy_does_is_never_a_rival),
        cmocka_unit_test(evidence_is_where_the_answer_is),
        cmocka_unit_test(families_weigh_the_same),
        cmocka_unit_test(a_batch_depends_on_seed_and_clips_alone),
        cmocka_unit_test(places_without_a_question_are_empty),
        cmocka_unit_test(sizes_that_are_none_are_refused),
        cmocka_unit_test(what_has_no_room_is_named),
        cmocka_unit_test(memory_may_run_out_at_any_time),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
