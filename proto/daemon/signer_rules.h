/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What the signer signs, whoever asks: its own rules on top of all that a
 * worker has checked, or would have.
 */
#ifndef OBOL_DAEMON_SIGNER_RULES_H_
#define OBOL_DAEMON_SIGNER_RULES_H_

#include "daemon/config.h"
#include "daemon/signer_wire.h"
#include "issue/issuer.h"

/** Whose request it is. */
enum obol_signer_role {
	OBOL_SIGNER_WORKER,
	OBOL_SIGNER_PUBLISHER,
	/** an obold on another machine, all of its processes: which of them may ask
	 * what is seen to there */
	OBOL_SIGNER_OBOLD,
};

/**
 * Whether he may ask for it at all: workers have certificates signed, and the
 * publisher revocation lists, so that neither needs to be trusted with more
 * than he does. What is no operation nobody may.
 *
 * @param operation	as it has come
 */
bool obol_signer_may_ask(enum obol_signer_role role, uint8_t operation);

/** Of a process of this machine's, when that one is the publisher. */
enum obol_signer_role obol_signer_role_of(size_t i, size_t publisher);

struct obol_signer_rules {
	/** names that are the server's and its gateways': nobody gets them */
	const char *server_name;
	const char *domain;
	/** what a subject alternative name must end in, such as "@example.org";
	 * none: any name that is not one of the two above */
	size_t n_names;
	const char *names[OBOL_SIGNER_NAMES_MAX];
	/** names that a gateway's certificate may have; none: there is none */
	size_t n_gateways;
	const char *gateways[OBOL_SIGNER_NAMES_MAX];
	/** longest lifetime, in seconds */
	uint32_t lifetime_max_s;
};

/** Those of a configuration, which holds as long as they do; gateways are named
 * for a signer on a machine of its own alone. */
struct obol_signer_rules obol_signer_rules_of(const struct obol_config *config);

/**
 * May this be signed? Users' certificates, and those of gateways that are
 * named.
 *
 * @param why	receives what speaks against it
 * @return		OK; DENIED
 */
enum obol_status
obol_signer_rules_check(const struct obol_signer_rules *rules,
						const struct obol_certificate_profile *profile,
						char *why, size_t size) OBOL_MUST_CHECK;

#endif /* OBOL_DAEMON_SIGNER_RULES_H_ */
