#include "hub/pace_priv.h"

#include "base/clock.h"
#include "base/number.h"
#include "base/path.h"
#include "base/str.h"

/* The speed is that of so many seconds, mixed with what it was before. */
static const double SPAN_S = 0.5;

static void take_speed(hub_pace *p, int64_t n_bytes)
{
    double now_s = ask_clock_s(), span_s = now_s - p->since_s;
    p->since_bytes += n_bytes;
    if (p->since_s > 0 && span_s < SPAN_S) return;
    if (p->since_s > 0) {
        double speed = (double)p->since_bytes / span_s;
        p->speed = p->speed > 0 ? 0.7 * p->speed + 0.3 * speed : speed;
    }
    p->since_s = now_s;
    p->since_bytes = 0;
}

void hub_pace_add(hub_pace *p, int64_t n_bytes, bool came, const char *file)
{
    p->done_bytes += n_bytes;
    if (came) take_speed(p, n_bytes);
    if (!p->progress) return;
    char label[160], done[ASK_BYTES_TEXT_BYTES], total[ASK_BYTES_TEXT_BYTES];
    ask_format_bytes(done, p->done_bytes);
    ask_format_bytes(total, p->total_bytes);
    if (came)
        ask_format(label, sizeof label, "%s of %s, %.1f MB/s, %s", done, total,
                   p->speed / 1e6, ask_path_basename(file));
    else
        ask_format(label, sizeof label, "%s of %s, checking %s", done, total,
                   ask_path_basename(file));
    ask_progress_send(p->progress, p->done_bytes, p->total_bytes, "bytes", label);
}
