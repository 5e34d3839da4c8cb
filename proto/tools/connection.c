/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The connection for swanctl.conf. */
#include "tools/connection.h"

#include "tools/profile.h"

static void put(struct obol_writer *w, const char *text)
{
	obol_write_bytes(w, obol_bytes_str(text));
}

static void put_setting(struct obol_writer *w, const char *indent,
						const char *key, const char *value)
{
	put(w, indent);
	put(w, key);
	put(w, " = ");
	profile_quote(w, value);
	put(w, "\n");
}

/* A fetched CA is trusted for every connection of the daemon. So this one
 * names both the gateway and the CA that must vouch for it. */
static void put_remote(struct obol_writer *w, const struct connection *c)
{
	put(w, "\t\tremote {\n"
		   "\t\t\tauth = pubkey\n");
	put_setting(w, "\t\t\t", "id", c->remote_id);
	if (*c->ca_id)
	{
		put(w, "\t\t\t# no other CA that this daemon knows will do\n");
		put_setting(w, "\t\t\t", "ca_id", c->ca_id);
	}
	put(w, "\t\t}\n");
}

void connection_write(struct obol_writer *w, const struct connection *c)
{
	put(w, "# For a credential that obol fetches, see obol(1).\n"
		   "connections {\n\t");
	put(w, c->name);
	put(w, " {\n"
		   "\t\tversion = 2\n");
	put_setting(w, "\t\t", "remote_addrs", c->remote_addrs);
	put(w, "\t\tvips = 0.0.0.0, ::\n"
		   "\t\tlocal {\n"
		   "\t\t\tauth = pubkey\n");
	put_setting(w, "\t\t\t", "id", c->local_id);
	put(w, "\t\t}\n");
	put_remote(w, c);
	put(w, "\t\tchildren {\n"
		   "\t\t\tnet {\n");
	put_setting(w, "\t\t\t\t", "remote_ts", c->remote_ts);
	put(w, "\t\t\t\tstart_action = none\n"
		   "\t\t\t}\n"
		   "\t\t}\n"
		   "\t}\n"
		   "}\n");
}
