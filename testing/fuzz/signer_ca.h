/* SPDX-License-Identifier: GPL-2.0-or-later */
/** A CA for the targets that play a signer: made once, its key in memory. */
#ifndef TESTING_FUZZ_SIGNER_CA_H_
#define TESTING_FUZZ_SIGNER_CA_H_

#include <openssl/evp.h>

#include "base/log.h"
#include "fuzz/fuzz.h"
#include "issue/issuer.h"
#include "support/driven_clock.h"

/** Within the CA's life. */
#define FUZZ_SIGNER_AT UINT64_C(1800000000)

/** An issuer with its key, the same one each time; its clock and its
 * randomness begin anew. */
struct obol_issuer *fuzz_signer_ca(void);

/** Its clock. */
struct driven_clock *fuzz_signer_clock(void);

/** Its public key. */
EVP_PKEY *fuzz_signer_ca_key(void);

/** A user's public key, as a request has it. */
struct obol_bytes fuzz_signer_spki(void);

/** A log whose lines must be fit for one. */
void fuzz_log_init(struct obol_log *log);

#endif /* TESTING_FUZZ_SIGNER_CA_H_ */
