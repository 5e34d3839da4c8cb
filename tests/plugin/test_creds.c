/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of plugin/obol_creds.c: which look-ups have something fetched. */
#include "plugin/swan.h"

#include "obol_creds.h"

#include <credentials/sets/mem_cred.h>

#include <string.h>

static struct pki *pki, *other;
static struct obol_bundle *bundle;
static obol_keyring_t *keyring;
static obol_fetcher_t *fetcher;
static obol_creds_t *creds;
static identification_t *root, *foreign, *alice, *nobody;

static void setup(void)
{
	swan_setup();
	pki = pki_new("root");
	other = pki_new("other root");
	bundle = pki_bundle(pki, &(struct pki_want){ .through_intermediate = true });
	root = swan_keyid(pki_root(pki));
	foreign = swan_keyid(pki_root(other));
	alice = identification_create_from_string("alice@example.org");
	nobody = identification_create_from_string("nobody@example.org");
	keyring = obol_keyring_create();
}

static void teardown(void)
{
	DESTROY_IF(fetcher);
	DESTROY_IF(creds);
	fetcher = NULL;
	creds = NULL;
	keyring->destroy(keyring);
	root->destroy(root);
	foreign->destroy(foreign);
	alice->destroy(alice);
	nobody->destroy(nobody);
	obol_bundle_free(bundle);
	pki_free(pki);
	pki_free(other);
	swan_teardown();
}

static void serve(const char *host, unsigned delay_ms)
{
	struct fake_server server = { .delay_ms = delay_ms,
								  .bundle = bundle,
								  .version = 1 };

	fake_set(host, &server);
}

static void start(void)
{
	fetcher = obol_fetcher_create(keyring);
	creds = obol_creds_create(keyring, fetcher);
}

static unsigned look_up(certificate_type_t cert, key_type_t key,
						identification_t *id, bool trusted)
{
	return swan_count_certs(&creds->set, cert, key, id, trusted);
}

/* Time of a look-up, in milliseconds. */
static int64_t look_up_ms(certificate_type_t cert, key_type_t key,
						  identification_t *id, bool trusted)
{
	int64_t begun = swan_now();

	look_up(cert, key, id, trusted);
	return swan_now() - begun;
}

/* The calls of an initiator, each the first that is made: it waits, and finds
 * what was fetched. */
START_TEST(test_calls_that_wait)
{
	swan_profiles(false);
	serve("home", 300);
	start();
	switch (_i)
	{
		case 0:
			ck_assert_uint_eq(look_up(CERT_X509, KEY_ANY, root, TRUE), 1);
			break;
		case 1:
			ck_assert_uint_eq(look_up(CERT_ANY, KEY_ANY, NULL, TRUE), 1);
			break;
		default:
			ck_assert_uint_eq(look_up(CERT_ANY, KEY_ANY, alice, FALSE), 1);
			break;
	}
	ck_assert_uint_eq(fake_seen("home").n_logins, 1);
}
END_TEST

/* Look-ups of others than an initiator that needs our credential. */
START_TEST(test_calls_that_do_not_wait)
{
	swan_profiles(false);
	serve("home", 60000);
	start();
	/* list-certs, certexpire */
	ck_assert_int_lt(look_up_ms(CERT_X509, KEY_ANY, NULL, FALSE), SWAN_AT_ONCE_MS);
	ck_assert_int_lt(look_up_ms(CERT_ANY, KEY_ANY, NULL, FALSE), SWAN_AT_ONCE_MS);
	/* a peer's certificate, by the type of its key */
	ck_assert_int_lt(look_up_ms(CERT_ANY, KEY_ECDSA, nobody, FALSE), SWAN_AT_ONCE_MS);
	ck_assert_int_lt(look_up_ms(CERT_ANY, KEY_RSA, nobody, TRUE), SWAN_AT_ONCE_MS);
	/* an issuer */
	ck_assert_int_lt(look_up_ms(CERT_X509, KEY_ANY, nobody, TRUE), SWAN_AT_ONCE_MS);
	ck_assert_int_lt(look_up_ms(CERT_X509, KEY_ANY, nobody, FALSE), SWAN_AT_ONCE_MS);
	/* a revocation list */
	ck_assert_int_lt(look_up_ms(CERT_X509_CRL, KEY_ANY, nobody, FALSE), SWAN_AT_ONCE_MS);
	/* keys are asked for after certificates */
	ck_assert_uint_eq(swan_count_keys(&creds->set), 0);
	swan_wait(fake_seen("home").n_logins == 1);
}
END_TEST

