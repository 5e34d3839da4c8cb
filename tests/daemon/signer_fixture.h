/* SPDX-License-Identifier: GPL-2.0-or-later */
/** A signer in a process of its own, and those who may ask it. */
#ifndef TESTS_DAEMON_SIGNER_FIXTURE_H_
#define TESTS_DAEMON_SIGNER_FIXTURE_H_

#include "daemon/signer.h"
#include "daemon/signer_link.h"
#include "support/tempdir.h"

#define SIGNER_DAY 86400
/** A worker, another one, the publisher. */
#define SIGNER_PEERS 3
#define SIGNER_PUBLISHER 2

struct signer_fixture {
	/** with ca.crt and ca.key, and audit where is_audited says so */
	struct tempdir dir;
	/** what the next signer_start() begins with */
	struct obol_signer_options options;
	bool is_audited;
	/** the peers' ends of their sockets */
	int asks[SIGNER_PEERS];
};

extern struct signer_fixture signer_fixture;

/** A profile that the signer certifies. */
extern const struct obol_certificate_profile signer_alice;

/** For tcase_add_checked_fixture(). */
void signer_setup(void);
void signer_teardown(void);

/** True when it serves. */
bool signer_start(void);

/** Its parent goes. Its exit status; -1 when a signal ended it. */
int signer_end(void);

void signer_kill(void);

/** What a peer asks through. */
struct obol_issuer *signer_link(unsigned peer);

/** Ask for a certificate of a new key. */
enum obol_status signer_issue(struct obol_issuer *issuer,
							  const struct obol_certificate_profile *profile,
							  struct obol_issued *issued);

#endif /* TESTS_DAEMON_SIGNER_FIXTURE_H_ */
