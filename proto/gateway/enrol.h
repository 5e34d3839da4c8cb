/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Enrolling a gateway: its activation code becomes a device secret.
 */
#ifndef OBOL_GATEWAY_ENROL_H_
#define OBOL_GATEWAY_ENROL_H_

#include "gateway/files.h"

struct obol_enrol_options {
	const char *dir;
	const struct obol_gateway_files *files;
	/** NAME@SERVER */
	const char *account;
	/** NULL: as the account says */
	const char *server;
	/** PEM file of CAs for the server's TLS certificate; NULL: none */
	const char *tls_ca;
	/** descriptor to read the code from; -1: ask */
	int code_fd;
};

/** The program's exit code. */
int obol_enrol(const struct obol_enrol_options *options);

#endif /* OBOL_GATEWAY_ENROL_H_ */
