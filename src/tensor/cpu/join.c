/* Concatenating and padding: copies into parts of the result. */
#include "tensor/cpu/adaptors_priv.h"
#include "tensor/cpu/element_priv.h"

/* Elements begin .. begin + size of the result along an axis. */
static ask_view part_of(const ask_view *out, int axis, int64_t begin, int64_t size)
{
    ask_view part = *out;
    part.shape[axis] = size;
    part.offset_bytes += (size_t)(begin * out->stride[axis]) * ask_dtype_bytes(out->type);
    return part;
}

bool cpu_concat(cpu_backend *c, const ask_node *n, ask_error *err)
{
    (void)err;
    int axis = node_params(n)->index.axis;
    int64_t begin = 0;
    for (int i = 0; i < n->n_src; i++) {
        int64_t size = n->src[i].shape[axis];
        ask_view part = part_of(&n->out, axis, begin, size);
        cpu_copy_view(c, &part, &n->src[i]);
        begin += size;
    }
    return true;
}

bool cpu_pad(cpu_backend *c, const ask_node *n, ask_error *err)
{
    (void)err;
    const ask_op_params *p = node_params(n);
    int axis = p->pad.axis;
    int64_t size = n->src[0].shape[axis];
    ask_real value = (ask_real)p->pad.value;
    ask_buffer filler = {.handle = &value, .bytes = sizeof value, .constant = true};
    ask_view fill = {.buffer = &filler,
                     .type = ASK_F32}; // no axes: stretches to every shape

    ask_view before = part_of(&n->out, axis, 0, p->pad.before);
    ask_view middle = part_of(&n->out, axis, p->pad.before, size);
    ask_view after = part_of(&n->out, axis, p->pad.before + size, p->pad.after);
    cpu_copy_view(c, &before, &fill);
    cpu_copy_view(c, &middle, &n->src[0]);
    cpu_copy_view(c, &after, &fill);
    return true;
}
