/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a token, its PIN or its module can be wrong in. */
#include "token/token_fixture.h"

#include <stdio.h>

#include <obol/client.h>

static struct token_fixture *const f = &token_fixture;
static const uint8_t digest[32] = "a digest of thirty-two bytes";

static void ck_why(enum obol_status status, enum obol_status wanted,
				   const char *text)
{
	ck_assert_msg(status == wanted, "%s: %s", obol_status_name(status), f->why);
	ck_assert_msg(strstr(f->why, text) != NULL, "%s", f->why);
}

static void open_token(void)
{
	ck_assert_msg(token_fixture_open(SOFTHSM_PIN, false) == OBOL_OK, "%s",
				  f->why);
}

static enum obol_status make(uint8_t type, struct obol_pkcs11_key *key)
{
	f->why[0] = '\0';
	return obol_pkcs11_make(f->token, type, key, f->why, sizeof(f->why));
}

/*
 * Module, token, URI
 */

START_TEST(test_no_module)
{
	static const struct obol_pkcs11_options options = {
		"pkcs11:token=obol?module-path=/nowhere/module.so", "vpn", NULL, true
	};

	ck_why(obol_pkcs11_open(&options, &f->token, f->why, sizeof(f->why)),
		   OBOL_ERR_TOKEN, "/nowhere/module.so cannot be loaded");
}
END_TEST

START_TEST(test_no_token)
{
	if (f->is_here)
	{
		(void)snprintf(f->uri, sizeof(f->uri),
					   "pkcs11:token=other?module-path=%.255s", f->hsm.module);
		ck_why(token_fixture_open(SOFTHSM_PIN, true), OBOL_ERR_NOT_FOUND,
			   "is it plugged in");
	}
}
END_TEST

START_TEST(test_uri)
{
	static const struct {
		const char *uri;
		const char *text;
	} bad[] = {
		{ "pkcs11:token=a;id=%01?module-path=/m.so", "name a label alone" },
		{ "pkcs11:object=a?module-path=/m.so", "names no token" },
		{ "pkcs11:token=a", "module-path" },
		{ "pkcs11:token=a?module-path=/m.so&pin-value=1", "PIN in it" },
		{ "token=a", "no URI" },
	};
	char path[OBOL_PKCS11_PATH_MAX];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
	{
		ck_why(obol_pkcs11_check_uri(bad[i].uri, path, f->why, sizeof(f->why)),
			   OBOL_ERR_FORMAT, bad[i].text);
	}
	ck_assert_int_eq(obol_pkcs11_check_uri("pkcs11:token=a?module-path=/m.so"
										   "&pin-source=file:/etc/pin",
										   path, f->why, sizeof(f->why)),
					 OBOL_OK);
	ck_assert_str_eq(path, "/etc/pin");
}
END_TEST

/* Nobody would know later which keys are whose. */
START_TEST(test_no_label)
{
	struct obol_pkcs11_options options = { f->uri, NULL, NULL, true };
	char label[256];

	if (!f->is_here)
	{
		return;
	}
	ck_why(obol_pkcs11_open(&options, &f->token, f->why, sizeof(f->why)),
		   OBOL_ERR_FORMAT, "no label");
	memset(label, 'a', sizeof(label) - 1);
	label[sizeof(label) - 1] = '\0';
	options.label = label;
	ck_why(obol_pkcs11_open(&options, &f->token, f->why, sizeof(f->why)),
		   OBOL_ERR_FORMAT, "too long");
}
END_TEST

/*
 * The PIN
 */

/* A daemon gives a wrong PIN once, and then waits until somebody has given the
 * right one; somebody who is there may try again. */
START_TEST(test_wrong_pin)
{
	if (!f->is_here)
	{
		return;
	}
	ck_why(token_fixture_open("9999", false), OBOL_ERR_AUTH, "PIN is wrong");
	ck_assert_ptr_null(strstr(f->why, "9999"));
	ck_why(token_fixture_open("9999", false), OBOL_ERR_DENIED, "none is tried");
	ck_why(token_fixture_open(SOFTHSM_PIN, false), OBOL_ERR_DENIED,
		   "none is tried");
	ck_why(token_fixture_open("9999", true), OBOL_ERR_AUTH, "PIN is wrong");
	ck_assert_int_eq(token_fixture_open(SOFTHSM_PIN, true), OBOL_OK);
	open_token();
}
END_TEST

START_TEST(test_no_pin)
{
	if (f->is_here)
	{
		ck_why(token_fixture_open(NULL, true), OBOL_ERR_FORMAT, "wants a PIN");
	}
}
END_TEST

static CK_FLAGS more_flags;
static unsigned n_logins;

static CK_RV token_info(CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
	CK_RV rv = f->real->C_GetTokenInfo(slot, info);

	info->flags |= more_flags;
	return rv;
}

