/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What the signer signs, whoever asks: its own rules on top of all that a
 * worker has checked, or would have.
 */
#ifndef OBOL_DAEMON_SIGNER_RULES_H_
#define OBOL_DAEMON_SIGNER_RULES_H_

#include "daemon/config.h"
#include "issue/issuer.h"

struct obol_signer_rules {
	/** names that are the server's and its gateways': nobody gets them */
	const char *server_name;
	const char *domain;
	/** what a subject alternative name must end in, such as "@example.org";
	 * none: any name that is not one of the two above */
	size_t n_names;
	const char *names[OBOL_SIGNER_NAMES_MAX];
	/** longest lifetime, in seconds */
	uint32_t lifetime_max_s;
};

/**
 * May this be signed? Users' certificates alone: a gateway's is made with
 * obolctl, by who has the key.
 *
 * @param why	receives what speaks against it
 * @return		OK; DENIED
 */
enum obol_status
obol_signer_rules_check(const struct obol_signer_rules *rules,
						const struct obol_certificate_profile *profile,
						char *why, size_t size) OBOL_MUST_CHECK;

#endif /* OBOL_DAEMON_SIGNER_RULES_H_ */
