/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A key and its certificate in swanctl's directories, replaced so that at every
 * moment the certificate's key is there too: swanctl reads all files in
 * private/, whatever they are called, and charon finds the key by the
 * certificate. So the new key comes beside the old one, as KEY.next, then the
 * certificate, and then the new key takes the old one's place.
 */
#ifndef OBOL_TOOLS_CTL_PAIR_H_
#define OBOL_TOOLS_CTL_PAIR_H_

#include "base/bytes.h"

/** Longest path of one of the two, with its final zero. */
#define OBOL_CTL_PAIR_PATH_MAX 1024
#define OBOL_CTL_PAIR_NEXT ".next"

struct obol_ctl_pair {
	char key[OBOL_CTL_PAIR_PATH_MAX];
	char certificate[OBOL_CTL_PAIR_PATH_MAX];
};

/**
 * Write both, durably. What somebody began who was killed is finished first.
 *
 * @param key			in PEM, without a password
 * @param certificate	in PEM
 * @param replace		a certificate that is there gives way
 * @param why			receives a sentence for the operator on failure
 * @return				OK; EXISTS when there is a certificate, without replace;
 *						IO; whichever certificate is there then, so is its key
 */
enum obol_status obol_ctl_pair_write(const struct obol_ctl_pair *pair,
									 const struct obol_secret *key,
									 const struct obol_secret *certificate,
									 bool replace, char *why,
									 size_t size) OBOL_MUST_CHECK;

#endif /* OBOL_TOOLS_CTL_PAIR_H_ */
