#include "cli/libraries.h"

#include "base/json.h"
#include "media/codecs.h"
#include "tensor/cpu/cpu.h"
#include "text/libraries.h"

size_t cli_libraries(ask_library out[CLI_MOST_LIBRARIES])
{
    size_t n = 0;
    for (size_t i = 0; ask_media_library_at(&out[n], i); i++) n++;
    for (size_t i = 0; ask_text_library_at(&out[n], i); i++) n++;
    out[n++] = ask_cpu_library();
    out[n++] = ask_json_library();
    return n;
}