START_TEST(test_private_key)
{
	swan_profiles(false);
	serve("home", 0);
	start();
	look_up(CERT_X509, KEY_ANY, root, TRUE);
	ck_assert_uint_eq(swan_count_keys(&creds->set), 1);
}
END_TEST

START_TEST(test_other_sets)
{
	enumerator_t *enumerator;

	swan_profiles(false);
	serve("home", 0);
	start();
	enumerator =
		creds->set.create_shared_enumerator(&creds->set, SHARED_ANY, NULL, NULL);
	ck_assert(!enumerator);
	enumerator =
		creds->set.create_cdp_enumerator(&creds->set, CERT_X509_CRL, NULL);
	ck_assert(!enumerator);
}
END_TEST

/* The calls of one IKE_SA, when the gateway trusts another CA, too. */
START_TEST(test_foreign_certreq_first)
{
	swan_profiles(false);
	serve("home", 300);
	start();
	ck_assert_uint_eq(look_up(CERT_X509, KEY_ANY, foreign, TRUE), 0);
	ck_assert_uint_eq(look_up(CERT_X509, KEY_ANY, root, TRUE), 1);
	ck_assert_uint_eq(look_up(CERT_ANY, KEY_ANY, NULL, TRUE), 1);
	ck_assert_uint_eq(look_up(CERT_ANY, KEY_ANY, alice, FALSE), 1);
	ck_assert_uint_eq(fake_seen("home").n_logins, 1);
}
END_TEST

/* Two gateways, the other's server is silent. */
START_TEST(test_other_server_silent)
{
	int64_t begun;

	swan_profiles(true);
	serve("home", 100);
	serve("work", 60000);
	start();
	begun = swan_now();
	ck_assert_uint_eq(look_up(CERT_X509, KEY_ANY, root, TRUE), 1);
	ck_assert_uint_eq(look_up(CERT_ANY, KEY_ANY, NULL, TRUE), 1);
	ck_assert_uint_eq(look_up(CERT_ANY, KEY_ANY, alice, FALSE), 1);
	ck_assert_int_lt(swan_now() - begun, 100 + 50 + 100);
	/* and now that it is there, not at all */
	begun = swan_now();
	ck_assert_uint_eq(look_up(CERT_X509, KEY_ANY, root, TRUE), 1);
	ck_assert_uint_eq(look_up(CERT_ANY, KEY_ANY, NULL, TRUE), 1);
	ck_assert_uint_eq(look_up(CERT_ANY, KEY_ANY, alice, FALSE), 1);
	ck_assert_int_lt(swan_now() - begun, SWAN_AT_ONCE_MS);
}
END_TEST

/* All that one IKE_SA's calls wait, if the server is silent. */
START_TEST(test_all_waits_together)
{
	int64_t begun;

	swan_profiles(false);
	swan_set("timeout", "4s");
	serve("home", 60000);
	start();
	begun = swan_now();
	look_up(CERT_X509, KEY_ANY, foreign, TRUE);
	look_up(CERT_X509, KEY_ANY, root, TRUE);
	look_up(CERT_ANY, KEY_ANY, NULL, TRUE);
	look_up(CERT_ANY, KEY_ANY, alice, FALSE);
	look_up(CERT_ANY, KEY_ANY, alice, FALSE);
	ck_assert_int_lt(swan_now() - begun, 2 * 4000);
	/* who needed it has been told why there is none, once */
	ck_assert_uint_eq(swan_logged("1 obol: profile 'home' has no"), 1);
}
END_TEST

/* A connection is tried again at once, and the same thread handles it. */
START_TEST(test_next_sa_of_same_thread)
{
	mem_cred_t *secrets = mem_cred_create();

	swan_password_profile();
	serve("home", 200);
	start();
	lib->credmgr->add_set(lib->credmgr, &secrets->set);
	look_up(CERT_X509, KEY_ANY, root, TRUE);
	look_up(CERT_ANY, KEY_ANY, NULL, TRUE);
	ck_assert_uint_eq(look_up(CERT_ANY, KEY_ANY, alice, FALSE), 0);
	look_up(CERT_X509, KEY_ANY, root, TRUE);
	look_up(CERT_ANY, KEY_ANY, NULL, TRUE);
	ck_assert_uint_eq(look_up(CERT_ANY, KEY_ANY, alice, FALSE), 0);
	/* each is told why it fails */
	ck_assert_uint_eq(swan_logged("there is no password for it"), 2);
	/* the third has what it needs, and waits for it */
	secrets->add_shared(
		secrets,
		shared_key_create(SHARED_EAP, chunk_clone(chunk_from_str("secret"))),
		identification_create_from_string("obol:alice@home"), NULL);
	ck_assert_uint_eq(look_up(CERT_X509, KEY_ANY, root, TRUE), 1);
	lib->credmgr->remove_set(lib->credmgr, &secrets->set);
	secrets->destroy(secrets);
}
END_TEST

