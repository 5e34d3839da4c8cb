/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The parent's listening sockets. They outlive a reload as far as the new
 * configuration names them too, so that no connection is lost.
 */
#ifndef OBOL_DAEMON_LISTENERS_H_
#define OBOL_DAEMON_LISTENERS_H_

#include "daemon/config.h"

/** The relay's, HTTP's and the monitor's too. */
#define OBOL_LISTENERS_MAX (2 * OBOL_LISTEN_MAX + 2)

/** What is served there. */
enum obol_listener_use {
	OBOL_LISTENER_CLIENTS,
	OBOL_LISTENER_HTTP,
	OBOL_LISTENER_METRICS,
	OBOL_LISTENER_RELAY,
};

struct obol_listeners {
	size_t n;
	/** in the configuration's order */
	struct obol_listener {
		char text[64];
		enum obol_listener_use use;
		int fd;
	} all[OBOL_LISTENERS_MAX];
};

/**
 * Open the configuration's addresses; sockets that are open already are taken
 * over from present, which stays as it is.
 *
 * @param why	receives a sentence for the operator on failure, and then
 *nothing was opened
 */
enum obol_status obol_listeners_open(const struct obol_listeners *present,
									 const struct obol_config *config,
									 struct obol_log *log,
									 struct obol_listeners *fresh, char *why,
									 size_t size) OBOL_MUST_CHECK;

/** Close those that the other ones do not have; NULL: all of them. */
void obol_listeners_close(const struct obol_listeners *listeners,
						  const struct obol_listeners *but);

#endif /* OBOL_DAEMON_LISTENERS_H_ */
