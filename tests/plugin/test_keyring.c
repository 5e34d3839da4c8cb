/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of plugin/obol_keyring.c and plugin/obol_loaded.c. */
#include "plugin/swan.h"

#include "obol_keyring.h"

#include <string.h>

static struct pki *pki;
static obol_keyring_t *keyring;
static credential_set_t *set;

/* What was seen when the cache was flushed. */
static struct {
	unsigned n_flushes;
	unsigned n_keys;
	unsigned n_old, n_new;
	identification_t *old_id, *new_id;
} seen;

static void spy_flush_cache(credential_manager_t *this, certificate_type_t type)
{
	(void)this;
	if (type == CERT_ANY)
	{ /* libstrongswan itself, at its end */
		return;
	}
	ck_assert_int_eq(type, CERT_X509);
	seen.n_flushes++;
	seen.n_keys = swan_count_keys(set);
	if (seen.old_id)
	{
		seen.n_old =
			swan_count_certs(set, CERT_ANY, KEY_ANY, seen.old_id, FALSE);
		seen.n_new =
			swan_count_certs(set, CERT_ANY, KEY_ANY, seen.new_id, FALSE);
	}
}

static void setup(void)
{
	swan_setup();
	pki = pki_new("root");
	keyring = obol_keyring_create();
	set = keyring->get_set(keyring);
	memset(&seen, 0, sizeof(seen));
	lib->credmgr->flush_cache = spy_flush_cache;
}

static void teardown(void)
{
	keyring->destroy(keyring);
	DESTROY_IF(seen.old_id);
	DESTROY_IF(seen.new_id);
	pki_free(pki);
	swan_teardown();
}

/* Put a new bundle into the keyring. */
static void put(const char *name, struct pki *from, const struct pki_want *want)
{
	struct obol_bundle *bundle = pki_bundle(from, want);
	obol_loaded_t *loaded = obol_loaded_create(bundle, NULL);

	ck_assert(loaded);
	keyring->replace(keyring, (char *)name, loaded);
	obol_bundle_free(bundle);
}

static unsigned count(const char *id, bool trusted)
{
	identification_t *who = identification_create_from_string((char *)id);
	unsigned n = swan_count_certs(set, CERT_ANY, KEY_ANY, who, trusted);

	who->destroy(who);
	return n;
}

static const char *key_types[] = { "EC", "RSA", "ED25519" };

START_TEST(test_key_types)
{
	put("home", pki, &(struct pki_want){ .key_type = key_types[_i] });
	ck_assert_uint_eq(swan_count_keys(set), 1);
	ck_assert_uint_eq(count("alice@example.org", FALSE), 1);
}
END_TEST

START_TEST(test_trust)
{
	put("home", pki,
		&(struct pki_want){ .through_intermediate = true,
							.intermediate_as_ca = true });
	/* nothing but the self-signed CA is trusted */
	ck_assert_uint_eq(count("alice@example.org", FALSE), 1);
	ck_assert_uint_eq(count("alice@example.org", TRUE), 0);
	ck_assert_uint_eq(count("CN=intermediate", FALSE), 1);
	ck_assert_uint_eq(count("CN=intermediate", TRUE), 0);
	ck_assert_uint_eq(count("CN=root", TRUE), 1);
}
END_TEST

START_TEST(test_key_is_found_by_certificate)
{
	private_key_t *private;
	identification_t *id;

	put("home", pki, &(struct pki_want){ 0 });
	lib->credmgr->add_set(lib->credmgr, set);
	id = identification_create_from_string("alice@example.org");
	private = lib->credmgr->get_private(lib->credmgr, KEY_ANY, id, NULL);
	ck_assert(private);
	private->destroy(private);
	id->destroy(id);
	lib->credmgr->remove_set(lib->credmgr, set);
}
END_TEST