static CK_RV log_in(CK_SESSION_HANDLE session, CK_USER_TYPE user,
					unsigned char *pin, CK_ULONG len)
{
	CK_RV rv = f->real->C_Login(session, user, pin, len);

	n_logins++;
	/* as a token whose last try that was */
	more_flags =
		more_flags == CKF_USER_PIN_FINAL_TRY ? CKF_USER_PIN_LOCKED : more_flags;
	return rv;
}

static CK_RV log_in_locked(CK_SESSION_HANDLE session, CK_USER_TYPE user,
						   unsigned char *pin, CK_ULONG len)
{
	(void)session;
	(void)user;
	(void)pin;
	(void)len;
	return CKR_PIN_LOCKED;
}

/* What SoftHSM never comes to: few tries left, none left. */
START_TEST(test_locked)
{
	if (!f->is_here)
	{
		return;
	}
	f->module.C_GetTokenInfo = token_info;
	f->module.C_Login = log_in;
	n_logins = 0;
	more_flags = CKF_USER_PIN_LOCKED;
	ck_why(token_fixture_open(SOFTHSM_PIN, true), OBOL_ERR_DENIED,
		   "unblock it with its SO PIN");
	more_flags = CKF_USER_PIN_FINAL_TRY;
	ck_why(token_fixture_open(SOFTHSM_PIN, false), OBOL_ERR_DENIED,
		   "none is tried");
	ck_assert_uint_eq(n_logins, 0);
	ck_why(token_fixture_open("9999", true), OBOL_ERR_AUTH,
		   "wrong, and that locked it");
	ck_assert_uint_eq(n_logins, 1);
	more_flags = 0;
	f->module.C_Login = log_in_locked;
	ck_why(token_fixture_open(SOFTHSM_PIN, true), OBOL_ERR_DENIED,
		   "PIN is locked");
}
END_TEST

START_TEST(test_one_try_left)
{
	if (!f->is_here)
	{
		return;
	}
	f->module.C_GetTokenInfo = token_info;
	more_flags = CKF_USER_PIN_FINAL_TRY;
	ck_why(token_fixture_open("9999", true), OBOL_ERR_AUTH, "one try is left");
}
END_TEST

/*
 * Making and keeping
 */

static CK_RV result;

static CK_RV generate(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
					  CK_ATTRIBUTE *public_template, CK_ULONG n_public,
					  CK_ATTRIBUTE *private_template, CK_ULONG n_private,
					  CK_OBJECT_HANDLE *public_key,
					  CK_OBJECT_HANDLE *private_key)
{
	(void)session;
	(void)mechanism;
	(void)public_template;
	(void)n_public;
	(void)private_template;
	(void)n_private;
	(void)public_key;
	(void)private_key;
	return result;
}

START_TEST(test_cannot_make)
{
	static const struct {
		CK_RV rv;
		enum obol_status status;
		const char *text;
	} rows[] = {
		{ CKR_DEVICE_MEMORY, OBOL_ERR_DENIED, "it is full" },
		{ CKR_TOKEN_WRITE_PROTECTED, OBOL_ERR_DENIED, "write-protected" },
		{ CKR_CURVE_NOT_SUPPORTED, OBOL_ERR_VERSION, "another type" },
		{ CKR_KEY_SIZE_RANGE, OBOL_ERR_VERSION, "another type" },
		{ CKR_DEVICE_REMOVED, OBOL_ERR_IO, "pulled out" },
		{ CKR_SESSION_HANDLE_INVALID, OBOL_ERR_IO, "pulled out" },
		{ CKR_USER_NOT_LOGGED_IN, OBOL_ERR_IO, "logged out" },
		{ CKR_FUNCTION_FAILED, OBOL_ERR_TOKEN, "0x6" },
	};
	struct obol_pkcs11_key key;
	size_t i;

	if (!f->is_here)
	{
		return;
	}
	open_token();
	f->module.C_GenerateKeyPair = generate;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
	{
		result = rows[i].rv;
		ck_why(make(OBOL_CLIENT_KEY_EC_P256, &key), rows[i].status,
			   rows[i].text);
	}
}
END_TEST

static CK_RV mechanism_info(CK_SLOT_ID slot, CK_MECHANISM_TYPE type,
							CK_MECHANISM_INFO *info)
{
	CK_RV rv = f->real->C_GetMechanismInfo(slot, type, info);

	info->ulMaxKeySize = 2048;
	return type == CKM_EC_KEY_PAIR_GEN ? CKR_MECHANISM_INVALID : rv;
}

