/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Key stretching functions of OPAQUE (RFC 9807, 7): scrypt, and the identity
 * for machine-made secrets.
 */
#ifndef OBOL_PAKE_KSF_H_
#define OBOL_PAKE_KSF_H_

#include "base/bytes.h"

/** Registry of numbers: the KSF's id on the wire. */
enum obol_ksf_id {
	OBOL_KSF_IDENTITY = 0,
	OBOL_KSF_SCRYPT = 1,
};

/** Encoded length in bytes: id (1) | log2 N (1) | r (2) | p (2). */
#define OBOL_KSF_PARAMS_LEN 6

struct obol_ksf_params {
	enum obol_ksf_id id;
	/** scrypt's N is 2^log2_n */
	uint8_t log2_n;
	uint16_t r;
	uint16_t p;
};

/** The identity: all parameters 0. */
extern const struct obol_ksf_params obol_ksf_identity;

/** The default and the floor: scrypt(N=32768, r=8, p=1). */
extern const struct obol_ksf_params obol_ksf_default;

/** Memory that the client lends at most, in bytes. */
#define OBOL_KSF_MEMORY_MAX ((uint64_t)256 << 20)

/** p that the client accepts at most: a bound on time. */
#define OBOL_KSF_P_MAX 16

/** Known id, and within what scrypt and this build can compute at all. */
bool obol_ksf_params_valid(const struct obol_ksf_params *params);

/**
 * What a client accepts at login for a secret that a person chose: not below
 * the floor (in N * r and in p), not above the ceiling.
 *
 * @return	OK; DENIED when outside; VERSION when the id is not known
 */
enum obol_status
obol_ksf_accept(const struct obol_ksf_params *params) OBOL_MUST_CHECK;

/** Both the same. */
bool obol_ksf_params_eq(const struct obol_ksf_params *a,
						const struct obol_ksf_params *b);

/** A key stretching function as an argument. */
struct obol_ksf {
	/**
	 * @param in	the OPRF's output
	 * @param out	caller's secret, its length is the output's
	 * @return		OK; NOMEM; CRYPTO
	 */
	enum obol_status (*stretch)(const struct obol_ksf *ksf,
								const struct obol_secret *in,
								struct obol_secret *out);
	struct obol_ksf_params params;
};

/**
 * The function for the given parameters.
 *
 * @return	OK; VERSION when the id is not known; ARG when out of range
 */
enum obol_status
obol_ksf_init(struct obol_ksf *ksf,
			  const struct obol_ksf_params *params) OBOL_MUST_CHECK;

#endif /* OBOL_PAKE_KSF_H_ */
