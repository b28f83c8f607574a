/* Written by tools/font/make.py from tools/font/glyphs.txt; edit the drawings there. */
#include "media/font_priv.h"

// clang-format off
const ask_glyph ask_font[] = {
    {0x0020, 0x0000000000000000, 0x0000000000000000}, // space
    {0x0021, 0x0000080808080808, 0x0800080800000000}, // exclamation mark
    {0x0022, 0x0000141414000000, 0x0000000000000000}, // quotation mark
    {0x0023, 0x00000024247e2424, 0x247e242400000000}, // number sign
    {0x0024, 0x0000083e4948483e, 0x0909493e08000000}, // dollar sign
    {0x0025, 0x00000031494a3208, 0x2629494600000000}, // percent sign
    {0x0026, 0x0000182424183049, 0x4642463900000000}, // ampersand
    {0x0027, 0x0000080808000000, 0x0000000000000000}, // apostrophe
    {0x0028, 0x0004080810101010, 0x1010100808040000}, // left parenthesis
    {0x0029, 0x0010080804040404, 0x0404040808100000}, // right parenthesis
    {0x002a, 0x00000000082a1c2a, 0x0800000000000000}, // asterisk
    {0x002b, 0x000000000008083e, 0x0808000000000000}, // plus sign
    {0x002c, 0x0000000000000000, 0x0000181808100000}, // comma
    {0x002d, 0x000000000000003c, 0x0000000000000000}, // hyphen-minus
    {0x002e, 0x0000000000000000, 0x0000181800000000}, // full stop
    {0x002f, 0x0000020404080810, 0x1020204000000000}, // solidus
    {0x0030, 0x00003c4242464a52, 0x6242423c00000000}, // digit zero
    {0x0031, 0x0000081828080808, 0x0808083e00000000}, // digit one
    {0x0032, 0x00003c4202020408, 0x1020407e00000000}, // digit two
    {0x0033, 0x00003c4202021c02, 0x0202423c00000000}, // digit three
    {0x0034, 0x0000040c14244444, 0x7e04040400000000}, // digit four
    {0x0035, 0x00007e40407c0202, 0x0202423c00000000}, // digit five
    {0x0036, 0x00001c2040407c42, 0x4242423c00000000}, // digit six
    {0x0037, 0x00007e0202040408, 0x0810101000000000}, // digit seven
    {0x0038, 0x00003c4242423c42, 0x4242423c00000000}, // digit eight
    {0x0039, 0x00003c424242423e, 0x0202043800000000}, // digit nine
    {0x003a, 0x0000000000181800, 0x0000181800000000}, // colon
    {0x003b, 0x0000000000181800, 0x0000181808100000}, // semicolon
    {0x003c, 0x0000000204081020, 0x1008040200000000}, // less-than sign
    {0x003d, 0x0000000000007e00, 0x007e000000000000}, // equals sign
    {0x003e, 0x0000004020100804, 0x0810204000000000}, // greater-than sign
    {0x003f, 0x00003c4202020408, 0x0800080800000000}, // question mark
    {0x0040, 0x0000003e414d5555, 0x554f403e00000000}, // commercial at
    {0x0041, 0x0000182424424242, 0x7e42424200000000}, // latin capital letter a
    {0x0042, 0x00007c4242427c42, 0x4242427c00000000}, // latin capital letter b
    {0x0043, 0x00003c4240404040, 0x4040423c00000000}, // latin capital letter c
    {0x0044, 0x0000784442424242, 0x4242447800000000}, // latin capital letter d
    {0x0045, 0x00007e4040407c40, 0x4040407e00000000}, // latin capital letter e
    {0x0046, 0x00007e4040407c40, 0x4040404000000000}, // latin capital letter f
    {0x0047, 0x00003c424040404e, 0x4242423c00000000}, // latin capital letter g
    {0x0048, 0x0000424242427e42, 0x4242424200000000}, // latin capital letter h
    {0x0049, 0x00001c0808080808, 0x0808081c00000000}, // latin capital letter i
    {0x004a, 0x00000e0404040404, 0x0444443800000000}, // latin capital letter j
    {0x004b, 0x0000424448506060, 0x5048444200000000}, // latin capital letter k
    {0x004c, 0x0000404040404040, 0x4040407e00000000}, // latin capital letter l
    {0x004d, 0x0000416363555549, 0x4941414100000000}, // latin capital letter m
    {0x004e, 0x000042626252524a, 0x4a46464200000000}, // latin capital letter n
    {0x004f, 0x00003c4242424242, 0x4242423c00000000}, // latin capital letter o
    {0x0050, 0x00007c424242427c, 0x4040404000000000}, // latin capital letter p
    {0x0051, 0x00003c4242424242, 0x424a443a00000000}, // latin capital letter q
    {0x0052, 0x00007c424242427c, 0x5048444200000000}, // latin capital letter r
    {0x0053, 0x00003c4240403c02, 0x0202423c00000000}, // latin capital letter s
    {0x0054, 0x00007f0808080808, 0x0808080800000000}, // latin capital letter t
    {0x0055, 0x0000424242424242, 0x4242423c00000000}, // latin capital letter u
    {0x0056, 0x0000414141222222, 0x1414080800000000}, // latin capital letter v
    {0x0057, 0x0000414141494949, 0x5555222200000000}, // latin capital letter w
    {0x0058, 0x0000412214140808, 0x1414224100000000}, // latin capital letter x
    {0x0059, 0x0000414122221408, 0x0808080800000000}, // latin capital letter y
    {0x005a, 0x00007e0204040810, 0x2020407e00000000}, // latin capital letter z
    {0x005b, 0x001c101010101010, 0x10101010101c0000}, // left square bracket
    {0x005c, 0x0000402020101008, 0x0804040200000000}, // reverse solidus
    {0x005d, 0x001c040404040404, 0x04040404041c0000}, // right square bracket
    {0x005e, 0x0000081422000000, 0x0000000000000000}, // circumflex accent
    {0x005f, 0x0000000000000000, 0x00000000007f0000}, // low line
    {0x0060, 0x0000100800000000, 0x0000000000000000}, // grave accent
    {0x0061, 0x00000000003c0202, 0x3e42423e00000000}, // latin small letter a
    {0x0062, 0x00004040407c4242, 0x4242427c00000000}, // latin small letter b
    {0x0063, 0x00000000003c4240, 0x4040423c00000000}, // latin small letter c
    {0x0064, 0x00000202023e4242, 0x4242423e00000000}, // latin small letter d
    {0x0065, 0x00000000003c4242, 0x7e40403e00000000}, // latin small letter e
    {0x0066, 0x00000e10103e1010, 0x1010101000000000}, // latin small letter f
    {0x0067, 0x00000000003e4242, 0x4242423e02023c00}, // latin small letter g
    {0x0068, 0x00004040407c4242, 0x4242424200000000}, // latin small letter h
    {0x0069, 0x0000080800180808, 0x0808081c00000000}, // latin small letter i
    {0x006a, 0x00000404000c0404, 0x0404040404443800}, // latin small letter j
    {0x006b, 0x0000404040424448, 0x7048444200000000}, // latin small letter k
    {0x006c, 0x0000180808080808, 0x0808081c00000000}, // latin small letter l
    {0x006d, 0x00000000007e4949, 0x4949494900000000}, // latin small letter m
    {0x006e, 0x00000000007c4242, 0x4242424200000000}, // latin small letter n
    {0x006f, 0x00000000003c4242, 0x4242423c00000000}, // latin small letter o
    {0x0070, 0x00000000007c4242, 0x4242427c40404000}, // latin small letter p
    {0x0071, 0x00000000003e4242, 0x4242423e02020200}, // latin small letter q
    {0x0072, 0x00000000005e6040, 0x4040404000000000}, // latin small letter r
    {0x0073, 0x00000000003e4040, 0x3c02027c00000000}, // latin small letter s
    {0x0074, 0x00000010103e1010, 0x1010100e00000000}, // latin small letter t
    {0x0075, 0x0000000000424242, 0x4242423e00000000}, // latin small letter u
    {0x0076, 0x0000000000424242, 0x2424181800000000}, // latin small letter v
    {0x0077, 0x0000000000414149, 0x4949552200000000}, // latin small letter w
    {0x0078, 0x0000000000424224, 0x1824424200000000}, // latin small letter x
    {0x0079, 0x0000000000424242, 0x4242423e02023c00}, // latin small letter y
    {0x007a, 0x00000000007e0408, 0x1020407e00000000}, // latin small letter z
    {0x007b, 0x0006080808080810, 0x0808080808060000}, // left curly bracket
    {0x007c, 0x0008080808080808, 0x0808080808080000}, // vertical line
    {0x007d, 0x0030080808080804, 0x0808080808300000}, // right curly bracket
    {0x007e, 0x000000000000324c, 0x0000000000000000}, // tilde
    {0x00a0, 0x0000000000000000, 0x0000000000000000}, // no-break space
    {0x00a1, 0x0000000000080800, 0x0808080808080800}, // inverted exclamation mark
    {0x00a2, 0x00000000083e4948, 0x48493e0800000000}, // cent sign
    {0x00a3, 0x00001c2220207820, 0x2020207e00000000}, // pound sign
    {0x00a4, 0x0000000000423c24, 0x243c420000000000}, // currency sign
    {0x00a5, 0x000041412214083e, 0x083e080800000000}, // yen sign
    {0x00a6, 0x0000080808080000, 0x0808080800000000}, // broken bar
    {0x00a7, 0x00003c4240384422, 0x1c02423c00000000}, // section sign
    {0x00a8, 0x0000242400000000, 0x0000000000000000}, // diaeresis
    {0x00a9, 0x0000003e414d5151, 0x4d413e0000000000}, // copyright sign
    {0x00aa, 0x000038043c443c00, 0x7c00000000000000}, // feminine ordinal indicator
    {0x00ab, 0x0000000000001224, 0x4824120000000000}, // left-pointing double angle quotation mark
    {0x00ac, 0x000000000000007e, 0x0202000000000000}, // not sign
    {0x00ad, 0x000000000000003c, 0x0000000000000000}, // soft hyphen
    {0x00ae, 0x0000003e41595559, 0x55413e0000000000}, // registered sign
    {0x00af, 0x0000003c00000000, 0x0000000000000000}, // macron
    {0x00b0, 0x0000182424180000, 0x0000000000000000}, // degree sign
    {0x00b1, 0x000000000008083e, 0x0808003e00000000}, // plus-minus sign
    {0x00b2, 0x0000304810207800, 0x0000000000000000}, // superscript two
    {0x00b3, 0x0000700830087000, 0x0000000000000000}, // superscript three
    {0x00b4, 0x0000081000000000, 0x0000000000000000}, // acute accent
    {0x00b5, 0x0000000000424242, 0x4242467a40404000}, // micro sign
    {0x00b6, 0x00003e7a7a7a3a0a, 0x0a0a0a0a00000000}, // pilcrow sign
    {0x00b7, 0x0000000000000018, 0x1800000000000000}, // middle dot
    {0x00b8, 0x0000000000000000, 0x0000000010083000}, // cedilla
    {0x00b9, 0x0000206020207000, 0x0000000000000000}, // superscript one
    {0x00ba, 0x000038444438007c, 0x0000000000000000}, // masculine ordinal indicator
    {0x00bb, 0x0000000000004824, 0x1224480000000000}, // right-pointing double angle quotation mark
    {0x00bc, 0x0000206122240812, 0x264a0f0200000000}, // vulgar fraction one quarter
    {0x00bd, 0x0000206122240816, 0x2942040f00000000}, // vulgar fraction one half
    {0x00be, 0x0000601122146812, 0x264a0f0200000000}, // vulgar fraction three quarters
    {0x00bf, 0x0000000000080800, 0x0808102020211e00}, // inverted question mark
    {0x00c0, 0x1008001824244242, 0x7e42424200000000}, // latin capital letter a with grave
    {0x00c1, 0x0810001824244242, 0x7e42424200000000}, // latin capital letter a with acute
    {0x00c2, 0x1824001824244242, 0x7e42424200000000}, // latin capital letter a with circumflex
    {0x00c3, 0x324c001824244242, 0x7e42424200000000}, // latin capital letter a with tilde
    {0x00c4, 0x2424001824244242, 0x7e42424200000000}, // latin capital letter a with diaeresis
    {0x00c5, 0x1824181824244242, 0x7e42424200000000}, // latin capital letter a with ring above
    {0x00c6, 0x00003f4848487e48, 0x4848484f00000000}, // latin capital letter ae
    {0x00c7, 0x00003c4240404040, 0x4040423c10083000}, // latin capital letter c with cedilla
    {0x00c8, 0x1008007e4040407c, 0x4040407e00000000}, // latin capital letter e with grave
    {0x00c9, 0x0810007e4040407c, 0x4040407e00000000}, // latin capital letter e with acute
    {0x00ca, 0x1824007e4040407c, 0x4040407e00000000}, // latin capital letter e with circumflex
    {0x00cb, 0x2424007e4040407c, 0x4040407e00000000}, // latin capital letter e with diaeresis
    {0x00cc, 0x1008001c08080808, 0x0808081c00000000}, // latin capital letter i with grave
    {0x00cd, 0x0810001c08080808, 0x0808081c00000000}, // latin capital letter i with acute
    {0x00ce, 0x1824001c08080808, 0x0808081c00000000}, // latin capital letter i with circumflex
    {0x00cf, 0x2424001c08080808, 0x0808081c00000000}, // latin capital letter i with diaeresis
    {0x00d0, 0x00003c2221217121, 0x2121223c00000000}, // latin capital letter eth
    {0x00d1, 0x324c00426252524a, 0x4a46464200000000}, // latin capital letter n with tilde
    {0x00d2, 0x1008003c42424242, 0x4242423c00000000}, // latin capital letter o with grave
    {0x00d3, 0x0810003c42424242, 0x4242423c00000000}, // latin capital letter o with acute
    {0x00d4, 0x1824003c42424242, 0x4242423c00000000}, // latin capital letter o with circumflex
    {0x00d5, 0x324c003c42424242, 0x4242423c00000000}, // latin capital letter o with tilde
    {0x00d6, 0x2424003c42424242, 0x4242423c00000000}, // latin capital letter o with diaeresis
    {0x00d7, 0x0000000000221408, 0x1422000000000000}, // multiplication sign
    {0x00d8, 0x00013e4246464a52, 0x6262427c00000000}, // latin capital letter o with stroke
    {0x00d9, 0x1008004242424242, 0x4242423c00000000}, // latin capital letter u with grave
    {0x00da, 0x0810004242424242, 0x4242423c00000000}, // latin capital letter u with acute
    {0x00db, 0x1824004242424242, 0x4242423c00000000}, // latin capital letter u with circumflex
    {0x00dc, 0x2424004242424242, 0x4242423c00000000}, // latin capital letter u with diaeresis
    {0x00dd, 0x0810004141222214, 0x0808080800000000}, // latin capital letter y with acute
    {0x00de, 0x000040407c424242, 0x427c404000000000}, // latin capital letter thorn
    {0x00df, 0x0000384444445844, 0x4242425c00000000}, // latin small letter sharp s
    {0x00e0, 0x00001008003c0202, 0x3e42423e00000000}, // latin small letter a with grave
    {0x00e1, 0x00000810003c0202, 0x3e42423e00000000}, // latin small letter a with acute
    {0x00e2, 0x00001824003c0202, 0x3e42423e00000000}, // latin small letter a with circumflex
    {0x00e3, 0x0000324c003c0202, 0x3e42423e00000000}, // latin small letter a with tilde
    {0x00e4, 0x00002424003c0202, 0x3e42423e00000000}, // latin small letter a with diaeresis
    {0x00e5, 0x00182418003c0202, 0x3e42423e00000000}, // latin small letter a with ring above
    {0x00e6, 0x0000000000360909, 0x3f48483700000000}, // latin small letter ae
    {0x00e7, 0x00000000003c4240, 0x4040423c10083000}, // latin small letter c with cedilla
    {0x00e8, 0x00001008003c4242, 0x7e40403e00000000}, // latin small letter e with grave
    {0x00e9, 0x00000810003c4242, 0x7e40403e00000000}, // latin small letter e with acute
    {0x00ea, 0x00001824003c4242, 0x7e40403e00000000}, // latin small letter e with circumflex
    {0x00eb, 0x00002424003c4242, 0x7e40403e00000000}, // latin small letter e with diaeresis
    {0x00ec, 0x0000100800180808, 0x0808081c00000000}, // latin small letter i with grave
    {0x00ed, 0x0000081000180808, 0x0808081c00000000}, // latin small letter i with acute
    {0x00ee, 0x0000182400180808, 0x0808081c00000000}, // latin small letter i with circumflex
    {0x00ef, 0x0000242400180808, 0x0808081c00000000}, // latin small letter i with diaeresis
    {0x00f0, 0x0000281028043e42, 0x4242423c00000000}, // latin small letter eth
    {0x00f1, 0x0000324c007c4242, 0x4242424200000000}, // latin small letter n with tilde
    {0x00f2, 0x00001008003c4242, 0x4242423c00000000}, // latin small letter o with grave
    {0x00f3, 0x00000810003c4242, 0x4242423c00000000}, // latin small letter o with acute
    {0x00f4, 0x00001824003c4242, 0x4242423c00000000}, // latin small letter o with circumflex
    {0x00f5, 0x0000324c003c4242, 0x4242423c00000000}, // latin small letter o with tilde
    {0x00f6, 0x00002424003c4242, 0x4242423c00000000}, // latin small letter o with diaeresis
    {0x00f7, 0x000000001818007e, 0x0018180000000000}, // division sign
    {0x00f8, 0x00000000003e464a, 0x4a52627c00000000}, // latin small letter o with stroke
    {0x00f9, 0x0000100800424242, 0x4242423e00000000}, // latin small letter u with grave
    {0x00fa, 0x0000081000424242, 0x4242423e00000000}, // latin small letter u with acute
    {0x00fb, 0x0000182400424242, 0x4242423e00000000}, // latin small letter u with circumflex
    {0x00fc, 0x0000242400424242, 0x4242423e00000000}, // latin small letter u with diaeresis
    {0x00fd, 0x0000081000424242, 0x4242423e02023c00}, // latin small letter y with acute
    {0x00fe, 0x00004040407c4242, 0x4242427c40404000}, // latin small letter thorn
    {0x00ff, 0x0000242400424242, 0x4242423e02023c00}, // latin small letter y with diaeresis
    {0x0100, 0x003c001824244242, 0x7e42424200000000}, // latin capital letter a with macron
    {0x0101, 0x0000003c003c0202, 0x3e42423e00000000}, // latin small letter a with macron
    {0x0102, 0x423c001824244242, 0x7e42424200000000}, // latin capital letter a with breve
    {0x0103, 0x0000423c003c0202, 0x3e42423e00000000}, // latin small letter a with breve
    {0x0104, 0x0000182424424242, 0x7e42424208100c00}, // latin capital letter a with ogonek
    {0x0105, 0x00000000003c0202, 0x3e42423e08100c00}, // latin small letter a with ogonek
    {0x0106, 0x0810003c42404040, 0x4040423c00000000}, // latin capital letter c with acute
    {0x0107, 0x00000810003c4240, 0x4040423c00000000}, // latin small letter c with acute
    {0x0108, 0x1824003c42404040, 0x4040423c00000000}, // latin capital letter c with circumflex
    {0x0109, 0x00001824003c4240, 0x4040423c00000000}, // latin small letter c with circumflex
    {0x010a, 0x1818003c42404040, 0x4040423c00000000}, // latin capital letter c with dot above
    {0x010b, 0x00001818003c4240, 0x4040423c00000000}, // latin small letter c with dot above
    {0x010c, 0x2418003c42404040, 0x4040423c00000000}, // latin capital letter c with caron
    {0x010d, 0x00002418003c4240, 0x4040423c00000000}, // latin small letter c with caron
    {0x010e, 0x2418007844424242, 0x4242447800000000}, // latin capital letter d with caron
    {0x010f, 0x00000303023e4242, 0x4242423e00000000}, // latin small letter d with caron
    {0x0110, 0x00003c2221217121, 0x2121223c00000000}, // latin capital letter d with stroke
    {0x0111, 0x0000020f023e4242, 0x4242423e00000000}, // latin small letter d with stroke
    {0x0112, 0x003c007e4040407c, 0x4040407e00000000}, // latin capital letter e with macron
    {0x0113, 0x0000003c003c4242, 0x7e40403e00000000}, // latin small letter e with macron
    {0x0114, 0x423c007e4040407c, 0x4040407e00000000}, // latin capital letter e with breve
    {0x0115, 0x0000423c003c4242, 0x7e40403e00000000}, // latin small letter e with breve
    {0x0116, 0x1818007e4040407c, 0x4040407e00000000}, // latin capital letter e with dot above
    {0x0117, 0x00001818003c4242, 0x7e40403e00000000}, // latin small letter e with dot above
    {0x0118, 0x00007e4040407c40, 0x4040407e08100c00}, // latin capital letter e with ogonek
    {0x0119, 0x00000000003c4242, 0x7e40403e08100c00}, // latin small letter e with ogonek
    {0x011a, 0x2418007e4040407c, 0x4040407e00000000}, // latin capital letter e with caron
    {0x011b, 0x00002418003c4242, 0x7e40403e00000000}, // latin small letter e with caron
    {0x011c, 0x1824003c4240404e, 0x4242423c00000000}, // latin capital letter g with circumflex
    {0x011d, 0x00001824003e4242, 0x4242423e02023c00}, // latin small letter g with circumflex
    {0x011e, 0x423c003c4240404e, 0x4242423c00000000}, // latin capital letter g with breve
    {0x011f, 0x0000423c003e4242, 0x4242423e02023c00}, // latin small letter g with breve
    {0x0120, 0x1818003c4240404e, 0x4242423c00000000}, // latin capital letter g with dot above
    {0x0121, 0x00001818003e4242, 0x4242423e02023c00}, // latin small letter g with dot above
    {0x0122, 0x00003c424040404e, 0x4242423c10083000}, // latin capital letter g with cedilla
    {0x0123, 0x00000810003e4242, 0x4242423e02023c00}, // latin small letter g with cedilla
    {0x0124, 0x182400424242427e, 0x4242424200000000}, // latin capital letter h with circumflex
    {0x0125, 0x1824004040407c42, 0x4242424200000000}, // latin small letter h with circumflex
    {0x0126, 0x0000217f21213f21, 0x2121212100000000}, // latin capital letter h with stroke
    {0x0127, 0x00002078203e2121, 0x2121212100000000}, // latin small letter h with stroke
    {0x0128, 0x324c001c08080808, 0x0808081c00000000}, // latin capital letter i with tilde
    {0x0129, 0x0000324c00180808, 0x0808081c00000000}, // latin small letter i with tilde
    {0x012a, 0x003c001c08080808, 0x0808081c00000000}, // latin capital letter i with macron
    {0x012b, 0x0000003c00180808, 0x0808081c00000000}, // latin small letter i with macron
    {0x012c, 0x423c001c08080808, 0x0808081c00000000}, // latin capital letter i with breve
    {0x012d, 0x0000423c00180808, 0x0808081c00000000}, // latin small letter i with breve
    {0x012e, 0x00001c0808080808, 0x0808081c08100c00}, // latin capital letter i with ogonek
    {0x012f, 0x0000080800180808, 0x0808081c08100c00}, // latin small letter i with ogonek
    {0x0130, 0x1818001c08080808, 0x0808081c00000000}, // latin capital letter i with dot above
    {0x0131, 0x0000000000180808, 0x0808081c00000000}, // latin small letter dotless i
    {0x0134, 0x1824000e04040404, 0x0444443800000000}, // latin capital letter j with circumflex
    {0x0135, 0x00001824000c0404, 0x0404040404443800}, // latin small letter j with circumflex
    {0x0136, 0x0000424448506060, 0x5048444210083000}, // latin capital letter k with cedilla
    {0x0137, 0x0000404040424448, 0x7048444210083000}, // latin small letter k with cedilla
    {0x0138, 0x0000000000424448, 0x7048444200000000}, // latin small letter kra
    {0x0139, 0x0810004040404040, 0x4040407e00000000}, // latin capital letter l with acute
    {0x013a, 0x0810001808080808, 0x0808081c00000000}, // latin small letter l with acute
    {0x013b, 0x0000404040404040, 0x4040407e10083000}, // latin capital letter l with cedilla
    {0x013c, 0x0000180808080808, 0x0808081c10083000}, // latin small letter l with cedilla
    {0x013d, 0x0000414142404040, 0x4040407e00000000}, // latin capital letter l with caron
    {0x013e, 0x000019090a080808, 0x0808081c00000000}, // latin small letter l with caron
    {0x0141, 0x0000202020283020, 0x6020203f00000000}, // latin capital letter l with stroke
    {0x0142, 0x00001808080a0c08, 0x1808081c00000000}, // latin small letter l with stroke
    {0x0143, 0x081000426252524a, 0x4a46464200000000}, // latin capital letter n with acute
    {0x0144, 0x00000810007c4242, 0x4242424200000000}, // latin small letter n with acute
    {0x0145, 0x000042626252524a, 0x4a46464210083000}, // latin capital letter n with cedilla
    {0x0146, 0x00000000007c4242, 0x4242424210083000}, // latin small letter n with cedilla
    {0x0147, 0x241800426252524a, 0x4a46464200000000}, // latin capital letter n with caron
    {0x0148, 0x00002418007c4242, 0x4242424200000000}, // latin small letter n with caron
    {0x014a, 0x00005c6242424242, 0x4242424c00000000}, // latin capital letter eng
    {0x014b, 0x00000000007c4242, 0x4242424202020c00}, // latin small letter eng
    {0x014c, 0x003c003c42424242, 0x4242423c00000000}, // latin capital letter o with macron
    {0x014d, 0x0000003c003c4242, 0x4242423c00000000}, // latin small letter o with macron
    {0x014e, 0x423c003c42424242, 0x4242423c00000000}, // latin capital letter o with breve
    {0x014f, 0x0000423c003c4242, 0x4242423c00000000}, // latin small letter o with breve
    {0x0150, 0x1224003c42424242, 0x4242423c00000000}, // latin capital letter o with double acute
    {0x0151, 0x00001224003c4242, 0x4242423c00000000}, // latin small letter o with double acute
    {0x0152, 0x00003f4848484e48, 0x4848483f00000000}, // latin capital ligature oe
    {0x0153, 0x0000000000364949, 0x4f48483700000000}, // latin small ligature oe
    {0x0154, 0x0810007c4242427c, 0x5048444200000000}, // latin capital letter r with acute
    {0x0155, 0x00000810005e6040, 0x4040404000000000}, // latin small letter r with acute
    {0x0156, 0x00007c424242427c, 0x5048444210083000}, // latin capital letter r with cedilla
    {0x0157, 0x00000000005e6040, 0x4040404010083000}, // latin small letter r with cedilla
    {0x0158, 0x2418007c4242427c, 0x5048444200000000}, // latin capital letter r with caron
    {0x0159, 0x00002418005e6040, 0x4040404000000000}, // latin small letter r with caron
    {0x015a, 0x0810003c4240403c, 0x0202423c00000000}, // latin capital letter s with acute
    {0x015b, 0x00000810003e4040, 0x3c02027c00000000}, // latin small letter s with acute
    {0x015c, 0x1824003c4240403c, 0x0202423c00000000}, // latin capital letter s with circumflex
    {0x015d, 0x00001824003e4040, 0x3c02027c00000000}, // latin small letter s with circumflex
    {0x015e, 0x00003c4240403c02, 0x0202423c10083000}, // latin capital letter s with cedilla
    {0x015f, 0x00000000003e4040, 0x3c02027c10083000}, // latin small letter s with cedilla
    {0x0160, 0x2418003c4240403c, 0x0202423c00000000}, // latin capital letter s with caron
    {0x0161, 0x00002418003e4040, 0x3c02027c00000000}, // latin small letter s with caron
    {0x0162, 0x00007f0808080808, 0x0808080810083000}, // latin capital letter t with cedilla
    {0x0163, 0x00000010103e1010, 0x1010100e10083000}, // latin small letter t with cedilla
    {0x0164, 0x2418007f08080808, 0x0808080800000000}, // latin capital letter t with caron
    {0x0165, 0x00000111123e1010, 0x1010100e00000000}, // latin small letter t with caron
    {0x0166, 0x00007f0808083e08, 0x0808080800000000}, // latin capital letter t with stroke
    {0x0167, 0x00000010103e103c, 0x1010100e00000000}, // latin small letter t with stroke
    {0x0168, 0x324c004242424242, 0x4242423c00000000}, // latin capital letter u with tilde
    {0x0169, 0x0000324c00424242, 0x4242423e00000000}, // latin small letter u with tilde
    {0x016a, 0x003c004242424242, 0x4242423c00000000}, // latin capital letter u with macron
    {0x016b, 0x0000003c00424242, 0x4242423e00000000}, // latin small letter u with macron
    {0x016c, 0x423c004242424242, 0x4242423c00000000}, // latin capital letter u with breve
    {0x016d, 0x0000423c00424242, 0x4242423e00000000}, // latin small letter u with breve
    {0x016e, 0x1824184242424242, 0x4242423c00000000}, // latin capital letter u with ring above
    {0x016f, 0x0018241800424242, 0x4242423e00000000}, // latin small letter u with ring above
    {0x0170, 0x1224004242424242, 0x4242423c00000000}, // latin capital letter u with double acute
    {0x0171, 0x0000122400424242, 0x4242423e00000000}, // latin small letter u with double acute
    {0x0172, 0x0000424242424242, 0x4242423c08100c00}, // latin capital letter u with ogonek
    {0x0173, 0x0000000000424242, 0x4242423e08100c00}, // latin small letter u with ogonek
    {0x0174, 0x1824004141494949, 0x5555222200000000}, // latin capital letter w with circumflex
    {0x0175, 0x0000182400414149, 0x4949552200000000}, // latin small letter w with circumflex
    {0x0176, 0x1824004141222214, 0x0808080800000000}, // latin capital letter y with circumflex
    {0x0177, 0x0000182400424242, 0x4242423e02023c00}, // latin small letter y with circumflex
    {0x0178, 0x2424004141222214, 0x0808080800000000}, // latin capital letter y with diaeresis
    {0x0179, 0x0810007e02040810, 0x2020407e00000000}, // latin capital letter z with acute
    {0x017a, 0x00000810007e0408, 0x1020407e00000000}, // latin small letter z with acute
    {0x017b, 0x1818007e02040810, 0x2020407e00000000}, // latin capital letter z with dot above
    {0x017c, 0x00001818007e0408, 0x1020407e00000000}, // latin small letter z with dot above
    {0x017d, 0x2418007e02040810, 0x2020407e00000000}, // latin capital letter z with caron
    {0x017e, 0x00002418007e0408, 0x1020407e00000000}, // latin small letter z with caron
    {0x0218, 0x00003c4240403c02, 0x0202423c00081000}, // latin capital letter s with comma below
    {0x0219, 0x00000000003e4040, 0x3c02027c00081000}, // latin small letter s with comma below
    {0x021a, 0x00007f0808080808, 0x0808080800081000}, // latin capital letter t with comma below
    {0x021b, 0x00000010103e1010, 0x1010100e00081000}, // latin small letter t with comma below
    {0x0237, 0x00000000000c0404, 0x0404040404443800}, // latin small letter dotless j
    {0x0393, 0x00007e4040404040, 0x4040404000000000}, // greek capital letter gamma
    {0x0394, 0x0000181824242442, 0x4242427e00000000}, // greek capital letter delta
    {0x0398, 0x00003c4242425a42, 0x4242423c00000000}, // greek capital letter theta
    {0x039b, 0x0000181824242424, 0x4242424200000000}, // greek capital letter lamda
    {0x03a0, 0x00007e4242424242, 0x4242424200000000}, // greek capital letter pi
    {0x03a3, 0x00007e4020100810, 0x2040407e00000000}, // greek capital letter sigma
    {0x03a6, 0x0000083e49494949, 0x49493e0800000000}, // greek capital letter phi
    {0x03a9, 0x00003c4242424242, 0x4224246600000000}, // greek capital letter omega
    {0x03b1, 0x0000000000324a44, 0x44444a3200000000}, // greek small letter alpha
    {0x03b2, 0x0000384444445c42, 0x4242427c40404000}, // greek small letter beta
    {0x03b3, 0x0000000000412222, 0x1414080808140800}, // greek small letter gamma
    {0x03b4, 0x00003c4020103c42, 0x4242423c00000000}, // greek small letter delta
    {0x03b5, 0x00000000003c4240, 0x3840423c00000000}, // greek small letter epsilon
    {0x03b8, 0x0000182442427e42, 0x4242241800000000}, // greek small letter theta
    {0x03bb, 0x0000601010181424, 0x2422424200000000}, // greek small letter lamda
    {0x03bc, 0x0000000000424242, 0x4242467a40404000}, // greek small letter mu
    {0x03c0, 0x00000000007f2222, 0x2222222300000000}, // greek small letter pi
    {0x03c1, 0x00000000003c4242, 0x4242427c40404000}, // greek small letter rho
    {0x03c3, 0x00000000003f4442, 0x4242423c00000000}, // greek small letter sigma
    {0x03c4, 0x00000000007f0808, 0x0808080600000000}, // greek small letter tau
    {0x03c6, 0x0000000008364949, 0x4949493e08080800}, // greek small letter phi
    {0x03c9, 0x0000000000224149, 0x4949493600000000}, // greek small letter omega
    {0x2013, 0x000000000000007e, 0x0000000000000000}, // en dash
    {0x2014, 0x000000000000007f, 0x0000000000000000}, // em dash
    {0x2018, 0x0000081018000000, 0x0000000000000000}, // left single quotation mark
    {0x2019, 0x0000180810000000, 0x0000000000000000}, // right single quotation mark
    {0x201a, 0x0000000000000000, 0x0000180810000000}, // single low-9 quotation mark
    {0x201c, 0x0000122436000000, 0x0000000000000000}, // left double quotation mark
    {0x201d, 0x0000361224000000, 0x0000000000000000}, // right double quotation mark
    {0x201e, 0x0000000000000000, 0x0000361224000000}, // double low-9 quotation mark
    {0x2020, 0x00000808083e0808, 0x0808080808000000}, // dagger
    {0x2022, 0x000000000000183c, 0x3c18000000000000}, // bullet
    {0x2026, 0x0000000000000000, 0x0000494900000000}, // horizontal ellipsis
    {0x2030, 0x0000002254542810, 0x2a35554a00000000}, // per mille sign
    {0x2039, 0x0000000000000810, 0x2010080000000000}, // single left-pointing angle quotation mark
    {0x203a, 0x0000000000001008, 0x0408100000000000}, // single right-pointing angle quotation mark
    {0x20ac, 0x00001e21407c407c, 0x4040211e00000000}, // euro sign
    {0x2122, 0x0000752725250000, 0x0000000000000000}, // trade mark sign
    {0x2190, 0x0000000000001020, 0x7f20100000000000}, // leftwards arrow
    {0x2191, 0x000000081c2a0808, 0x0808080800000000}, // upwards arrow
    {0x2192, 0x0000000000000402, 0x7f02040000000000}, // rightwards arrow
    {0x2193, 0x0000000808080808, 0x082a1c0800000000}, // downwards arrow
    {0x2194, 0x0000000000001422, 0x7f22140000000000}, // left right arrow
    {0x2195, 0x000000081c2a0808, 0x082a1c0800000000}, // up down arrow
    {0x2212, 0x000000000000003e, 0x0000000000000000}, // minus sign
    {0x221a, 0x0000000f08080808, 0x4828281800000000}, // square root
    {0x221e, 0x0000000000003649, 0x4936000000000000}, // infinity
    {0x2248, 0x0000000000324c00, 0x324c000000000000}, // almost equal to
    {0x2260, 0x0000000004047e08, 0x107e202000000000}, // not equal to
    {0x2264, 0x0000000618601806, 0x007e000000000000}, // less-than or equal to
    {0x2265, 0x0000006018061860, 0x007e000000000000}, // greater-than or equal to
    {0x2500, 0x0000000000000000, 0xff00000000000000}, // box drawings light horizontal
    {0x2502, 0x0808080808080808, 0x0808080808080808}, // box drawings light vertical
    {0x250c, 0x0000000000000000, 0x0f08080808080808}, // box drawings light down and right
    {0x2510, 0x0000000000000000, 0xf808080808080808}, // box drawings light down and left
    {0x2514, 0x0808080808080808, 0x0f00000000000000}, // box drawings light up and right
    {0x2518, 0x0808080808080808, 0xf800000000000000}, // box drawings light up and left
    {0x251c, 0x0808080808080808, 0x0f08080808080808}, // box drawings light vertical and right
    {0x2524, 0x0808080808080808, 0xf808080808080808}, // box drawings light vertical and left
    {0x252c, 0x0000000000000000, 0xff08080808080808}, // box drawings light down and horizontal
    {0x2534, 0x0808080808080808, 0xff00000000000000}, // box drawings light up and horizontal
    {0x253c, 0x0808080808080808, 0xff08080808080808}, // box drawings light vertical and horizontal
    {0x2581, 0x0000000000000000, 0x000000000000ffff}, // lower one eighth block
    {0x2582, 0x0000000000000000, 0x00000000ffffffff}, // lower one quarter block
    {0x2583, 0x0000000000000000, 0x0000ffffffffffff}, // lower three eighths block
    {0x2584, 0x0000000000000000, 0xffffffffffffffff}, // lower half block
    {0x2585, 0x000000000000ffff, 0xffffffffffffffff}, // lower five eighths block
    {0x2586, 0x00000000ffffffff, 0xffffffffffffffff}, // lower three quarters block
    {0x2587, 0x0000ffffffffffff, 0xffffffffffffffff}, // lower seven eighths block
    {0x2588, 0xffffffffffffffff, 0xffffffffffffffff}, // full block
    {0x2591, 0x8822882288228822, 0x8822882288228822}, // light shade
    {0x2592, 0xaa55aa55aa55aa55, 0xaa55aa55aa55aa55}, // medium shade
    {0x2593, 0x77dd77dd77dd77dd, 0x77dd77dd77dd77dd}, // dark shade
    {0x25a0, 0x000000007e7e7e7e, 0x7e7e7e7e00000000}, // black square
    {0x25a1, 0x000000007e424242, 0x4242427e00000000}, // white square
    {0x25b2, 0x000000000008081c, 0x1c3e7f0000000000}, // black up-pointing triangle
    {0x25b6, 0x000000006070787e, 0x7870600000000000}, // black right-pointing triangle
    {0x25bc, 0x00000000007f3e1c, 0x1c08080000000000}, // black down-pointing triangle
    {0x25c0, 0x00000000060e1e7e, 0x1e0e060000000000}, // black left-pointing triangle
    {0x25cb, 0x00000000003c4242, 0x42423c0000000000}, // white circle
    {0x25cf, 0x00000000003c7e7e, 0x7e7e3c0000000000}, // black circle
    {0x2605, 0x00000008081c7f3e, 0x1c36224100000000}, // black star
    {0x2713, 0x0000000101020244, 0x6428381000000000}, // check mark
    {0x2717, 0x0000000041221408, 0x1422410000000000}, // ballot x
    {0xfffd, 0x00007e4242424242, 0x4242427e00000000}, // replacement character
};
// clang-format on

const int ask_font_size = 403;
