/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What connections hold of requests that do not end and answers that are not
 * read. */
#include "daemon/peer_private.h"

void obol_peer_count_held(struct obol_peer *peer)
{
	size_t held = obol_server_connection_held(peer->conn);

	held = held > OBOL_PEER_HELD_FREE ? held - OBOL_PEER_HELD_FREE : 0;
	if (held && !peer->held)
	{
		peer->held_ms = obol_mono_ms(peer->peers->clock);
	}
	peer->peers->held += held - peer->held;
	peer->held = held;
}

struct obol_peer *obol_peers_longest_holder(const struct obol_peers *peers)
{
	struct obol_peer *peer, *longest = NULL;

	for (peer = peers->first; peer; peer = peer->next)
	{
		if (peer->held && (!longest || peer->held_ms < longest->held_ms))
		{
			longest = peer;
		}
	}
	return longest;
}
