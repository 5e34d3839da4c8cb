/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A signer for obold on other machines: answers those whose keys it knows, over
 * TLS, with its own rules and rate, and notes what it has signed.
 */
#ifndef OBOL_DAEMON_SIGNER_SERVER_H_
#define OBOL_DAEMON_SIGNER_SERVER_H_

#include "daemon/signer.h"

struct obol_signer_server_options {
	/** peers are not used; parent_fd: gets one byte when it serves, its end is
	 * ours */
	struct obol_signer_options signer;
	const struct obol_config *config;
	/** listening sockets, which stay the caller's */
	size_t n_sockets;
	int sockets[OBOL_LISTEN_MAX];
	/** look whether all is good, and serve nobody */
	bool is_check;
};

/**
 * Serve until the parent's end, or until a token is gone.
 *
 * @return	the process's exit code, see parent.h; what was wrong has been
 *			logged
 */
int obol_signer_server_run(const struct obol_signer_server_options *options);

#endif /* OBOL_DAEMON_SIGNER_SERVER_H_ */