/* Certificates that the daemon has from files. */
static mem_cred_t *files;

static void add_file(struct obol_bytes der, bool trusted)
{
	files->add_cert(files, trusted,
					lib->creds->create(
						lib->creds, CRED_CERTIFICATE, CERT_X509,
						BUILD_BLOB_ASN1_DER,
						chunk_create((u_char *)der.ptr, der.len), BUILD_END));
}

static void add_sets(void)
{
	/* in the order in which charon adds them */
	lib->credmgr->add_set(lib->credmgr, &creds->set);
	files = mem_cred_create();
	lib->credmgr->add_set(lib->credmgr, &files->set);
}

static void remove_sets(void)
{
	lib->credmgr->remove_set(lib->credmgr, &creds->set);
	lib->credmgr->remove_set(lib->credmgr, &files->set);
	files->destroy(files);
}

/* A connection whose certificate and CA are in files waits for nothing. */
START_TEST(test_connection_with_files)
{
	struct obol_bundle *own =
		pki_bundle(other, &(struct pki_want){ .san = "email:nobody@example.org" });
	int64_t begun;

	swan_profiles(false);
	serve("home", 60000);
	start();
	add_sets();
	add_file(pki_root(other), TRUE);
	add_file(obol_bundle_chain(own, 0), FALSE);
	begun = swan_now();
	look_up(CERT_X509, KEY_ANY, foreign, TRUE);
	look_up(CERT_ANY, KEY_ANY, NULL, TRUE);
	look_up(CERT_ANY, KEY_ANY, nobody, FALSE);
	ck_assert_int_lt(swan_now() - begun, SWAN_AT_ONCE_MS);
	ck_assert_uint_eq(swan_logged("has no credential"), 0);
	remove_sets();
	obol_bundle_free(own);
}
END_TEST

/* One whose CA is in a file, and whose certificate we have to fetch, does. */
START_TEST(test_connection_with_ca_in_file)
{
	swan_profiles(false);
	serve("home", 300);
	start();
	add_sets();
	add_file(pki_root(pki), TRUE);
	look_up(CERT_X509, KEY_ANY, root, TRUE);
	look_up(CERT_ANY, KEY_ANY, NULL, TRUE);
	ck_assert_uint_eq(look_up(CERT_ANY, KEY_ANY, alice, FALSE), 1);
	remove_sets();
}
END_TEST

START_TEST(test_local_id_is_unset)
{
	identification_t *address;

	swan_profiles(false);
	serve("home", 0);
	start();
	look_up(CERT_X509, KEY_ANY, root, TRUE);
	address = identification_create_from_string("127.0.0.1");
	look_up(CERT_ANY, KEY_ANY, address, FALSE);
	ck_assert_uint_eq(swan_logged("the connection has no local.id"), 1);
	address->destroy(address);
}
END_TEST

START_TEST(test_other_peoples_address)
{
	identification_t *address;

	swan_profiles(false);
	serve("home", 0);
	start();
	address = identification_create_from_string("192.0.2.1");
	look_up(CERT_ANY, KEY_ANY, address, FALSE);
	ck_assert_uint_eq(swan_logged("the connection has no local.id"), 0);
	address->destroy(address);
}
END_TEST

Suite *creds_suite(void);

Suite *creds_suite(void)
{
	Suite *suite = suite_create("creds");
	TCase *tcase = tcase_create("creds");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_calls_that_wait, 0, 3);
	tcase_add_test(tcase, test_calls_that_do_not_wait);
	tcase_add_test(tcase, test_private_key);
	tcase_add_test(tcase, test_other_sets);
	tcase_add_test(tcase, test_foreign_certreq_first);
	tcase_add_test(tcase, test_other_server_silent);
	tcase_add_test(tcase, test_all_waits_together);
	tcase_add_test(tcase, test_next_sa_of_same_thread);
	tcase_add_test(tcase, test_connection_with_files);
	tcase_add_test(tcase, test_connection_with_ca_in_file);
	tcase_add_test(tcase, test_local_id_is_unset);
	tcase_add_test(tcase, test_other_peoples_address);
	suite_add_tcase(suite, tcase);
	return suite;
}
