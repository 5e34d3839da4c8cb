/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * libstrongswan for the plugin's tests: set up for each test, with its plugins,
 * worker threads and a log that can be searched.
 */
#ifndef TESTS_PLUGIN_SWAN_H_
#define TESTS_PLUGIN_SWAN_H_

#include <library.h>

#include "plugin/fake_client.h"
#include "plugin/pki.h"

#include <check.h>

/** Worker threads that each test starts with. */
#define SWAN_THREADS 8

/** For what will come; and of what must not wait for a fetch, whose time limit
 * is twice as much or more. However slow the machine is, and whatever else it
 * does. In ms. */
#define SWAN_PATIENCE_MS 60000
#define SWAN_AT_ONCE_MS 5000

/** Fixture of all tests. */
void swan_setup(void);
void swan_teardown(void);

/** Set an option, below charon.plugins.obol. */
void swan_set(const char *key, const char *value);

/** Make profiles "home" and, if wanted, "work": alice@home, bob@work, with
 * device files that hold "device-of-alice." and "device-of-bobby.". */
void swan_profiles(bool work);

/** A profile "home" for alice@home with a password. */
void swan_password_profile(void);

/** Write a device file with a secret of 16 characters; returns its path. */
const char *swan_device(const char *name, const char *secret);

/** How many lines of the log have the text. */
unsigned swan_logged(const char *text);

/** The whole log, as a copy that the next call overwrites. */
const char *swan_log(void);

/** Forget the log. */
void swan_log_clear(void);

/** The time, in milliseconds. */
int64_t swan_now(void);

/** Wait until a condition is met. */
#define swan_wait(condition)                                                   \
	do                                                                         \
	{                                                                          \
		int64_t until_ = swan_now() + SWAN_PATIENCE_MS;                        \
		while (!(condition) && swan_now() < until_)                            \
		{                                                                      \
			usleep(2000);                                                      \
		}                                                                      \
		ck_assert_msg(condition, "not within %d ms: %s", SWAN_PATIENCE_MS,     \
					  #condition);                                             \
	} while (0)

/** Key identifier of a CA, as a gateway's CERTREQ has it. */
identification_t *swan_keyid(struct obol_bytes der);

/** How many certificates a set finds. */
unsigned swan_count_certs(credential_set_t *set, certificate_type_t cert,
						  key_type_t key, identification_t *id, bool trusted);

/** How many private keys a set has. */
unsigned swan_count_keys(credential_set_t *set);

#endif /* TESTS_PLUGIN_SWAN_H_ */
