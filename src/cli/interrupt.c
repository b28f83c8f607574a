#include "cli/interrupt.h"

#include <signal.h>
#include <unistd.h>

// A signal handler reaches nothing but globals; the library has none, the program has this
// one.
static ask_cancel interrupted;

static void on_signal(int signal)
{
    if (ask_cancel_signal(&interrupted)) _exit(128 + signal);
    ask_cancel_raise(&interrupted, signal);
}

const ask_cancel *cli_interrupt_watch(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    return &interrupted;
}

void cli_interrupt_forget(void)
{
    interrupted.signal = 0;
}
