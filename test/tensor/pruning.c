/* A request for one gradient builds no node that it does not need: of each op case, for
 * each of its inputs, and for pairs of them. */
#include "support/op_suite.h"
#include "support/tensors.h"

/* Only what kept tensors need runs, and those are the result, its weighted sum and the
 * gradients. */
static void check_request(const op_case *c, unsigned asked)
{
    ask_error err = {0};
    case_run r;
    case_place place = {&the_cpu, 1, the_cpu, asked};
    if (!case_open(&r, c, LAYOUT_PLAIN, &place, &err)) fail_msg("%s", err.message);
    int built = ask_graph_n_ops(r.graph), run = ask_graph_info(r.graph).n_nodes;
    if (built != run)
        fail_msg("gradients of inputs %#x: of %d nodes, %d serve nothing", asked, built,
                 built - run);
    case_close(&r);
}

static void builds_no_node_in_vain(void **state)
{
    const op_case *c = *state;
    for (int i = 0; i < CASE_MAX_INPUTS; i++)
        for (int j = i; j < CASE_MAX_INPUTS; j++)
            if (c->in[i].grad && c->in[j].grad) check_request(c, 1u << i | 1u << j);
    check_request(c, 0);
}

int main(void)
{
    return op_suite_run(&(op_suite){
        .test = builds_no_node_in_vain, .setup = open_cpu, .teardown = close_cpu});
}
