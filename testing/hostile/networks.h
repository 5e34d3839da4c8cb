/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Many networks on one loopback device: IPv4 addresses of 127.0.0.0/8, and
 * IPv6 addresses in a /64 each, 25 of which are in one /48. The device must
 * have a local route for 2001:db8::/32, see testing/hostile/lib.sh.
 */
#ifndef TESTING_HOSTILE_NETWORKS_H_
#define TESTING_HOSTILE_NETWORKS_H_

#include <stdint.h>

/** Who stands where. */
enum side {
	ATTACKERS,
	USERS,
};

/** Networks of each side. */
#define NETWORKS_MAX 8192

/**
 * A socket that connects, without waiting, from a network's only address. Even
 * ones are IPv4, odd ones IPv6.
 *
 * @return	-1 when it cannot
 */
int network_connect(enum side side, unsigned network, uint16_t port);

#endif /* TESTING_HOSTILE_NETWORKS_H_ */
