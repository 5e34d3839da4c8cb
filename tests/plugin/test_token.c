/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of plugin/obol_token.c and plugin/obol_token_key.c, with SoftHSM. */
#include "plugin/fake_client.h"
#include "plugin/swan.h"
#include "support/softhsm.h"

#include "obol_keyring.h"
#include "obol_loaded.h"
#include "obol_token.h"
#include "obol_token_key.h"

#include <stdio.h>
#include <string.h>

static struct softhsm hsm;
static bool is_here;
static char uri[1024];
static struct obol_client *client;
static struct obol_error error;
static obol_token_t *token;

static void write_pin(const char *pin)
{
	tempdir_write(&hsm.dir, "pin", pin, strlen(pin), 0600);
}

static void setup(void)
{
	struct obol_client_options options;

	swan_setup();
	is_here = softhsm_init(&hsm);
	if (!is_here)
	{
		return;
	}
	snprintf(uri, sizeof(uri),
			 "pkcs11:token=obol?module-path=%.255s&pin-source=file:%.255s",
			 hsm.module, tempdir_file(&hsm.dir, "pin"));
	write_pin(SOFTHSM_PIN);
	obol_client_options_init(&options);
	options.account = "alice@vpn.example.org";
	ck_assert_int_eq(obol_client_new(&options, &client, &error), OBOL_OK);
	memset(&error, 0, sizeof(error));
	token = obol_token_create(uri, "home");
}

static void teardown(void)
{
	if (is_here)
	{
		DESTROY_IF(token);
		token = NULL;
		obol_client_free(client);
	}
	softhsm_clear(&hsm);
	swan_teardown();
}

/* A key as a fetch comes to it; the certificate is somebody else's, which the
 * token does not look at. */
static private_key_t *take(uint8_t type, struct obol_bundle *bundle)
{
	char why[256] = "";
	private_key_t *key;

	ck_assert_msg(token->attach(token, client, &error), "%s", error.text);
	ck_assert_msg(fake_make_key(client, type, why, sizeof(why)), "%s", why);
	key = token->take_key(token, bundle, &error);
	ck_assert_msg(key, "%s", error.text);
	token->drop_key(token);
	return key;
}

static unsigned n_objects(void)
{
	char command[512], text[16] = "";
	FILE *pipe;

	snprintf(command, sizeof(command),
			 "pkcs11-tool --module %.255s --token-label obol --login "
			 "--pin " SOFTHSM_PIN " --list-objects 2>/dev/null | "
			 "grep -c '^Private Key Object'",
			 hsm.module);
	pipe = popen(command, "r");
	ck_assert(pipe && fgets(text, sizeof(text), pipe));
	pclose(pipe);
	return (unsigned)atoi(text);
}

static const struct {
	uint8_t type;
	key_type_t key_type;
	int size;
	signature_scheme_t schemes[5];
	signature_scheme_t other;
} rows[] = {
	{ OBOL_CLIENT_KEY_EC_P256,
	  KEY_ECDSA,
	  256,
	  { SIGN_ECDSA_256, SIGN_ECDSA_WITH_SHA256_DER, SIGN_ECDSA_WITH_SHA384_DER,
		SIGN_ECDSA_WITH_SHA512_DER },
	  SIGN_ECDSA_384 },
	{ OBOL_CLIENT_KEY_EC_P384,
	  KEY_ECDSA,
	  384,
	  { SIGN_ECDSA_384, SIGN_ECDSA_WITH_SHA256_DER, SIGN_ECDSA_WITH_SHA384_DER,
		SIGN_ECDSA_WITH_SHA512_DER },
	  SIGN_ECDSA_256 },
	{ OBOL_CLIENT_KEY_RSA_3072,
	  KEY_RSA,
	  3072,
	  { SIGN_RSA_EMSA_PKCS1_SHA1, SIGN_RSA_EMSA_PKCS1_SHA2_256,
		SIGN_RSA_EMSA_PKCS1_SHA2_384, SIGN_RSA_EMSA_PKCS1_SHA2_512 },
	  SIGN_RSA_EMSA_PSS },
};

/* strongSwan's own public keys verify what the token signs, by each scheme
 * that is offered, and by no other. */
START_TEST(test_signs)
{
	struct obol_bundle *bundle;
	chunk_t data = chunk_from_str("what is to be signed"), signature;
	signature_params_t *params;
	enumerator_t *enumerator;
	public_key_t *pubkey;
	private_key_t *key;
	struct pki *pki;
	size_t i, n = 0;

	if (!is_here)
	{
		return;
	}
	pki = pki_new("root");
	bundle = pki_bundle(pki, &(struct pki_want){ 0 });
	key = take(rows[_i].type, bundle);
	pubkey = key->get_public_key(key);
	ck_assert_int_eq(key->get_type(key), rows[_i].key_type);
	ck_assert_int_eq(key->get_keysize(key), rows[_i].size);
	ck_assert(key->belongs_to(key, pubkey));
	for (i = 0; rows[_i].schemes[i]; i++)
	{
		ck_assert(key->sign(key, rows[_i].schemes[i], NULL, data, &signature));
		ck_assert(
			pubkey->verify(pubkey, rows[_i].schemes[i], NULL, data, signature));
		signature.ptr[signature.len / 2] ^= 1;
		ck_assert(!pubkey->verify(pubkey, rows[_i].schemes[i], NULL, data,
								  signature));
		chunk_free(&signature);
	}
	ck_assert(!key->sign(key, rows[_i].other, NULL, data, &signature));
	enumerator = key->supported_signature_schemes(key);
	while (enumerator->enumerate(enumerator, &params))
	{
		ck_assert(key->sign(key, params->scheme, NULL, data, &signature));
		chunk_free(&signature);
		n++;
	}
	enumerator->destroy(enumerator);
	ck_assert_uint_ge(n, 1);
	/* it has no encoding */
	ck_assert(!key->get_encoding(key, PRIVKEY_ASN1_DER, &signature));
	pubkey->destroy(pubkey);
	key->destroy(key);
	obol_bundle_free(bundle);
	pki_free(pki);
}
END_TEST

