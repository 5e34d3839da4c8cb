/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The gateway's IKE_SAs as far as obol-gateway knows them: which certificate
 * each was made with, which have to end, what is to be reported. No I/O.
 */
#ifndef OBOL_GATEWAY_TUNNELS_H_
#define OBOL_GATEWAY_TUNNELS_H_

#include "wire/follow.h"

/** Certificates that one IKE_SA may have been made with: one, unless several
 * of one identity were seen at the same moment. */
#define OBOL_TUNNEL_SERIALS_MAX 4
/** Tunnels at most, and events that wait to be reported. */
#define OBOL_TUNNELS_MAX 65536
#define OBOL_TUNNEL_EVENTS_MAX 16384

/** An IKE_SA as charon tells of it. */
struct obol_tunnel {
	/** charon's number of it */
	uint32_t id;
	/** of the IKE_SA that the tunnel began with */
	uint8_t spis[OBOL_SPIS_LEN];
	char identity[OBOL_NAME_MAX + 1];
	char remote[OBOL_SOURCE_MAX + 1];
	char virtual_ip[OBOL_SOURCE_MAX + 1];
	uint64_t established_at;
	/** none: not known */
	size_t n_serials;
	struct obol_serial serials[OBOL_TUNNEL_SERIALS_MAX];
	/** of CHILD_SAs that are gone */
	uint64_t bytes_in;
	uint64_t bytes_out;
	/** number of the revocation that it has to end for, 0 for none */
	uint64_t revocation;
	/** charon was told */
	bool is_ending;
};

struct obol_tunnels;

/** NULL when memory ran out. */
struct obol_tunnels *obol_tunnels_new(void);
/** NULL is fine. */
void obol_tunnels_free(struct obol_tunnels *tunnels);

/**
 * One has come up, or was there when we came; it is copied. One that is known
 * is left as it is. When its certificate was revoked a moment ago it has to end
 * at once.
 *
 * @return	OK; NOMEM; DENIED above the limit
 */
enum obol_status
obol_tunnels_up(struct obol_tunnels *tunnels,
				const struct obol_tunnel *tunnel) OBOL_MUST_CHECK;

/** It was rekeyed: charon's number has changed, the tunnel has not. */
void obol_tunnels_rekeyed(struct obol_tunnels *tunnels, uint32_t from,
						  uint32_t to);

/** A CHILD_SA of it is gone, after so many bytes. */
void obol_tunnels_carried(struct obol_tunnels *tunnels, uint32_t id,
						  uint64_t bytes_in, uint64_t bytes_out);

/** It is down. */
void obol_tunnels_down(struct obol_tunnels *tunnels, uint32_t id, uint64_t now);

/** charon is gone, and all of them with it. */
void obol_tunnels_all_down(struct obol_tunnels *tunnels, uint64_t now);

/**
 * A certificate was revoked: tunnels made with it have to end. Where the
 * certificate is not known, the identity decides; a device that has another
 * one comes back.
 */
void obol_tunnels_revoke(struct obol_tunnels *tunnels,
						 const struct obol_follow_item *item);

/** One that has to end and was not told so yet; it counts as told. NULL for
 * none. */
const struct obol_tunnel *
obol_tunnels_next_to_end(struct obol_tunnels *tunnels);

/** Some were told to end and are still there. */
bool obol_tunnels_are_ending(const struct obol_tunnels *tunnels);

/** What charon was told counts for nothing: it is another one now. */
void obol_tunnels_tell_again(struct obol_tunnels *tunnels);

size_t obol_tunnels_n(const struct obol_tunnels *tunnels);

/**
 * Events to report, oldest first.
 *
 * @param events	receives views up to max of them, which hold until the next
 *					call
 * @return			their number
 */
size_t obol_tunnels_events(const struct obol_tunnels *tunnels,
						   struct obol_report_event *events, size_t max);

/** The first n were reported. */
void obol_tunnels_reported(struct obol_tunnels *tunnels, size_t n);

/** A certificate's subject and names, as in Follow, have this IKE identity. */
bool obol_tunnel_names(struct obol_bytes subject, const char *identity);

#endif /* OBOL_GATEWAY_TUNNELS_H_ */
