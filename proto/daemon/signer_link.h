/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The way to the signer: struct obol_issuer over a socket pair. A call waits
 * for the signer's answer; IO when none comes in time, which the signer's
 * successor may give to the next call.
 */
#ifndef OBOL_DAEMON_SIGNER_LINK_H_
#define OBOL_DAEMON_SIGNER_LINK_H_

#include "daemon/signer_wire.h"

/**
 * Ask the signer for the CA's chain. Several may share a descriptor.
 *
 * @param ca	which one
 * @param fd	stays the caller's, open as long as the issuer
 * @param rng	gives the nonces
 * @return		OK; ARG when the signer has no such CA; IO; NOMEM; CRYPTO
 */
enum obol_status
obol_signer_link_new(int fd, enum obol_signer_ca ca, struct obol_rng *rng,
					 struct obol_issuer **issuer) OBOL_MUST_CHECK;

#endif /* OBOL_DAEMON_SIGNER_LINK_H_ */
