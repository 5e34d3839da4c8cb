/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Who may come in, and in which order. A connection is half-open until its
 * login succeeds. For those, a worker keeps
 *
 * - turns: a TLS handshake begins only when its turn comes. First those of
 *   networks that have few unfinished connections in the last ten minutes, so
 *   that a flood waits behind everybody else. Networks with many share a rate
 *   (half of what the keepers allow), and each has one of its own
 *   (limits.handshakes_per_source);
 * - a victim: when there is no room, the one that is given up for a newcomer:
 *   of the flood's that wait for their turn, or else of those that let us wait
 *   longest one whose network has most connections.
 *
 * Whoever logs in gives his turn back, so that a company behind one address
 * costs nothing. Networks are as in account/source_limit.h. Pure: the time is
 * an argument, and the places are the owner's memory.
 */
#ifndef OBOL_DAEMON_ADMISSION_H_
#define OBOL_DAEMON_ADMISSION_H_

#include "base/log.h"
#include "daemon/source_count.h"

/** Classes of those whose turn may come: the fewer unfinished connections
 * their network has, the lower; from CROWD on it has many. */
#define OBOL_ADMISSION_CLASSES 4
#define OBOL_ADMISSION_CROWD 2
/** How often those ask again that have to wait, in milliseconds. */
#define OBOL_ADMISSION_AGAIN_MS 20
/** A network's own bucket drains in this time. */
#define OBOL_ADMISSION_WINDOW_MS ((uint64_t)15000)

/** Where a half-open connection is. */
enum obol_admission_list {
	/** logged in */
	OBOL_ADMISSION_NOWHERE,
	/** we wait for the peer: its handshake; its login; its goodbye */
	OBOL_ADMISSION_GREETING,
	OBOL_ADMISSION_LOGIN,
	OBOL_ADMISSION_CLOSING,
	/** it waits for us: until its network may again; for its turn */
	OBOL_ADMISSION_PUT_OFF,
	OBOL_ADMISSION_TURN,
	OBOL_ADMISSION_LISTS = OBOL_ADMISSION_TURN + OBOL_ADMISSION_CLASSES,
};

/** A connection's place; all zeros at first. */
struct obol_admission_place {
	struct obol_admission_place *prev;
	struct obol_admission_place *next;
	/** where it is, OBOL_ADMISSION_TURN + class for a turn */
	unsigned list;
	/** has taken a turn of its network's; of its network's own rate and of the
	 * crowd's too */
	bool is_counted;
	bool is_paced;
	struct obol_source_address address;
	/** whose it is, and how the owner gives the connection up */
	void *owner;
	void (*drop)(void *owner);
};

/** What has happened since the start. */
struct obol_admission_counts {
	/** given up for a newcomer; newcomers sent away */
	uint64_t n_victims;
	uint64_t n_refused;
	/** handshakes that had to wait for their network's rate */
	uint64_t n_put_off;
};

struct obol_admission_options {
	/** unfinished connections of a network: so many at once, and that many
	 * more in OBOL_ADMISSION_WINDOW_MS; 0: no bound, and turns as they come */
	unsigned per_source;
	/** handshakes in a second for all networks with many, from 1 */
	unsigned crowd_per_second;
	struct obol_rng *rng;
};

struct obol_admission;

/** OK; NOMEM; CRYPTO. */
enum obol_status
obol_admission_new(const struct obol_admission_options *options,
				   struct obol_admission **admission) OBOL_MUST_CHECK;

/** NULL is fine. */
void obol_admission_free(struct obol_admission *admission);

/** We wait for the peer from now on: GREETING, LOGIN or CLOSING; NOWHERE: no
 * more. */
void obol_admission_move(struct obol_admission *admission,
						 struct obol_admission_place *place,
						 enum obol_admission_list list);

/** A whole ClientHello is there: wait for the turn. */
void obol_admission_ask(struct obol_admission *admission,
						struct obol_admission_place *place, uint64_t mono_ms);

/** Whose turn it is, now in GREETING; NULL when nobody's. */
struct obol_admission_place *
obol_admission_next(struct obol_admission *admission, uint64_t mono_ms);

/** Whether somebody's turn has come; or may come with time alone, so ask again
 * after OBOL_ADMISSION_AGAIN_MS. */
bool obol_admission_is_due(const struct obol_admission *admission);
bool obol_admission_is_waited_for(const struct obol_admission *admission);

/** The class of who is next; OBOL_ADMISSION_CLASSES for nobody, or for those
 * that were put off. */
unsigned obol_admission_class(const struct obol_admission *admission);

/** The login succeeded: the turn is given back. */
void obol_admission_succeed(struct obol_admission *admission,
							struct obol_admission_place *place,
							uint64_t mono_ms);

/**
 * Whom to give up for a newcomer when there is no room.
 *
 * @param sources	open connections of networks
 * @return			NULL: the newcomer's network has more than anybody
 */
struct obol_admission_place *
obol_admission_victim(struct obol_admission *admission,
					  const struct obol_source_count *sources,
					  const struct obol_source_address *newcomer);

/** Whether anybody is half-open. */
bool obol_admission_has_half_open(const struct obol_admission *admission);

/** Count a newcomer that was sent away for its network's connections. */
void obol_admission_refused(struct obol_admission *admission);

/** Tell the operator, once in a minute at most, what had to be done. */
void obol_admission_tell(struct obol_admission *admission, struct obol_log *log,
						 uint64_t mono_ms);

/** For metrics. */
struct obol_admission_counts
obol_admission_counts(const struct obol_admission *admission);

#endif /* OBOL_DAEMON_ADMISSION_H_ */
