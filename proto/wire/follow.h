/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What gateways ask and tell; part of request.h, whose terms these are.
 *
 * Follow        since (8), number of the revocation up to which this gateway
 *               has seen to its tunnels | CRL number held (8), 0 for none | CRL
 *               offset (4), where the part asked for begins
 * FollowAnswer  sequence (8), to be the next since | more (1), and then not
 *               empty | count (2), each, numbers growing: number (8) | reason
 *               (1) | revoked at (8) | serial vec8<1..20> | subject vec16
 *               <0..512> | CRL number (8), 0 for none | CRL length (4) | part
 *               vec24<0..512 KiB>, from the offset; empty when the number is
 *               the one held. Answered at once: a gateway asks once a second
 * Report        run (8), random, another one each time the gateway program
 *               starts | sweep (1): tunnels that were not reported in this run
 *               have ended | count (2), each: what (1) | SPIs (16), initiator's
 *               and responder's of the IKE_SA as it was first reported | serial
 *               vec8<0..20>, of the peer's certificate, empty when not known |
 *               identity vec8<0..255> | remote vec8<0..64>, address | virtual
 *               vec8<0..64>, address | at (8) | bytes in (8) | bytes out (8) |
 *               revocation (8), the number for which it was ended, else 0
 * ReportAnswer  empty
 */
#ifndef OBOL_WIRE_FOLLOW_H_
#define OBOL_WIRE_FOLLOW_H_

#include "base/bytes.h"
#include "wire/registry.h"

#define OBOL_SERIAL_MAX 20
#define OBOL_SPIS_LEN 16
/** Revocations of one answer, and the part of the CRL in it. */
#define OBOL_FOLLOW_ITEMS_MAX 256
#define OBOL_FOLLOW_PART_MAX (512 * 1024)
/** Events of one Report. */
#define OBOL_REPORT_EVENTS_MAX 128

struct obol_serial {
	uint8_t len;
	uint8_t bytes[OBOL_SERIAL_MAX];
};

struct obol_follow_request {
	uint64_t since;
	uint64_t crl_number;
	uint32_t crl_offset;
};

struct obol_follow_item {
	uint64_t number;
	uint8_t reason;
	uint64_t revoked_at;
	struct obol_bytes serial;
	struct obol_bytes subject;
};

struct obol_follow_answer {
	uint64_t sequence;
	bool more;
	uint16_t n_items;
	struct obol_follow_item items[OBOL_FOLLOW_ITEMS_MAX];
	uint64_t crl_number;
	uint32_t crl_len;
	struct obol_bytes crl_part;
};

enum obol_tunnel_event {
	OBOL_TUNNEL_UP = 1,
	OBOL_TUNNEL_DOWN = 2,
};

struct obol_report_event {
	/** enum obol_tunnel_event */
	uint8_t what;
	uint8_t spis[OBOL_SPIS_LEN];
	struct obol_bytes serial;
	struct obol_bytes identity;
	struct obol_bytes remote;
	struct obol_bytes virtual_ip;
	uint64_t at;
	uint64_t bytes_in;
	uint64_t bytes_out;
	uint64_t revocation;
};

struct obol_report_request {
	uint64_t run;
	bool sweep;
	uint16_t n_events;
	struct obol_report_event events[OBOL_REPORT_EVENTS_MAX];
};

#endif /* OBOL_WIRE_FOLLOW_H_ */
