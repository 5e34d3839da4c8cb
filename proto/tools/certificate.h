/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What a certificate says, for people and for swanctl.conf.
 */
#ifndef OBOL_TOOLS_CERTIFICATE_H_
#define OBOL_TOOLS_CERTIFICATE_H_

#include <stdint.h>

#include <obol/bundle.h>

#define CERTIFICATE_NAME_MAX 512

struct certificate {
	/** distinguished names, as strongSwan writes them */
	char subject[CERTIFICATE_NAME_MAX];
	char issuer[CERTIFICATE_NAME_MAX];
	/** an identity for local.id: the first subjectAltName that IKE knows, or
	 * the full DN */
	char ike_id[CERTIFICATE_NAME_MAX];
	/** hexadecimal */
	char serial[64];
	uint64_t not_before;
	uint64_t not_after;
};

/**
 * Read a certificate in DER.
 *
 * @return	OK; FORMAT; NOMEM
 */
enum obol_status certificate_read(struct obol_bytes der,
								  struct certificate *out) OBOL_MUST_CHECK;

#endif /* OBOL_TOOLS_CERTIFICATE_H_ */
