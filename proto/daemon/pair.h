/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A worker and its keeper: two processes that live and end together.
 */
#ifndef OBOL_DAEMON_PAIR_H_
#define OBOL_DAEMON_PAIR_H_

#include "daemon/control_socket.h"
#include "daemon/crew.h"

struct obol_pair {
	/** 0: none at present */
	pid_t worker;
	pid_t keeper;
	/** our end of the worker's socket pair, -1 for none */
	int fd;
};

/**
 * Fork both. Each of them keeps the descriptors that it needs and no others,
 * so that each sees the end of the other.
 *
 * @param n_workers	workers in all
 * @param signer_fd	the worker's way to the signer, -1 for none
 * @return			false when that failed; a keeper without worker ends by
 *					itself and stays in pair until it is reaped
 */
bool obol_pair_start(const struct obol_crew_options *options,
					 unsigned n_workers, int signer_fd, struct obol_pair *pair);

/**
 * Fork the control process and a keeper for it, likewise.
 *
 * @param socket	the listening socket, which stays the caller's
 */
bool obol_pair_start_control(const struct obol_crew_options *options,
							 const struct obol_control_socket *socket,
							 struct obol_pair *pair);

/** No process of it is left. */
bool obol_pair_is_gone(const struct obol_pair *pair);

/** Send both a signal; 0 is left out. */
void obol_pair_signal(const struct obol_pair *pair, int worker_signal,
					  int keeper_signal);

/** Wait for both, and close. */
void obol_pair_wait(struct obol_pair *pair);

/** A process that has ended, and as what. */
struct obol_pair_end {
	pid_t pid;
	int wait_status;
	bool is_keeper;
};

/** True when it was one of the two; sets is_keeper. */
bool obol_pair_reap(struct obol_pair *pair, struct obol_pair_end *end);

/** Close our end. */
void obol_pair_close(struct obol_pair *pair);

#endif /* OBOL_DAEMON_PAIR_H_ */
