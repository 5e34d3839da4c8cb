/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Frames: type (1) | length (3) | body.
 */
#ifndef OBOL_WIRE_FRAME_H_
#define OBOL_WIRE_FRAME_H_

#include "base/writer.h"
#include "wire/registry.h"

struct obol_frame {
	uint8_t type;
	/** in the input's memory */
	struct obol_bytes body;
};

/**
 * Look for a frame at the start of the bytes received so far.
 *
 * @param in	bytes in order of arrival
 * @param max	largest body allowed now
 * @param frame	set on OK; its body points into in
 * @param used	bytes that the frame takes, 0 while it is not whole
 * @return		OK, also while it is not whole; FORMAT as soon as its length is
 *				known to be above max
 */
enum obol_status obol_frame_decode(struct obol_bytes in, size_t max,
								   struct obol_frame *frame,
								   size_t *used) OBOL_MUST_CHECK;

/** Begin a frame; write its body; end it with the mark that came back. */
size_t obol_frame_open(struct obol_writer *w, enum obol_frame_type type);
void obol_frame_close(struct obol_writer *w, size_t mark);

#endif /* OBOL_WIRE_FRAME_H_ */
