/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What a signer does, whoever brings it the requests: the process beside
 * obold's workers (signer.h), or a program on another machine
 * (signer_server.h).
 */
#ifndef OBOL_DAEMON_SIGNER_CORE_H_
#define OBOL_DAEMON_SIGNER_CORE_H_

#include "base/writer.h"
#include "daemon/sandbox.h"
#include "daemon/signer.h"
#include "daemon/signer_audit.h"

/** A revocation list that somebody is having made; zero bytes are none. */
struct obol_signer_draft {
	struct obol_crl_parts parts;
	struct obol_crl_entry *entries;
	size_t n_wanted;
	uint8_t *der;
	size_t len;
};

void obol_signer_draft_clear(struct obol_signer_draft *draft);

/** Whoever asks. */
struct obol_signer_asker {
	enum obol_signer_role role;
	/** for the audit trail: a word */
	const char *name;
	struct obol_signer_draft *draft;
};

struct obol_signer_core {
	const struct obol_signer_options *options;
	/** by enum obol_signer_ca; the second may be NULL */
	struct obol_issuer *issuers[2];
	/** where a CA's key may be */
	struct obol_tokens tokens;
	/** this process is its later user for the moment, as the token's is */
	bool is_lent;
	/** the token is gone: a successor finds it again */
	bool is_lost;
	/** -1: nothing is noted */
	int audit_fd;
};

/**
 * Read what must be read as root. One whose token has refused the PIN goes on,
 * to refuse whatever is asked: see core->tokens.pin_was_refused.
 *
 * @param options	holds as long as the core
 * @return			false when the CA cannot be used; it has been told
 */
bool obol_signer_core_open(struct obol_signer_core *core,
						   const struct obol_signer_options *options);

/** Give up privileges, and enter one of two sandboxes; false, with the reason
 * told. */
bool obol_signer_core_confine(struct obol_signer_core *core,
							  enum obol_sandbox_role role,
							  enum obol_sandbox_role role_with_token);

/**
 * Answer a request, see signer_wire.h.
 *
 * @param out	receives the answer
 * @return		false when there is none to be given
 */
bool obol_signer_core_answer(struct obol_signer_core *core,
							 const struct obol_signer_asker *asker,
							 struct obol_bytes in, struct obol_writer *out);

void obol_signer_core_close(struct obol_signer_core *core);

/** Count an answer, when its request was for a signature; since when it was
 * wanted is obol_meter_us()'s. */
void obol_signer_count(struct obol_meter *meter, uint8_t operation,
					   enum obol_status status, uint64_t since_us);

#endif /* OBOL_DAEMON_SIGNER_CORE_H_ */
