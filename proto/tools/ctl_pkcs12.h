/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Key and certificate of an old PKI, read from a PKCS#12 file and sealed for
 * an account.
 */
#ifndef OBOL_TOOLS_CTL_PKCS12_H_
#define OBOL_TOOLS_CTL_PKCS12_H_

#include "seal/account_key.h"
#include "tools/ctl.h"

/** No descriptor: the password is asked for on the terminal. */
#define OBOL_CTL_NO_FD UINT32_MAX

struct obol_ctl_pkcs12 {
	/** the credential "vpn", its body in sealed */
	struct obol_put_request put;
	struct obol_writer sealed;
};

/**
 * Read, check and seal.
 *
 * @param path			the PKCS#12 file
 * @param ca_path		PEM file of CA certificates, NULL when they are inside
 * @param password_fd	where its password comes from, or OBOL_CTL_NO_FD
 * @param base_version	version that it replaces, 0 for none
 * @return				false, with the reason said
 */
bool obol_ctl_pkcs12_seal(struct obol_ctl *ctl, const char *path,
						  const char *ca_path, uint32_t password_fd,
						  const struct obol_account_key *key,
						  uint64_t base_version, struct obol_ctl_pkcs12 *old);

/** Wipe. */
void obol_ctl_pkcs12_clear(struct obol_ctl_pkcs12 *old);

#endif /* OBOL_TOOLS_CTL_PKCS12_H_ */