START_TEST(test_key_type)
{
	struct obol_pkcs11_key key;

	if (!f->is_here)
	{
		return;
	}
	open_token();
	ck_why(make(OBOL_CLIENT_KEY_ED25519, &key), OBOL_ERR_VERSION,
		   "ask the operator for another type");
	ck_why(make(200, &key), OBOL_ERR_VERSION, "another type");
	f->module.C_GetMechanismInfo = mechanism_info;
	ck_why(make(OBOL_CLIENT_KEY_EC_P384, &key), OBOL_ERR_VERSION,
		   "another type");
	ck_why(make(OBOL_CLIENT_KEY_RSA_3072, &key), OBOL_ERR_VERSION,
		   "another type");
	ck_assert_uint_eq(token_fixture_count(-1), 0);
}
END_TEST

static CK_RV gives_away(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
						CK_ATTRIBUTE *template, CK_ULONG n)
{
	CK_RV rv = f->real->C_GetAttributeValue(session, object, template, n);

	if (n == 2 && template[1].type == CKA_EXTRACTABLE)
	{
		*(CK_BBOOL *)template[1].pValue = CK_TRUE;
	}
	return rv;
}

/* Whatever it was asked for. Nothing is left behind. */
START_TEST(test_gives_keys_away)
{
	struct obol_pkcs11_key key;

	if (!f->is_here)
	{
		return;
	}
	open_token();
	f->module.C_GetAttributeValue = gives_away;
	ck_why(make(OBOL_CLIENT_KEY_EC_P256, &key), OBOL_ERR_TOKEN,
		   "give its private keys away");
	ck_assert_uint_eq(token_fixture_count(-1), 0);
}
END_TEST

/*
 * In between
 */

static unsigned n_removed;

static CK_RV sign_removed(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
						  CK_OBJECT_HANDLE key)
{
	if (n_removed)
	{
		n_removed--;
		return CKR_DEVICE_REMOVED;
	}
	return f->real->C_SignInit(session, mechanism, key);
}

static CK_RV no_slots(CK_BBOOL present, CK_SLOT_ID *slots, CK_ULONG *n)
{
	(void)present;
	(void)slots;
	*n = 0;
	return CKR_OK;
}

START_TEST(test_pulled_out)
{
	uint8_t signature[OBOL_TOKEN_SIGNATURE_MAX];
	struct obol_pkcs11_key key;
	size_t len;

	if (!f->is_here)
	{
		return;
	}
	open_token();
	ck_assert_int_eq(make(OBOL_CLIENT_KEY_EC_P256, &key), OBOL_OK);
	f->module.C_SignInit = sign_removed;
	/* it is back */
	n_removed = 1;
	ck_assert_msg(obol_pkcs11_sign(f->token, &key, OBOL_PKCS11_SHA256,
								   obol_bytes(digest, 32), signature, &len,
								   f->why, sizeof(f->why)) == OBOL_OK,
				  "%s", f->why);
	/* it is not */
	n_removed = 2;
	ck_why(obol_pkcs11_sign(f->token, &key, OBOL_PKCS11_SHA256,
							obol_bytes(digest, 32), signature, &len, f->why,
							sizeof(f->why)),
		   OBOL_ERR_IO, "pulled out");
	n_removed = 1;
	f->module.C_GetSlotList = no_slots;
	ck_why(obol_pkcs11_sign(f->token, &key, OBOL_PKCS11_SHA256,
							obol_bytes(digest, 32), signature, &len, f->why,
							sizeof(f->why)),
		   OBOL_ERR_NOT_FOUND, "is it plugged in");
	/* somebody has removed the key meanwhile */
	f->module = *f->real;
	open_token();
	ck_assert_int_eq(
		obol_pkcs11_remove(f->token, key.id, f->why, sizeof(f->why)), OBOL_OK);
	ck_why(obol_pkcs11_sign(f->token, &key, OBOL_PKCS11_SHA256,
							obol_bytes(digest, 32), signature, &len, f->why,
							sizeof(f->why)),
		   OBOL_ERR_NOT_FOUND, "no longer in it");
}
END_TEST

Suite *pkcs11_refused_suite(void);

Suite *pkcs11_refused_suite(void)
{
	Suite *suite = suite_create("pkcs11-refused");
	TCase *tcase = tcase_create("softhsm");

	tcase_add_checked_fixture(tcase, token_fixture_setup,
							  token_fixture_teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, test_no_token);
	tcase_add_test(tcase, test_no_label);
	tcase_add_test(tcase, test_wrong_pin);
	tcase_add_test(tcase, test_no_pin);
	tcase_add_test(tcase, test_locked);
	tcase_add_test(tcase, test_one_try_left);
	tcase_add_test(tcase, test_cannot_make);
	tcase_add_test(tcase, test_key_type);
	tcase_add_test(tcase, test_gives_keys_away);
	tcase_add_test(tcase, test_pulled_out);
	suite_add_tcase(suite, tcase);
	tcase = tcase_create("texts");
	tcase_add_test(tcase, test_no_module);
	tcase_add_test(tcase, test_uri);
	suite_add_tcase(suite, tcase);
	return suite;
}
