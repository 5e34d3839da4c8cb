/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The order in which addresses and ports are tried. */
#include "net/candidates.h"

/* Families take turns, each in the order it came in. */
static size_t interleave(const struct sockaddr_storage *addrs, size_t n,
						 const struct sockaddr_storage *out[OBOL_RESOLVE_MAX])
{
	bool used[OBOL_RESOLVE_MAX] = { false };
	size_t n_out = 0;
	int family = 0;

	while (n_out < n)
	{
		size_t pick = n;
		size_t i;

		for (i = 0; i < n; i++)
		{
			if (used[i])
			{
				continue;
			}
			if (pick == n)
			{
				pick = i;
			}
			if (addrs[i].ss_family != family)
			{
				pick = i;
				break;
			}
		}
		used[pick] = true;
		family = addrs[pick].ss_family;
		out[n_out++] = &addrs[pick];
	}
	return n_out;
}

size_t obol_candidates_order(const struct sockaddr_storage *addrs, size_t n,
							 const uint16_t *ports, size_t n_ports,
							 struct sockaddr_storage out[OBOL_CANDIDATES_MAX])
{
	const struct sockaddr_storage *order[OBOL_RESOLVE_MAX];
	size_t n_out = 0;
	size_t pair;
	size_t port;
	size_t i;

	n = n > OBOL_RESOLVE_MAX ? OBOL_RESOLVE_MAX : n;
	n = interleave(addrs, n, order);
	for (pair = 0; pair < n; pair += 2)
	{
		for (port = 0; port < n_ports; port++)
		{
			for (i = pair; i < n && i < pair + 2; i++)
			{
				if (obol_sockaddr_len(order[i]) == 0)
				{
					continue;
				}
				out[n_out] = *order[i];
				obol_sockaddr_set_port(&out[n_out], ports[port]);
				n_out++;
			}
		}
	}
	return n_out;
}
