/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The workers of one configuration, each with its keeper, its signer,
 * publisher, monitor and control process: started together, kept alive, and
 * ended together. After a reload the old crew drains while the new one serves.
 */
#ifndef OBOL_DAEMON_CREW_H_
#define OBOL_DAEMON_CREW_H_

#include <sys/types.h>

#include "daemon/assets.h"
#include "daemon/board.h"
#include "daemon/config.h"
#include "daemon/keeper_table.h"
#include "daemon/privileges.h"

/** Workers at most, as many as limits in config.c allow. */
#define OBOL_WORKERS_MAX 256

struct obol_crew;

struct obol_crew_options {
	/** taken over: freed with the crew */
	struct obol_assets *assets;
	size_t n_sockets;
	int sockets[OBOL_LISTEN_MAX];
	/** stays the caller's */
	struct obol_keeper_table *table;
	/** likewise; how many changes a help desk's people have made */
	struct obol_keeper_table *control_table;
	/** every process's meter; stays the caller's */
	struct obol_board *board;
	/** listening socket for HTTP; -1 for none */
	int http_fd;
	/** listening socket of the monitor; -1 for none */
	int metrics_fd;
	struct obol_identity identity;
	struct obol_identity keeper_identity;
	struct obol_identity signer_identity;
	struct obol_clock *clock;
	struct obol_log *log;
	/** run in a new process before all else: it loses the TLS key of every crew
	 * that it was forked beside, but for what it serves with, NULL when it
	 * serves no TLS; see obol_crew_enter() */
	void (*forked)(void *ctx, const struct obol_assets *serves);
	void *ctx;
};

/**
 * Look up who they become: the users that the configuration names, for keepers
 * and signer those of OBOL_KEEPER_USER and OBOL_SIGNER_USER where they are
 * there, and the workers' else.
 *
 * @param why	receives a sentence for the operator on failure
 * @return		OK; NOT_FOUND
 */
enum obol_status obol_crew_identities(const struct obol_config *config,
									  struct obol_crew_options *options,
									  char *why, size_t size) OBOL_MUST_CHECK;

/**
 * Start the workers, one and then the others, and wait until all serve.
 *
 * @return	OK; IO when one of them could not start, it has said why; AUTH
 *			when a token's PIN was refused, which is not to be tried again; the
 *			assets are freed then
 */
enum obol_status obol_crew_start(const struct obol_crew_options *options,
								 struct obol_crew **crew) OBOL_MUST_CHECK;

/** A process has ended; true when it was one of this crew's. When it was not
 * told to end, its partner ends too and both get successors, after a pause when
 * they did not live long. */
bool obol_crew_reap(struct obol_crew *crew, pid_t pid, int wait_status);

/** Start successors whose pause is over.
 *
 * @return	milliseconds until the next one, -1 for none */
int obol_crew_mend(struct obol_crew *crew);

/** Tell the workers to drain. */
void obol_crew_drain(struct obol_crew *crew);

/** Kill those that are still there when the drain took too long. */
void obol_crew_hurry(struct obol_crew *crew);

/** Draining, and no worker is left. */
bool obol_crew_is_gone(const struct obol_crew *crew);

/**
 * In a process that was forked for the crew and serves no TLS: nothing of the
 * parent's is left to it but what it works with.
 *
 * @param name	as others see it
 * @param keep	descriptors beside the standard ones; they are sorted
 */
void obol_crew_enter(const struct obol_crew_options *options, const char *name,
					 int *keep, size_t n);

/** In a process that serves no TLS. */
void obol_crew_forget_tls(struct obol_crew *crew);

const struct obol_assets *obol_crew_assets(const struct obol_crew *crew);

/** Free what the parent holds; workers that are left drain by themselves. NULL
 * is fine. */
void obol_crew_free(struct obol_crew *crew);

#endif /* OBOL_DAEMON_CREW_H_ */
