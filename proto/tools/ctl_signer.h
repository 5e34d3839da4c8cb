/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * obolctl signer: the two ends of the way to a signer on another machine.
 */
#ifndef OBOL_TOOLS_CTL_SIGNER_H_
#define OBOL_TOOLS_CTL_SIGNER_H_

#include "tools/ctl.h"

#define OBOL_CTL_SIGNER_CONFIG SYSCONFDIR "/obol/obol-signer.conf"
#define OBOL_CTL_SIGNER_AUDIT LOCALSTATEDIR "/log/obol/signer.log"
/** Beside the configuration: obold's end, and the signer's. */
#define OBOL_CTL_SIGNER_CLIENT "signer-client"
#define OBOL_CTL_SIGNER_SERVER "signer"

/**
 * Have a TLS key and its certificate, made when neither is there.
 *
 * @param pin	receives the key's pin
 * @return		false, with the reason said
 */
bool obol_ctl_signer_key(const struct obol_ctl *ctl, const char *certificate,
						 const char *key, char pin[OBOL_SIGNER_PIN_TEXT]);

/**
 * Have a gateway's certificate signed by the signer on another machine: a
 * process of our own passes the request on, as obold has one.
 *
 * @param public_key	SubjectPublicKeyInfo in DER
 * @param issued		receives it on success, to be cleared
 * @return				false, with the reason said
 */
bool obol_ctl_signer_issue(struct obol_ctl *ctl, struct obol_bytes public_key,
						   const struct obol_certificate_profile *profile,
						   struct obol_issued *issued);

#endif /* OBOL_TOOLS_CTL_SIGNER_H_ */
