/* main.c - the commands of the program, in the order in which help shows them. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/run.h"

/* Where standard input is closed, the first file that is opened would stand in for it. */
static void open_input(void)
{
    if (fcntl(STDIN_FILENO, F_GETFD) < 0) (void)open("/dev/null", O_RDONLY);
}

int main(int argc, char **argv)
{
    const cli_command commands[] = {
        cli_ask_command,
        cli_chat_command,
        cli_find_command,
        cli_inspect_command,
        cli_eval_command,
        cli_model_verify_command,
        cli_model_info_command,
        cli_model_bench_command,
        cli_model_init_command,
        cli_model_pull_command,
        cli_model_calibrate_command,
        cli_model_quantize_command,
        cli_train_bpe_command,
        cli_train_clip_command,
        cli_train_glance_focus_command,
        cli_train_timeline_command,
        cli_world_command,
        cli_data_command,
        cli_features_command,
        cli_features_info_command,
        cli_doctor_command,
        cli_version_command,
        {0},
    };
    open_input();
    return cli_run(commands, argc, argv, stdout, stderr);
}
