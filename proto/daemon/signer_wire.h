/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What the signer and those who ask it say to each other, over a socket pair
 * that keeps messages apart. One request, then its answer with the same nonce:
 * a process that took a dead one's place may find what was meant for that.
 *
 *   request   operation (1) | nonce (8) | CA (1) | body
 *   answer    nonce (8) | status (1) | body when the status is OK
 *
 *   CHAIN      -> end of the CA (8) | chain | CAs, each: count (1),
 *              each (24 bits of length)
 *   ISSUE      public key (16) | profile -> certificate as issued
 *   CRL_BEGIN  number (8) | this update (8) | next update (8) | entries (4)
 *   CRL_ADD    count (2), each: serial (8 bits of length) | reason (1) |
 *              time (8)
 *   CRL_SIGN   -> length (4), up to OBOL_SIGNER_LIST_MAX
 *   CRL_READ   offset (4) -> up to OBOL_SIGNER_PART_MAX bytes
 */
#ifndef OBOL_DAEMON_SIGNER_WIRE_H_
#define OBOL_DAEMON_SIGNER_WIRE_H_

#include "base/reader.h"
#include "base/writer.h"
#include "issue/issuer.h"

enum obol_signer_operation {
	OBOL_SIGNER_CHAIN = 1,
	OBOL_SIGNER_ISSUE = 2,
	OBOL_SIGNER_CRL_BEGIN = 3,
	OBOL_SIGNER_CRL_ADD = 4,
	OBOL_SIGNER_CRL_SIGN = 5,
	OBOL_SIGNER_CRL_READ = 6,
};

/** Whose name is signed in. */
enum obol_signer_ca {
	OBOL_SIGNER_PRESENT = 0,
	/** the one before, whose revocation list still counts; nothing else is
	 * signed by it */
	OBOL_SIGNER_BEFORE = 1,
};

/** Largest message: the chain's answer. */
#define OBOL_SIGNER_MESSAGE_MAX                                                \
	(64 + 2 * OBOL_CHAIN_MAX * (3 + OBOL_CERTIFICATE_MAX))
#define OBOL_SIGNER_NONCE_LEN 8
/** Bytes of a revocation list in one answer; entries in one request, in all. */
#define OBOL_SIGNER_PART_MAX 65536
#define OBOL_SIGNER_ADD_MAX 1000
#define OBOL_SIGNER_ENTRIES_MAX 1000000
/** Largest revocation list: with so many entries, of up to 64 bytes each. */
#define OBOL_SIGNER_LIST_MAX (64 * OBOL_SIGNER_ENTRIES_MAX + 65536)

#define OBOL_SIGNER_ATTRIBUTES_MAX 8

/** A profile with what it points to. */
struct obol_signer_profile {
	struct obol_certificate_profile profile;
	struct obol_certificate_attribute attributes[OBOL_SIGNER_ATTRIBUTES_MAX];
	char types[OBOL_SIGNER_ATTRIBUTES_MAX][32];
	char sans[OBOL_CERTIFICATE_SANS_MAX][OBOL_TEXT_MAX + 1];
	char crl_uri[OBOL_URI_MAX + 1];
};

/** Statuses as they go over; TIMEOUT is a rate that is reached, any other
 * failure is CRYPTO. */
void obol_signer_write_status(struct obol_writer *w, enum obol_status status);
/** IO when it is none. */
enum obol_status obol_signer_read_status(struct obol_reader *r);

/** A whole answer; the body counts when the status is OK. */
void obol_signer_write_answer(struct obol_writer *w, struct obol_bytes nonce,
							  enum obol_status status, struct obol_bytes body);

/** What CHAIN is answered with. */
void obol_signer_write_chain(struct obol_writer *w,
							 const struct obol_issuer *issuer);

void obol_signer_write_profile(struct obol_writer *w,
							   const struct obol_certificate_profile *profile);
/** Fails the reader on what is out of bounds. */
void obol_signer_read_profile(struct obol_reader *r,
							  struct obol_signer_profile *out);

void obol_signer_write_issued(struct obol_writer *w,
							  const struct obol_issued *issued);
/** OK; IO when it is none; NOMEM. */
enum obol_status
obol_signer_read_issued(struct obol_reader *r,
						struct obol_issued *issued) OBOL_MUST_CHECK;

void obol_signer_write_entries(struct obol_writer *w,
							   const struct obol_crl_entry *entries, size_t n);
/** How many, at most max; fails the reader on more. */
size_t obol_signer_read_entries(struct obol_reader *r,
								struct obol_crl_entry *entries, size_t max);

#endif /* OBOL_DAEMON_SIGNER_WIRE_H_ */
