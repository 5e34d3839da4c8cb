/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What bounds a login's cost at the server from below: TLS alone, and the
 * primitives of OPAQUE alone.
 */
#ifndef TESTING_BENCH_LOAD_FLOOR_H_
#define TESTING_BENCH_LOAD_FLOOR_H_

#include <stdint.h>
#include <sys/types.h>

/** A bare TLS server in a process of its own. */
struct load_bare {
	pid_t pid;
	uint16_t port;
};

/**
 * Start it: obold's certificate, key and settings, on the loopback device. It
 * accepts, shakes hands, waits for the peer's end, closes: nothing else, in one
 * epoll loop.
 */
void load_bare_start(const char *certificate, const char *key,
					 struct load_bare *bare);

/** End it. */
void load_bare_stop(const struct load_bare *bare);

/**
 * The server's side of handshakes in memory: no sockets at all.
 *
 * @return	CPU time of one in nanoseconds
 */
uint64_t load_floor_tls(const char *certificate, const char *key, unsigned n);

/**
 * What the server computes for a login, by the library's functions: one OPRF
 * evaluation with the derivation of its key, one ephemeral key pair, three
 * Diffie-Hellman, and each of the three points decoded once.
 *
 * @return	CPU time of one in nanoseconds
 */
uint64_t load_floor_opaque(unsigned n);

#endif /* TESTING_BENCH_LOAD_FLOOR_H_ */
