/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What the files of a help desk's way to the database share.
 */
#ifndef OBOL_DAEMON_CONTROL_LINK_PRIVATE_H_
#define OBOL_DAEMON_CONTROL_LINK_PRIVATE_H_

#include "daemon/control_link.h"

struct control_link {
	/** first: the interface */
	struct obol_store store;
	int fd;
	/** found last */
	struct obol_account account;
	/** the last answer, and what was read from it */
	struct obol_secret *answer;
	void *items;
};

/** A request about the account that was found last. */
struct obol_control_request obol_control_about(const struct control_link *link,
											   enum obol_control_verb verb);

/**
 * Ask, and wait for the answer.
 *
 * @param r		receives a reader over its body, until the next one is asked for
 * @return		the answer's status; IO when there is none; NOMEM
 */
enum obol_status obol_control_ask(struct control_link *link,
								  const struct obol_control_request *request,
								  struct obol_reader *r) OBOL_MUST_CHECK;

/** The answer's end. What the server says is not trusted to be well formed: OK;
 * IO. */
enum obol_status obol_control_end(const struct obol_reader *r) OBOL_MUST_CHECK;

/** Do an operation of the store; DENIED for those that a help desk has not. */
enum obol_status obol_control_run(struct control_link *link,
								  struct obol_store_op *op) OBOL_MUST_CHECK;

#endif /* OBOL_DAEMON_CONTROL_LINK_PRIVATE_H_ */
