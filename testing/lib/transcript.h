/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What relay kept, read again: connections, the bytes of either direction, and
 * the logins in them.
 */
#ifndef OBOL_TESTING_TRANSCRIPT_H_
#define OBOL_TESTING_TRANSCRIPT_H_

#include "base/writer.h"
#include "wire/login.h"

#define TRANSCRIPT_CONNECTIONS_MAX 64

struct transcript_connection {
	/** all that was seen: both exporters, client's bytes, server's bytes */
	struct obol_writer all;
	struct obol_writer client;
	struct obol_writer server;
	bool has_start;
	bool has_challenge;
	/** views into client and server */
	struct obol_login_start start;
	struct obol_login_challenge challenge;
};

struct transcript {
	size_t n_connections;
	struct transcript_connection connections[TRANSCRIPT_CONNECTIONS_MAX];
};

/**
 * Read a transcript; what is no transcript ends the program with 3.
 *
 * @return	to be freed with transcript_free()
 */
struct transcript *transcript_read(const char *path);

void transcript_free(struct transcript *transcript);

#endif /* OBOL_TESTING_TRANSCRIPT_H_ */
