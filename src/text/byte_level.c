#include "text/byte_level_priv.h"

#include <stdbool.h>

/* The bytes that are not printable in Latin-1 lie in three runs. */
enum { N_LOW = 0x21, FIRST_HIGH = 0x7F, LAST_HIGH = 0xA0, SOFT_HYPHEN = 0xAD };
enum { N_HIGH = LAST_HIGH - FIRST_HIGH + 1, N_HIDDEN = N_LOW + N_HIGH + 1 };

static bool is_hidden(uint32_t byte)
{
    return byte < N_LOW || (byte >= FIRST_HIGH && byte <= LAST_HIGH) || byte == SOFT_HYPHEN;
}

/* How many hidden bytes lie below one. */
static uint32_t rank_of_hidden(uint8_t byte)
{
    if (byte < N_LOW) return byte;
    return byte == SOFT_HYPHEN ? N_LOW + N_HIGH : N_LOW + (uint32_t)byte - FIRST_HIGH;
}

static uint8_t hidden_at(uint32_t rank)
{
    if (rank < N_LOW) return (uint8_t)rank;
    return rank == N_LOW + N_HIGH ? SOFT_HYPHEN : (uint8_t)(rank - N_LOW + FIRST_HIGH);
}

uint32_t ask_byte_character(uint8_t byte)
{
    return is_hidden(byte) ? 0x100 + rank_of_hidden(byte) : byte;
}

int ask_byte_of_character(uint32_t c)
{
    if (c < 0x100) return is_hidden(c) ? -1 : (int)c;
    return c - 0x100 < N_HIDDEN ? hidden_at(c - 0x100) : -1;
}

uint8_t ask_byte_at(int place)
{
    int n_visible = 256 - N_HIDDEN;
    if (place >= n_visible) return hidden_at((uint32_t)(place - n_visible));
    int below_soft_hyphen = SOFT_HYPHEN - N_LOW - N_HIGH;
    int byte = place + N_LOW;
    if (byte >= FIRST_HIGH) byte += N_HIGH;
    return (uint8_t)(place >= below_soft_hyphen ? byte + 1 : byte);
}
