/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The texts of struct obol_error: for each cause one plain sentence and the
 * next step, from one table.
 */
#ifndef OBOL_CLIENT_ERROR_H_
#define OBOL_CLIENT_ERROR_H_

#include <obol/client.h>

#include "wire/registry.h"

/** What the texts speak about; all borrowed, NULL or 0 for unknown. */
struct obol_error_subject {
	const char *server;
	const char *account;
	const char *state_file;
	/** what was logged in with */
	enum obol_slot_kind kind;
};

/** No error. Keeps clock_off_s. */
void obol_error_clear(struct obol_error *error);

/**
 * Set cause, the status that belongs to it, and the text. retry_after_s and
 * clock_off_s must be set before, where the text names them.
 *
 * @param detail	what was found, in a few words without full stop; NULL or
 *					empty for nothing; must not point into error
 * @return			the status
 */
enum obol_status obol_error_set(struct obol_error *error, enum obol_cause cause,
								const struct obol_error_subject *subject,
								const char *detail);

/** The cause of a server's reply number. */
enum obol_cause obol_error_cause_of_reply(uint16_t reply);

/** Longest text of obol_duration_text(), with its final zero. */
#define OBOL_DURATION_TEXT_MAX 32

/** "40 s", "3 min", "2 h 5 min", "3 days", rounded up to what people read. */
const char *obol_duration_text(uint64_t seconds,
							   char text[OBOL_DURATION_TEXT_MAX]);

#endif /* OBOL_CLIENT_ERROR_H_ */
