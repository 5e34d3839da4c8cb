/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Bytes that came in, until their frame is whole.
 */
#ifndef OBOL_SESSION_INBOX_H_
#define OBOL_SESSION_INBOX_H_

#include "wire/frame.h"

/** What a reallocation adds at least, in bytes. */
#define OBOL_INBOX_STEP 4096

struct obol_inbox {
	uint8_t *buf;
	size_t size;
	/** bytes before this were taken */
	size_t start;
	size_t end;
	/** the frame taken last, and what it takes */
	uint8_t *frame;
	size_t frame_size;
};

void obol_inbox_init(struct obol_inbox *inbox);
void obol_inbox_clear(struct obol_inbox *inbox);

/** Append bytes. OK or NOMEM. */
enum obol_status obol_inbox_put(struct obol_inbox *inbox,
								struct obol_bytes in) OBOL_MUST_CHECK;

/** Bytes held that no frame has been made of. */
size_t obol_inbox_len(const struct obol_inbox *inbox);

/** Memory that it takes, whether or not there are bytes in it. */
size_t obol_inbox_held(const struct obol_inbox *inbox);

/**
 * Take the next frame.
 *
 * @param max	largest body allowed now
 * @param frame	set on OK; its body holds until the next frame is taken, _drop
 *				or _clear, whatever is put in
 * @return		OK; NOT_FOUND when no frame is whole; FORMAT when its length is
 *				above max; NOMEM
 */
enum obol_status obol_inbox_take(struct obol_inbox *inbox, size_t max,
								 struct obol_frame *frame) OBOL_MUST_CHECK;

/** Look at the next frame, and leave it; its body holds until anything is put
 * in or taken. Returns as _take() does, but for NOMEM. */
enum obol_status obol_inbox_peek(const struct obol_inbox *inbox, size_t max,
								 struct obol_frame *frame) OBOL_MUST_CHECK;

/** Free the frame taken last. */
void obol_inbox_drop(struct obol_inbox *inbox);

#endif /* OBOL_SESSION_INBOX_H_ */
