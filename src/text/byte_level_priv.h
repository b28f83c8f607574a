/* text/byte_level_priv.h - bytes as visible characters (Radford et al. 2019).
 *
 * Byte-level vocabularies hold texts of bytes. So that a vocabulary is readable, each byte
 * is written as one character: the printable ones of Latin-1 as themselves, the others, in
 * order, as U+0100 and on. A space is U+0120, a line feed U+010A. */
#ifndef ASK_TEXT_BYTE_LEVEL_PRIV_H
#define ASK_TEXT_BYTE_LEVEL_PRIV_H

#include <stdint.h>

enum { ASK_BYTE_SPACE = 0x120 };

uint32_t ask_byte_character(uint8_t byte);
int ask_byte_of_character(uint32_t c); // -1: it stands for no byte

/* The byte at a place (0 to 255) of the alphabet as published vocabularies order it:
 * printable bytes first. */
uint8_t ask_byte_at(int place);

#endif
