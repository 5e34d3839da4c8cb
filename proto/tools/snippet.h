/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Connections for swanctl.conf, as text.
 */
#ifndef OBOL_TOOLS_SNIPPET_H_
#define OBOL_TOOLS_SNIPPET_H_

#include <stdio.h>

struct obol_snippet {
	/** of the connection: the server's; what strongSwan's syntax
	 * does not take in a section's name, such as dots, becomes '-' */
	const char *name;
	/** the gateway's name or address */
	const char *gateway;
	/** IKE identities */
	const char *local_id;
	const char *gateway_id;
	/** the CA's distinguished name, "" when it is not known */
	const char *ca_id;
};

/** The client's connection. */
void obol_snippet_client(FILE *file, const struct obol_snippet *snippet);

/** The gateway's connection for all clients: unique = never, so that one
 * user's second device does not throw the first one off. */
void obol_snippet_gateway(FILE *file, const struct obol_snippet *snippet);

#endif /* OBOL_TOOLS_SNIPPET_H_ */
