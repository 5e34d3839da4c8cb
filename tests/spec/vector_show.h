/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What lies between the secrets and the frames: computed from what went over,
 * checked against what the real code has, and written down.
 */
#ifndef TESTS_SPEC_VECTOR_SHOW_H_
#define TESTS_SPEC_VECTOR_SHOW_H_

#include "seal/account_key.h"
#include "seal/sealed_credential.h"
#include "spec/vector_world.h"

/** What the OPRF and the KSF make of a secret. */
struct vector_stretch {
	struct obol_secret *input;
	/** as drawn, OBOL_SCALAR_LEN bytes */
	const uint8_t *blind;
	/** OBOL_OPAQUE_NOE bytes */
	const uint8_t *evaluated;
	struct obol_ksf_params ksf;
};

/** The OPRF's input as a line; free it. */
struct obol_secret *vector_oprf_input(struct vector_text *out, const char *name,
									  const struct obol_secret *secret);

/** OPRF's output, stretched output, randomized_password; free it. */
struct obol_secret *vector_randomize(struct vector_text *out,
									 const struct vector_stretch *in);

/** The export_key of an envelope's nonce; free it. */
struct obol_secret *
vector_export_key(struct vector_text *out,
				  const struct obol_secret *randomized_password,
				  const uint8_t *envelope_nonce);

/** masked_response of a LoginChallenge's body, opened: server_public_key and
 * envelope. Returns the export_key; free it. */
struct obol_secret *vector_unmask(struct vector_text *out,
								  const struct obol_secret *randomized_password,
								  const uint8_t *challenge);

/** OPAQUE's context for that challenge. */
void vector_context(struct vector_text *out, enum obol_slot_kind kind,
					const uint8_t *challenge, const uint8_t *exporter);

/** A wrap, opened. */
void vector_wrap(struct vector_text *out, const struct obol_secret *export_key,
				 struct obol_bytes wrap);

/** A sealed credential, opened. */
void vector_credential(struct vector_text *out,
					   const struct obol_account_key *key,
					   const struct obol_credential_header *header,
					   struct obol_bytes sealed);

/** Account id, generation and account key. */
void vector_account_key(struct vector_text *out,
						const struct obol_account_key *key);

#endif /* TESTS_SPEC_VECTOR_SHOW_H_ */
