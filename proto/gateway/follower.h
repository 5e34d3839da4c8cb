/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * obol-gateway at work: asks obold once a second what was revoked, brings the
 * list to charon, ends tunnels, reports.
 */
#ifndef OBOL_GATEWAY_FOLLOWER_H_
#define OBOL_GATEWAY_FOLLOWER_H_

#include "base/clock.h"
#include "base/log.h"
#include "gateway/files.h"

struct obol_follower_options {
	const struct obol_gateway_files *files;
	/** NULL: as the account says */
	const char *server;
	/** PEM file of CAs for the server's TLS certificate; NULL: none */
	const char *tls_ca;
	/** where the list is written; empty: nowhere */
	const char *crl;
	/** charon's socket; NULL: the usual one */
	const char *vici;
	/** becomes readable when it shall end */
	int stop_fd;
	struct obol_clock *clock;
	struct obol_log *log;
};

/** Run until stop_fd is readable; the program's exit code. */
int obol_follower_run(const struct obol_follower_options *options);

#endif /* OBOL_GATEWAY_FOLLOWER_H_ */
