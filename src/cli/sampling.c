#include "cli/sampling.h"

bool cli_sampling_check(const cli_sampling_values *v, ask_error *err)
{
    return v->end_s > 0 ||
           ask_fail(err, ASK_ERR_USAGE, "--end=0 is the beginning: nothing lies before it");
}

ask_sampling_options cli_sampling(const cli_sampling_values *v)
{
    ask_sampling_options o = ask_sampling_defaults();
    o.n_frames = (int)v->n_frames;
    o.fps = v->fps;
    o.max_frames = (int)v->max_frames;
    o.start_s = v->start_s;
    o.end_s = v->end_s;
    return o;
}
