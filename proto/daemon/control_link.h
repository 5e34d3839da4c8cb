/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A help desk's way to the database: a store behind obold's control socket,
 * for those who may not open the database itself. It has the operations that
 * obolctl's permitted commands need, and no others (DENIED).
 *
 * Between operations on an account, ACCOUNT_FIND tells which one is meant: the
 * others name it to the server by what was found last.
 */
#ifndef OBOL_DAEMON_CONTROL_LINK_H_
#define OBOL_DAEMON_CONTROL_LINK_H_

#include "daemon/control_wire.h"

/**
 * Connect.
 *
 * @param path	the socket
 * @param store	receives the store, to be closed
 * @param hello	receives what must be known of the server
 * @param why	receives a sentence on failure
 * @return		OK; NOT_FOUND when there is no socket; DENIED when this user
 *				may not use it; IO when nobody answers; NOMEM
 */
enum obol_status obol_control_link_new(const char *path,
									   struct obol_store **store,
									   struct obol_control_hello *hello,
									   char *why, size_t size) OBOL_MUST_CHECK;

/**
 * Unlock the account that was found last.
 *
 * @return	OK; NOT_FOUND; DENIED when this person has made too many changes
 *			today; STORE; IO; NOMEM
 */
enum obol_status obol_control_unlock(struct obol_store *store) OBOL_MUST_CHECK;

/**
 * Reset the account that was found last.
 *
 * @param seconds	that the code is good
 * @param code		its text is to be freed
 * @return			as obol_control_unlock(); ARG when that is too long for a
 *					help desk, or the account is one that only the operator can
 *					reset; EXISTS when it was changed meanwhile
 */
enum obol_status
obol_control_reset(struct obol_store *store, uint32_t seconds,
				   struct obol_control_code *code) OBOL_MUST_CHECK;

#endif /* OBOL_DAEMON_CONTROL_LINK_H_ */
