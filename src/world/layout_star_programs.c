/* layout_star_programs.c - programs that answer questions of order, and what a choice must
 * be equal to.
 *
 * After: Wu et al. 2021 (STAR), whose functions these are: filters take a list of actions
 * and a text, or two lists, from a stack. An action is what a toy does: its verb and the
 * toy, where STAR has a verb and an object of the one person. Functions for two toys, for
 * ways and for places the set has not: such questions have no programs. */
#include "world/layout_star_priv.h"
#include "world/pick_priv.h"

/* One step; texts end with NULL. */
static void put_step(ask_json_writer *w, const char *function, const char *const *texts)
{
    ask_json_open_object(w, NULL);
    ask_json_put_string(w, "function", function);
    ask_json_open_array(w, "value_input");
    for (; texts && *texts; texts++) ask_json_put_string(w, NULL, *texts);
    ask_json_close(w);
    ask_json_close(w);
}

static void put_actions(ask_json_writer *w)
{
    put_step(w, "Situations", NULL);
    put_step(w, "Actions", NULL);
}

/* ---- questions ---- */

/* Whether it asks for the first of all events; else for the last. */
static bool asks_for_the_first(const ask_world_clip *c, const ask_world_question *q)
{
    return q->moment.begin == c->scene.events[0].begin;
}

/* All that comes after, or before, what the question names. */
static void put_filters(ask_json_writer *w, const ask_world_question *q, bool after)
{
    ask_str toy = {0};
    ask_phrase_noun(&toy, q->subject);
    put_actions(w);
    put_actions(w);
    put_step(w, "Filter_Actions_with_Obj", (const char *[]){ask_str_text(&toy), NULL});
    put_step(w, "Filter_Actions_with_Verb",
             (const char *[]){ask_event_name((ask_event_kind)q->asked.kind), NULL});
    put_step(w, "Unique", NULL);
    put_step(w, after ? "Filter_After_Actions" : "Filter_Before_Actions", NULL);
    w->out->failed |= toy.failed;
    ask_str_free(&toy);
}

void layout_star_put_question_program(ask_json_writer *w, const ask_world_clip *c,
                                      const ask_world_question *q)
{
    bool of_all = q->family == ASK_FAMILY_FIRST_LAST || q->family == ASK_FAMILY_WHO_FIRST;
    bool beside = q->family == ASK_FAMILY_NEXT || q->family == ASK_FAMILY_BEFORE;
    bool earliest = of_all ? asks_for_the_first(c, q) : q->family == ASK_FAMILY_NEXT;
    ask_json_open_array(w, "question_program");
    if ((of_all || beside) && !q->ambiguous) {
        if (of_all) put_actions(w);
        if (beside) put_filters(w, q, earliest);
        put_step(w, earliest ? "Query_Earliest_Action" : "Query_Latest_Action", NULL);
        put_step(w, q->family == ASK_FAMILY_WHO_FIRST ? "Query_Objs" : "Query_Actions",
                 NULL);
    }
    ask_json_close(w);
}

/* ---- choices ---- */

void layout_star_put_choice_program(ask_json_writer *w, const ask_world_clip *c,
                                    const ask_world_question *q, int option)
{
    const ask_deed d = q->options[option].deed;
    bool is_of_order = q->type == ASK_QUESTION_ORDER && !q->ambiguous;
    ask_json_open_array(w, "choice_program");
    if (is_of_order && d.toy != ASK_ANY) {
        ask_str toy = {0};
        ask_phrase_noun(
            &toy, ask_pick_toy(&c->scene.toys[d.toy], ASK_PICK_COLOR | ASK_PICK_SHAPE));
        const char *values[] = {ask_str_text(&toy), NULL, NULL};
        if (d.kind != ASK_ANY) {
            values[0] = ask_event_name((ask_event_kind)d.kind);
            values[1] = ask_str_text(&toy);
        }
        put_step(w, "Equal", values);
        w->out->failed |= toy.failed;
        ask_str_free(&toy);
    }
    ask_json_close(w);
}