START_TEST(test_first_needs_no_flush)
{
	put("home", pki, &(struct pki_want){ 0 });
	ck_assert_uint_eq(seen.n_flushes, 0);
}
END_TEST

START_TEST(test_replace)
{
	put("home", pki, &(struct pki_want){ .san = "email:old@example.org" });
	seen.old_id = identification_create_from_string("old@example.org");
	seen.new_id = identification_create_from_string("new@example.org");
	put("home", pki, &(struct pki_want){ .san = "email:new@example.org" });
	/* at the flush the new pair was there and the old key still was */
	ck_assert_uint_eq(seen.n_flushes, 1);
	ck_assert_uint_eq(seen.n_keys, 2);
	ck_assert_uint_eq(seen.n_old, 0);
	ck_assert_uint_eq(seen.n_new, 1);
	ck_assert_uint_eq(swan_count_keys(set), 1);
	ck_assert_uint_eq(count("CN=root", TRUE), 1);
}
END_TEST

START_TEST(test_replace_with_same_key)
{
	put("home", pki, &(struct pki_want){ 0 });
	put("home", pki, &(struct pki_want){ .same_key = true });
	ck_assert_uint_eq(seen.n_flushes, 1);
	ck_assert_uint_eq(swan_count_keys(set), 1);
	ck_assert_uint_eq(count("alice@example.org", FALSE), 1);
}
END_TEST

START_TEST(test_two_profiles)
{
	struct pki *other = pki_new("other root");

	put("home", pki, &(struct pki_want){ 0 });
	put("work", other, &(struct pki_want){ .san = "email:bob@example.org" });
	ck_assert_uint_eq(swan_count_keys(set), 2);
	ck_assert_uint_eq(count("CN=root", TRUE), 1);
	ck_assert_uint_eq(count("CN=other root", TRUE), 1);
	keyring->remove(keyring, "home");
	ck_assert_uint_eq(seen.n_flushes, 1);
	ck_assert_uint_eq(swan_count_keys(set), 1);
	ck_assert_uint_eq(count("CN=root", TRUE), 0);
	ck_assert_uint_eq(count("alice@example.org", FALSE), 0);
	ck_assert_uint_eq(count("CN=other root", TRUE), 1);
	ck_assert_uint_eq(count("bob@example.org", FALSE), 1);
	keyring->remove(keyring, "home");
	ck_assert_uint_eq(seen.n_flushes, 1);
	pki_free(other);
}
END_TEST

START_TEST(test_same_credential_twice)
{
	struct obol_bundle *bundle = pki_bundle(pki, &(struct pki_want){ 0 });

	keyring->replace(keyring, "one", obol_loaded_create(bundle, NULL));
	keyring->replace(keyring, "two", obol_loaded_create(bundle, NULL));
	keyring->remove(keyring, "one");
	ck_assert_uint_eq(swan_count_keys(set), 1);
	ck_assert_uint_eq(count("alice@example.org", FALSE), 1);
	ck_assert_uint_eq(count("CN=root", TRUE), 1);
	keyring->remove(keyring, "two");
	ck_assert_uint_eq(swan_count_keys(set), 0);
	ck_assert_uint_eq(count("CN=root", TRUE), 0);
	obol_bundle_free(bundle);
}
END_TEST

START_TEST(test_identities)
{
	struct obol_bundle *bundle = pki_bundle(
		pki, &(struct pki_want){ .san = "email:a@example.org,DNS:a.example" });
	obol_loaded_t *loaded = obol_loaded_create(bundle, NULL);
	char *identities = obol_loaded_identities(loaded);

	ck_assert_str_eq(identities, "a@example.org, a.example, \"CN=alice\"");
	free(identities);
	obol_loaded_destroy(loaded);
	obol_bundle_free(bundle);
}
END_TEST

static bool trust(const char *name, struct pki *next, uint32_t number)
{
	struct obol_anchors *set = pki_anchors(pki, next, number);
	bool is_new = keyring->set_anchors(keyring, (char *)name, number,
									   obol_loaded_anchors(set));

	obol_anchors_free(set);
	return is_new;
}