/* The old key stays in the token as long as somebody has it. */
START_TEST(test_replaced)
{
	struct obol_bundle *bundle;
	chunk_t data = chunk_from_str("data"), signature;
	obol_keyring_t *keyring;
	private_key_t *key;
	struct pki *pki;

	if (!is_here)
	{
		return;
	}
	pki = pki_new("root");
	bundle = pki_bundle(pki, &(struct pki_want){ 0 });
	keyring = obol_keyring_create();
	key = take(OBOL_CLIENT_KEY_EC_P256, bundle);
	/* an exchange has begun with it */
	key->get_ref(key);
	keyring->replace(keyring, "home", obol_loaded_create(bundle, key));
	ck_assert_uint_eq(n_objects(), 1);
	keyring->replace(
		keyring, "home",
		obol_loaded_create(bundle, take(OBOL_CLIENT_KEY_EC_P256, bundle)));
	ck_assert_uint_eq(swan_count_keys(keyring->get_set(keyring)), 1);
	ck_assert_uint_eq(n_objects(), 2);
	ck_assert(key->sign(key, SIGN_ECDSA_256, NULL, data, &signature));
	chunk_free(&signature);
	key->destroy(key);
	ck_assert_uint_eq(n_objects(), 1);
	/* the daemon ends: the last one stays, and goes when the next run has one
	 */
	keyring->destroy(keyring);
	token->destroy(token);
	ck_assert_uint_eq(n_objects(), 1);
	token = obol_token_create(uri, "home");
	key = take(OBOL_CLIENT_KEY_EC_P256, bundle);
	ck_assert_uint_eq(n_objects(), 1);
	key->destroy(key);
	obol_bundle_free(bundle);
	pki_free(pki);
}
END_TEST

/* A key that gets no certificate does not stay. */
START_TEST(test_dropped)
{
	char why[256];

	if (!is_here)
	{
		return;
	}
	ck_assert_msg(token->attach(token, client, &error), "%s", error.text);
	ck_assert(fake_make_key(client, OBOL_CLIENT_KEY_EC_P256, why, sizeof(why)));
	ck_assert_uint_eq(n_objects(), 1);
	token->drop_key(token);
	ck_assert_uint_eq(n_objects(), 0);
	ck_assert(
		!fake_make_key(client, OBOL_CLIENT_KEY_ED25519, why, sizeof(why)));
	ck_assert_ptr_nonnull(strstr(why, "another type"));
}
END_TEST

static void ck_refused(const char *text)
{
	memset(&error, 0, sizeof(error));
	ck_assert(!token->attach(token, client, &error));
	ck_assert_int_eq(error.cause, OBOL_CAUSE_TOKEN);
	ck_assert_msg(strstr(error.text, text) != NULL, "%s", error.text);
}

/* The wrong PIN is given once, whatever is tried how often. */
START_TEST(test_wrong_pin)
{
	if (!is_here)
	{
		return;
	}
	write_pin("9999");
	ck_refused("the PIN is wrong");
	ck_refused("is not tried again");
	ck_refused("is not tried again");
	/* another one, but the token has not seen the right one yet */
	write_pin(SOFTHSM_PIN);
	ck_refused("none is tried");
	ck_assert(softhsm_login(&hsm, SOFTHSM_PIN));
	ck_assert_msg(token->attach(token, client, &error), "%s", error.text);
}
END_TEST

START_TEST(test_pin_file)
{
	if (!is_here)
	{
		return;
	}
	tempdir_write(&hsm.dir, "pin", SOFTHSM_PIN, strlen(SOFTHSM_PIN), 0644);
	ck_refused("pin");
	ck_assert_int_eq(remove(tempdir_file(&hsm.dir, "pin")), 0);
	ck_refused("pin");
}
END_TEST

Suite *obol_token_suite(void);

Suite *obol_token_suite(void)
{
	Suite *suite = suite_create("obol_token");
	TCase *tcase = tcase_create("softhsm");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, test_signs, 0, 3);
	tcase_add_test(tcase, test_replaced);
	tcase_add_test(tcase, test_dropped);
	tcase_add_test(tcase, test_wrong_pin);
	tcase_add_test(tcase, test_pin_file);
	suite_add_tcase(suite, tcase);
	return suite;
}
