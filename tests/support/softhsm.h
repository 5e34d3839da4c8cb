/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A PKCS#11 token in software (SoftHSM), in a directory of its own.
 */
#ifndef TESTS_SUPPORT_SOFTHSM_H_
#define TESTS_SUPPORT_SOFTHSM_H_

#include <stdbool.h>

#include "support/tempdir.h"

#define SOFTHSM_PIN "4711"

struct softhsm {
	struct tempdir dir;
	/** "" when it is not installed */
	char module[256];
};

/** Make a token that is called "obol", without keys, and have this process and
 * its children use it. False when SoftHSM or pkcs11-tool is not here. */
bool softhsm_init(struct softhsm *hsm);
void softhsm_clear(struct softhsm *hsm);

/** Have the token make a key: "EC:secp256r1", "EC:secp384r1", "rsa:2048". */
void softhsm_key(struct softhsm *hsm, const char *kind, const char *label,
				 const char *id);

/** Log in by hand, with this PIN; true when that is right. */
bool softhsm_login(struct softhsm *hsm, const char *pin);

/** Write a PIN's file, and a key file that names a key in the token.
 *
 * @param attributes	such as "token=obol;object=ca" */
void softhsm_key_file(struct softhsm *hsm, const char *name,
					  const char *attributes, const char *pin);

#endif /* TESTS_SUPPORT_SOFTHSM_H_ */