/* From one CA to the next: both are trusted beside the bundle's, all at once,
 * and the daemon's cache goes when one that was trusted goes. */
START_TEST(test_anchors)
{
	struct pki *next = pki_new("next root");
	struct pki *third = pki_new("third root");

	put("home", pki, &(struct pki_want){ 0 });
	ck_assert(trust("home", next, 1));
	ck_assert_uint_eq(seen.n_flushes, 0);
	ck_assert_uint_eq(count("CN=root", TRUE), 1);
	ck_assert_uint_eq(count("CN=next root", TRUE), 1);
	/* the same again is nothing new */
	ck_assert(!trust("home", next, 1));
	/* a new credential keeps them */
	put("home", pki, &(struct pki_want){ 0 });
	ck_assert_uint_eq(count("CN=next root", TRUE), 1);
	ck_assert_uint_eq(seen.n_flushes, 1);
	ck_assert(trust("home", third, 2));
	ck_assert_uint_eq(seen.n_flushes, 2);
	ck_assert_uint_eq(count("CN=next root", TRUE), 0);
	ck_assert_uint_eq(count("CN=third root", TRUE), 1);
	ck_assert_uint_eq(swan_count_keys(set), 1);
	/* they go with the profile */
	keyring->remove(keyring, "home");
	ck_assert_uint_eq(count("CN=third root", TRUE), 0);
	ck_assert_uint_eq(count("CN=root", TRUE), 0);
	ck_assert(trust("home", third, 2));
	keyring->remove(keyring, "home");
	ck_assert_uint_eq(count("CN=third root", TRUE), 0);
	ck_assert_uint_eq(seen.n_flushes, 4);
	pki_free(third);
	pki_free(next);
}
END_TEST

/* A bundle whose key or certificate is no such thing. */
START_TEST(test_not_decodable)
{
	struct obol_bundle *bundle = pki_bundle(pki, &(struct pki_want){ 0 });
	struct obol_bundle *bad = NULL;
	struct obol_secret *key = obol_secret_dup("no key", 6);
	struct obol_bytes rubbish = { (const uint8_t *)"no certificate", 14 };
	struct obol_bundle_parts parts = { .n_chain = 1, .n_cas = 1 };

	parts.key = _i == 0 ? key : obol_bundle_key(bundle);
	parts.chain[0] = _i == 1 ? rubbish : obol_bundle_chain(bundle, 0);
	parts.cas[0] = _i == 2 ? rubbish : obol_bundle_ca(bundle, 0);
	ck_assert_int_eq(obol_bundle_new(&parts, &bad), OBOL_OK);
	ck_assert(!obol_loaded_create(bad, NULL));
	ck_assert_uint_eq(swan_logged("can not be decoded"), 1);
	obol_bundle_free(bad);
	obol_bundle_free(bundle);
	obol_secret_free(key);
}
END_TEST

Suite *keyring_suite(void);

Suite *keyring_suite(void)
{
	Suite *suite = suite_create("keyring");
	TCase *tcase = tcase_create("keyring");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_key_types, 0, countof(key_types));
	tcase_add_test(tcase, test_trust);
	tcase_add_test(tcase, test_key_is_found_by_certificate);
	tcase_add_test(tcase, test_first_needs_no_flush);
	tcase_add_test(tcase, test_replace);
	tcase_add_test(tcase, test_replace_with_same_key);
	tcase_add_test(tcase, test_two_profiles);
	tcase_add_test(tcase, test_same_credential_twice);
	tcase_add_test(tcase, test_identities);
	tcase_add_test(tcase, test_anchors);
	tcase_add_loop_test(tcase, test_not_decodable, 0, 3);
	suite_add_tcase(suite, tcase);
	return suite;
}
