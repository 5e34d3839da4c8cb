/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The connection for swanctl.conf that goes with a credential.
 */
#ifndef OBOL_TOOLS_CONNECTION_H_
#define OBOL_TOOLS_CONNECTION_H_

#include "base/writer.h"

struct connection {
	/** of the connection: the profile's; its child is "net" */
	const char *name;
	/** the gateway's addresses */
	const char *remote_addrs;
	/** the identity in the gateway's certificate */
	const char *remote_id;
	/** the CA's distinguished name, empty when it is not known */
	const char *ca_id;
	/** our certificate's identity */
	const char *local_id;
	/** networks behind the gateway */
	const char *remote_ts;
};

/** The connection's file as text. */
void connection_write(struct obol_writer *w,
					  const struct connection *connection);

#endif /* OBOL_TOOLS_CONNECTION_H_ */
