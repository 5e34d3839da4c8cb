/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Who is at obol-signer's door, and who of them has to go when there is no
 * room: strangers come in any number, and must not push out an obold whose
 * handshake is under way. Pure: the places are the owner's memory.
 */
#ifndef OBOL_DAEMON_SIGNER_GUESTS_H_
#define OBOL_DAEMON_SIGNER_GUESTS_H_

#include "daemon/source_count.h"

/** Networks that are remembered: as many as there can be obolds at once. */
#define OBOL_SIGNER_KNOWN_MAX 64

/** Networks from which one of the keys that may come in has come in; the last
 * ones. Zero bytes are none. */
struct obol_signer_known {
	size_t n;
	size_t next;
	struct obol_source_address list[OBOL_SIGNER_KNOWN_MAX];
};

void obol_signer_known_add(struct obol_signer_known *known,
						   const struct obol_source_address *address);

/** One of those whose handshakes are under way. */
struct obol_signer_guest {
	/** the owner's number of it */
	size_t i;
	struct obol_source_address address;
	/** when he must have finished: the lower, the longer he is there */
	uint64_t deadline_ms;
};

/**
 * Whom to give up for a newcomer: of the networks that nobody known has come
 * from, if any is there, the one with most guests, and its eldest.
 *
 * @param guests	with the newcomer, who may be the one; at least one
 * @return			his number
 */
size_t obol_signer_guests_victim(const struct obol_signer_guest *guests,
								 size_t n,
								 const struct obol_signer_known *known);

#endif /* OBOL_DAEMON_SIGNER_GUESTS_H_ */
