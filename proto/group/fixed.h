/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * OpenSSL objects that cost too much to make at every use: the group, and
 * SHA-256 as fetched from the provider. They are made once in a process, on
 * first use and behind a lock, and never change afterwards, so any thread may
 * read them. This is not state: nobody can tell from the outside whether they
 * are there already. They live until the process ends, because OpenSSL's own
 * clean-up may run before ours.
 */
#ifndef OBOL_GROUP_FIXED_H_
#define OBOL_GROUP_FIXED_H_

#include <openssl/ec.h>
#include <openssl/evp.h>

struct obol_fixed {
	EC_GROUP *p256;
	EVP_MD *sha256;
};

/** The objects; NULL when OpenSSL could not make them. */
const struct obol_fixed *obol_fixed(void);

#endif /* OBOL_GROUP_FIXED_H_ */
