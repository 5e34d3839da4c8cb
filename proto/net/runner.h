/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * One address and port in the race: TCP, then TLS with the right application
 * protocol, then the pinned key if there is one. Nothing in here waits.
 */
#ifndef OBOL_NET_RUNNER_H_
#define OBOL_NET_RUNNER_H_

#include "net/connect.h"
#include "net/targets.h"

enum obol_runner_state {
	OBOL_RUNNER_WAITING,
	OBOL_RUNNER_CONNECTING,
	OBOL_RUNNER_HANDSHAKE,
	/** ready for the protocol */
	OBOL_RUNNER_DONE,
	/** see failure and reason */
	OBOL_RUNNER_OUT,
};

struct obol_runner {
	enum obol_runner_state state;
	/** the server that it is one address of; borrowed */
	struct obol_target *target;
	struct sockaddr_storage addr;
	int fd;
	struct obol_tls *tls;
	uint64_t connected_mono_ms;
	uint8_t tls_key_hash[OBOL_TLS_KEY_HASH_LEN];
	enum obol_net_failure failure;
	char reason[192];
};

/** A runner at its start. */
void obol_runner_init(struct obol_runner *runner, struct obol_target *target,
					  const struct sockaddr_storage *addr);

/** Close and free what it still owns; it is out. */
void obol_runner_clear(struct obol_runner *runner);

/**
 * Start to connect. Its state tells what came of it.
 *
 * @return	OK; INTERNAL ends the race
 */
enum obol_net_failure obol_runner_start(struct obol_runner *runner,
										const struct obol_connect_config *cfg);

/** What to poll() for. */
short obol_runner_events(const struct obol_runner *runner);

/** Go on after poll(). As obol_runner_start(). */
enum obol_net_failure obol_runner_go_on(struct obol_runner *runner,
										const struct obol_connect_config *cfg,
										short ready);

/** Under way: its descriptor is to be watched. */
bool obol_runner_is_running(const struct obol_runner *runner);

#endif /* OBOL_NET_RUNNER_H_ */
