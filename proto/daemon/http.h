/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The HTTP listener: GET and HEAD of a few documents that are kept in memory,
 * or made when somebody asks, for as many connections as
 * daemon/http_bounds.h says.
 */
#ifndef OBOL_DAEMON_HTTP_H_
#define OBOL_DAEMON_HTTP_H_

#include <event2/event.h>

#include "base/writer.h"

struct obol_http;

/**
 * Serve a listening socket, which is taken over.
 *
 * @param n_fds	descriptors of this process are below it
 * @return	OK; NOMEM
 */
enum obol_status obol_http_new(struct event_base *base, int fd, int n_fds,
							   struct obol_http **http) OBOL_MUST_CHECK;

/**
 * Before it is freed: accept no more, and wait for the connections that there
 * are, for a second at most. What has not been accepted is left to whoever has
 * the same socket. Runs the event loop. NULL is fine.
 */
void obol_http_finish(struct obol_http *http);

/** NULL is fine. */
void obol_http_free(struct obol_http *http);

/**
 * Put a document in the place of one that may be there; it is copied.
 *
 * @param path	a string literal: "/crl"
 * @param type	likewise, for Content-Type
 * @return		OK; NOMEM, and the old one stays
 */
enum obol_status obol_http_put(struct obol_http *http, const char *path,
							   const char *type,
							   struct obol_bytes document) OBOL_MUST_CHECK;

/** HTTP's status codes, as answers are made with (RFC 9110, 15). */
#define OBOL_HTTP_OK 200
#define OBOL_HTTP_UNAVAILABLE 503

/**
 * Have a document made each time that it is asked for.
 *
 * @param path	a string literal, as above
 * @param type	likewise
 * @param make	writes the document; returns the status
 * @return		OK; NOMEM
 */
enum obol_status
obol_http_answer(struct obol_http *http, const char *path, const char *type,
				 int (*make)(void *ctx, struct obol_writer *body),
				 void *ctx) OBOL_MUST_CHECK;

#endif /* OBOL_DAEMON_HTTP_H_ */
