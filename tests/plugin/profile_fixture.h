/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A profile whose fetches come to what the test says. The time is an argument
 * of its methods, so nothing waits.
 */
#ifndef TESTS_PLUGIN_PROFILE_FIXTURE_H_
#define TESTS_PLUGIN_PROFILE_FIXTURE_H_

#include "plugin/swan.h"

#include "obol_profile.h"

extern struct pki *pki;
extern obol_profile_t *profile;
extern int64_t now;

/** Every test's fixture: a profile with a device file, or with a password. */
void profile_setup_device(void);
void profile_setup_password(void);
void profile_teardown(void);

/** The profile of the only one that is configured. */
void profile_make(void);

/** Begin a fetch, which must be due, with the given secret. */
void begin(const char *secret);

/** It fails. */
void fail_with(enum obol_cause cause, uint32_t retry_after_s);

/** It brings a bundle, or for NULL that what is held is current. */
void succeed(uint64_t version, const struct pki_want *want);

/** Milliseconds until something is due. */
int64_t pause_ms(void);

#endif /* TESTS_PLUGIN_PROFILE_FIXTURE_H_ */
