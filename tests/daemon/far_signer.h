/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * obol-signer, the program, on a free loopback port, and obold's process that
 * asks it. "here" is obold's TLS certificate, "there" the signer's, "stranger"
 * a third one's.
 */
#ifndef TESTS_DAEMON_FAR_SIGNER_H_
#define TESTS_DAEMON_FAR_SIGNER_H_

#include <check.h>
#include <sys/types.h>

#include "daemon/signer_pin.h"
#include "issue/issuer.h"
#include "metrics/meter.h"
#include "support/tempdir.h"

/** How long something may take that a test waits for. */
#define LIMIT_MS 60000

struct far_signer {
	struct tempdir dir;
	unsigned port;
	/** how obold finds it; "127.0.0.1" at first */
	const char *host;
	/** the parent, and leader of a group of its own */
	pid_t signer;
	/** the proxy's */
	struct obol_meter *meter;
};

/** The one of the test that runs. */
extern struct far_signer far;

/** CA and certificates. */
void far_setup(void);
/** Also looks that the proxy ends well. */
void far_teardown(void);

/** A certificate's pin as text. */
const char *far_pin(const char *name, char text[OBOL_SIGNER_PIN_TEXT]);

/** obol-signer's file; more goes into section signer. */
void far_configure(const char *client, const char *more);

/** Start obol-signer; it must serve. */
void far_start(void);
/** Its exit code, -1 for a signal. */
int far_wait(void);
/** All of its processes; returns when nobody listens any more. */
void far_kill(void);
/** A signal to all of its processes, to the parent alone. */
void far_signal_all(int signal);
void far_signal(int signal);

/** Become a program that logs where the others do; never returns. */
void far_become(char *const argv[]);

/** Start the process that asks, which knows the signer by this certificate. */
void far_proxy_start(const char *server);

/** What all have logged; holds until the next call. */
const char *far_log(void);
/** Wait until that is in it. */
void far_wait_log(const char *wanted);

/** An asker: 0 for a worker, 1 for the publisher. */
struct obol_issuer *far_ask(unsigned peer);

/** Have a certificate issued for one name; for alice. */
enum obol_status far_issue(struct obol_issuer *issuer, const char *san,
						   bool is_gateway);
enum obol_status far_issue_alice(struct obol_issuer *issuer);

/** Ask until one is issued. */
void far_until_issued(struct obol_issuer *issuer);

/** Have a revocation list of n entries signed. */
enum obol_status far_sign_list(struct obol_issuer *issuer, size_t n);

#endif /* TESTS_DAEMON_FAR_SIGNER_H_ */
