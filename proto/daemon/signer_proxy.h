/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The way to a signer on another machine: a process that stands in the signer's
 * place beside the workers, holds the TLS key that the signer knows, and passes
 * on what they ask. Chains it answers from the CA's certificate, which is here
 * too; the rest it refuses at once, as IO, while the signer is away, so that
 * nobody waits.
 */
#ifndef OBOL_DAEMON_SIGNER_PROXY_H_
#define OBOL_DAEMON_SIGNER_PROXY_H_

#include "daemon/signer.h"

struct obol_signer_proxy_options {
	/** its key, token and audit trail are not used */
	struct obol_signer_options signer;
	const struct obol_config *config;
};

/**
 * Pass on, in a process that was forked for it, until the parent's end. It
 * serves whether or not the signer is there.
 *
 * @return	the process's exit code; what was wrong has been logged
 */
int obol_signer_proxy_run(const struct obol_signer_proxy_options *options);

#endif /* OBOL_DAEMON_SIGNER_PROXY_H_ */
