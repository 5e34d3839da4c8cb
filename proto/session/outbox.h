/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Frames that are to be sent.
 */
#ifndef OBOL_SESSION_OUTBOX_H_
#define OBOL_SESSION_OUTBOX_H_

#include "base/writer.h"

struct obol_outbox {
	struct obol_writer w;
	/** bytes at its start that were sent */
	size_t sent;
};

void obol_outbox_init(struct obol_outbox *outbox);
void obol_outbox_clear(struct obol_outbox *outbox);

/**
 * Append frames that were written apart, so that one that failed spoils
 * nothing that waits already.
 *
 * @param frames	emptied, whatever comes of it
 * @return			OK; or the writer's status: NOMEM, ARG
 */
enum obol_status obol_outbox_put(struct obol_outbox *outbox,
								 struct obol_writer *frames) OBOL_MUST_CHECK;

/** What is not sent; holds until the next call. */
struct obol_bytes obol_outbox_view(const struct obol_outbox *outbox);

/** The first len bytes of it were sent. */
void obol_outbox_sent(struct obol_outbox *outbox, size_t len);

#endif /* OBOL_SESSION_OUTBOX_H_ */
