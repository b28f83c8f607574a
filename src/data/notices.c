#include "data/notices.h"

#include <string.h>

enum { MOST_NOTICES = 10 };

void ask_data_tell_notices(const ask_dataset *d, const ask_logger *log)
{
    size_t n;
    const ask_data_notice *notices = ask_dataset_report(d, &n);
    for (size_t i = 0; i < n && i < MOST_NOTICES; i++)
        ask_log_send(log, ASK_LOG_WARNING, "%s (%s)", notices[i].text,
                     ask_data_notice_name(notices[i].kind));
    if (n > MOST_NOTICES)
        ask_log_send(log, ASK_LOG_WARNING,
                     "%s: %zu more were noticed; askance data tells them",
                     ask_dataset_file(d), n - MOST_NOTICES);
}

void ask_data_count_notices(size_t out[ASK_DATA_N_NOTICES], const ask_dataset *d)
{
    size_t n;
    const ask_data_notice *notices = ask_dataset_report(d, &n);
    memset(out, 0, ASK_DATA_N_NOTICES * sizeof *out);
    for (size_t i = 0; i < n; i++) out[notices[i].kind]++;
}
