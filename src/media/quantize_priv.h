/* media/quantize_priv.h - a picture in 256 colours of its own. */
#ifndef ASK_MEDIA_QUANTIZE_PRIV_H
#define ASK_MEDIA_QUANTIZE_PRIV_H

#include "media/image.h"

enum { ASK_PALETTE_COLORS = 256 };

/* Chooses a palette (0xffRRGGBB) and writes each pixel's place in it to index, whose rows
 * are stride bytes apart. A picture of 256 colours or fewer stays exactly as it is. With
 * dither the errors of the others are spread over their neighbours.
 *
 * After: Heckbert 1982, with Wu's cut of the box that is most wrong; Floyd & Steinberg
 * 1976. image is RGB. Fails with ASK_ERR_NOMEM only. */
bool ask_quantize(uint8_t *index, ptrdiff_t stride, uint32_t palette[ASK_PALETTE_COLORS],
                  const ask_image *image, bool dither, ask_error *err);

#endif
