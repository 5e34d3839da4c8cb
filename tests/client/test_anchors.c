/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One CA follows another, and nobody else gets in. */
#include "client/gateway.h"
#include "group/sha256.h"
#include "issue/anchors_sign.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

Suite *client_anchors_suite(void);

#define SETS_MAX 4

/* the gateway's CA at first, the one that follows, somebody else's, and one
 * whose time is over */
enum who {
	OLD,
	NEW,
	STRANGER,
	ENDED,
	N_WHO
};

static struct gateway gateway;
static struct obol_device device;
static struct obol_client *client;
static struct test_identity who[N_WHO];
static uint8_t der[N_WHO][TEST_DER_MAX];
static struct obol_bytes view[N_WHO];
static struct set {
	uint32_t number;
	struct obol_writer cms;
} sets[SETS_MAX];
static size_t n_sets;
static uint32_t told_held;

/* What the store does: the first above after. */
static enum obol_reply give_set(struct gateway *at,
								const struct obol_request *request)
{
	struct obol_anchors_answer *answer = &at->owner.answer->anchors;
	size_t i;

	if (request->type != OBOL_ANCHORS)
	{
		return (enum obol_reply)0;
	}
	told_held = request->anchors.held;
	answer->unchanged = true;
	for (i = 0; i < n_sets && answer->unchanged; i++)
	{
		if (sets[i].number > request->anchors.after)
		{
			answer->unchanged = false;
			answer->cms = obol_writer_view(&sets[i].cms);
		}
	}
	return OBOL_REPLY_OK;
}

static void setup(void)
{
	struct test_cert cert = { .ca = true, .key_usage = "keyCertSign" };
	int64_t now = (int64_t)time(NULL);
	size_t i;

	gateway_init(&gateway);
	gateway.meddle = give_set;
	gateway_add_device(&gateway, &device);
	client = gateway_client(&gateway, NULL);
	/* the gateway clears what it has in the end */
	who[OLD] = gateway.ca;
	X509_up_ref(who[OLD].certificate);
	EVP_PKEY_up_ref(who[OLD].key);
	cert.cn = "new CA";
	test_identity_init(&who[NEW], &cert, NULL);
	cert.cn = "CA"; /* the old one's name */
	test_identity_init(&who[STRANGER], &cert, NULL);
	cert.cn = "ended CA";
	cert.not_before = now - 200 * 86400;
	cert.not_after = now - 86400;
	test_identity_init(&who[ENDED], &cert, NULL);
	for (i = 0; i < N_WHO; i++)
	{
		view[i] = test_certificate_der(who[i].certificate, der[i]);
	}
	n_sets = 0;
	told_held = 0;
}

static void teardown(void)
{
	size_t i;

	obol_client_free(client);
	obol_device_clear(&device);
	gateway_clear(&gateway);
	for (i = 0; i < N_WHO; i++)
	{
		test_identity_clear(&who[i]);
	}
	for (i = 0; i < n_sets; i++)
	{
		obol_writer_clear(&sets[i].cms);
	}
}

/* CAs in it, and who signs: bits of enum who */
#define BIT(x) (1u << (x))

static void add_set(uint32_t number, unsigned in, unsigned by)
{
	struct obol_anchors_body body = { .number = number,
									  .created_at = (uint64_t)time(NULL) };
	struct obol_anchors_signer signers[N_WHO];
	struct set *set = &sets[n_sets++];
	size_t n_signers = 0;
	unsigned i;

	for (i = 0; i < N_WHO; i++)
	{
		if (in & BIT(i))
		{
			body.cas[body.n_cas++] = view[i];
		}
		if (by & BIT(i))
		{
			signers[n_signers].certificate = who[i].certificate;
			signers[n_signers++].key = who[i].key;
		}
	}
	set->number = number;
	obol_writer_init(&set->cms);
	ck_assert_int_eq(obol_anchors_sign(&body, signers, n_signers, &set->cms),
					 OBOL_OK);
	gateway.anchors_number = number;
}

static void log_in(void)
{
	check_ok(client, obol_client_login_device(client, &device));
}

static enum obol_status issue_status(void)
{
	log_in();
	return obol_client_issue(client, OBOL_CLIENT_VPN, NULL);
}

static void issue(void)
{
	check_ok(client, issue_status());
}

static struct obol_bundle *fetch(void)
{
	struct obol_bundle *bundle = NULL;
	uint64_t version;

	log_in();
	check_ok(client,
			 obol_client_fetch(client, OBOL_CLIENT_VPN, 0, &bundle, &version));
	ck_assert_ptr_nonnull(bundle);
	return bundle;
}

static void just_fetch(void)
{
	obol_bundle_free(fetch());
}

/* the gateway issues under this CA from now on */
static void issue_under(enum who next)
{
	test_identity_clear(&gateway.ca);
	gateway.ca = who[next];
	X509_up_ref(gateway.ca.certificate);
	EVP_PKEY_up_ref(gateway.ca.key);
}

static uint32_t held(void)
{
	const struct obol_anchors *set = obol_client_anchors(client);

	return set ? obol_anchors_number(set) : 0;
}

#define check_anchors(wanted, words)                                           \
	do                                                                         \
	{                                                                          \
		const struct obol_error *error_ = obol_client_anchors_error(client);   \
		ck_assert_msg(error_->cause == (wanted), "%s: %s",                     \
					  obol_cause_name(error_->cause), error_->text);           \
		ck_assert_msg(strstr(error_->text, words) != NULL, "%s",               \
					  error_->text);                                           \
	} while (0)

static void check_no_fault(void)
{
	check_anchors(OBOL_CAUSE_NONE, "");
}

static void new_client(void)
{
	obol_client_free(client);
	client = gateway_client(&gateway, NULL);
}

static const char *anchors_file(void)
{
	return tempdir_file(&gateway.dir, "state.anchors");
}

/* with the first certificate comes the first set; it is asked for once */
START_TEST(test_first)
{
	add_set(1, BIT(OLD), BIT(OLD));
	issue();
	check_no_fault();
	ck_assert_uint_eq(held(), 1);
	ck_assert_uint_eq(told_held, 1);
	ck_assert_uint_eq(gateway.n_requests[OBOL_ANCHORS], 2);
	ck_assert_int_eq(access(anchors_file(), R_OK), 0);
	just_fetch();
	new_client();
	just_fetch();
	ck_assert_uint_eq(held(), 1);
	ck_assert_uint_eq(gateway.n_requests[OBOL_ANCHORS], 2);
}
END_TEST

/* a server without sets is asked for none */
START_TEST(test_none)
{
	issue();
	just_fetch();
	check_no_fault();
	ck_assert_uint_eq(held(), 0);
	ck_assert_uint_eq(gateway.n_requests[OBOL_ANCHORS], 0);
}
END_TEST

/* the whole change as one device sees it */
START_TEST(test_change)
{
	struct obol_bundle *bundle;

	add_set(1, BIT(OLD), BIT(OLD));
	issue();
	add_set(2, BIT(OLD) | BIT(NEW), BIT(OLD) | BIT(NEW));
	bundle = fetch();
	ck_assert_uint_eq(obol_bundle_n_cas(bundle), 1);
	obol_bundle_free(bundle);
	ck_assert_uint_eq(held(), 2);
	ck_assert_uint_eq(told_held, 2);
	issue_under(NEW);
	issue();
	bundle = fetch();
	ck_assert_uint_eq(obol_bundle_n_cas(bundle), 2);
	ck_assert(obol_bytes_eq(obol_bundle_ca(bundle, 0), view[NEW]));
	ck_assert(obol_bytes_eq(obol_bundle_ca(bundle, 1), view[OLD]));
	obol_bundle_free(bundle);
	add_set(3, BIT(NEW), BIT(NEW));
	just_fetch();
	check_no_fault();
	ck_assert_uint_eq(held(), 3);
	ck_assert_uint_eq(obol_anchors_n_cas(obol_client_anchors(client)), 1);
}
END_TEST

/* who keeps nothing has it from the server each time */
START_TEST(test_without_state)
{
	struct obol_client_options options;

	add_set(1, BIT(OLD) | BIT(NEW), BIT(OLD));
	issue();
	gateway_options(&gateway, &options);
	options.state_file = NULL;
	obol_client_free(client);
	client = gateway_client(&gateway, &options);
	just_fetch();
	ck_assert_uint_eq(held(), 1);
	check_no_fault();
	/* within its life it knows */
	gateway.n_requests[OBOL_ANCHORS] = 0;
	just_fetch();
	ck_assert_uint_eq(held(), 1);
	ck_assert_uint_eq(gateway.n_requests[OBOL_ANCHORS], 0);
}
END_TEST

/* a state file that may not be written */
START_TEST(test_read_only)
{
	struct obol_client_options options;

	issue();
	gateway_options(&gateway, &options);
	options.state_read_only = true;
	obol_client_free(client);
	client = gateway_client(&gateway, &options);
	add_set(1, BIT(OLD) | BIT(NEW), BIT(OLD));
	just_fetch();
	just_fetch();
	ck_assert_uint_eq(held(), 1);
	ck_assert_int_ne(access(anchors_file(), F_OK), 0);
}
END_TEST

/* from set to set after a long absence */
START_TEST(test_away)
{
	issue();
	add_set(1, BIT(OLD), BIT(OLD));
	add_set(2, BIT(OLD) | BIT(NEW), BIT(OLD));
	add_set(3, BIT(NEW), BIT(NEW));
	just_fetch();
	check_no_fault();
	ck_assert_uint_eq(held(), 3);
	ck_assert_uint_eq(told_held, 3);
}
END_TEST

/* another device has renewed under the new CA: what the old one has signed is
 * passed over */
START_TEST(test_passed_over)
{
	issue_under(NEW);
	issue();
	add_set(1, BIT(OLD), BIT(OLD));
	add_set(2, BIT(OLD) | BIT(NEW), BIT(OLD) | BIT(NEW));
	just_fetch();
	check_no_fault();
	ck_assert_uint_eq(held(), 2);
}
END_TEST

static const struct {
	const char *what;
	uint32_t number;
	unsigned in;
	unsigned by;
	const char *text;
} bad_sets[] = {
	{ "a stranger", 2, BIT(OLD) | BIT(STRANGER), BIT(STRANGER),
	  "signed by no CA that is trusted" },
	{ "the next one alone", 2, BIT(OLD) | BIT(NEW), BIT(NEW),
	  "signed by no CA that is trusted" },
	{ "without the present one", 2, BIT(NEW), BIT(OLD) | BIT(NEW),
	  "lacks the CA that has signed it" },
	{ "the same number again", 1, BIT(OLD) | BIT(NEW), BIT(OLD),
	  "is older than one" },
};

/* refused, and nothing else suffers */
START_TEST(test_bad_set)
{
	add_set(1, BIT(OLD), BIT(OLD));
	issue();
	ck_assert_uint_eq(held(), 1);
	add_set(bad_sets[_i].number, bad_sets[_i].in, bad_sets[_i].by);
	/* whatever number it has, the server gives it out as the second one */
	sets[1].number = 2;
	gateway.anchors_number = 2;
	just_fetch();
	check_anchors(OBOL_CAUSE_ANCHORS, bad_sets[_i].text);
	ck_assert_uint_eq(held(), 1);
	ck_assert_uint_lt(told_held, 2);
	ck_assert_int_eq(obol_client_take_anchors(client), OBOL_ERR_AUTH);
	check_cause(client, OBOL_CAUSE_ANCHORS);
	new_client();
	just_fetch();
	ck_assert_uint_eq(held(), 1);
}
END_TEST

START_TEST(test_no_set_at_all)
{
	issue();
	add_set(1, BIT(OLD), BIT(OLD));
	sets[0].cms.buf[0] ^= 0xff;
	just_fetch();
	check_anchors(OBOL_CAUSE_ANCHORS, "cannot be parsed");
	ck_assert_uint_eq(held(), 0);
}
END_TEST

/* a number that nothing comes of */
START_TEST(test_promised)
{
	issue();
	gateway.anchors_number = 5;
	just_fetch();
	check_anchors(OBOL_CAUSE_PROTOCOL, "set 5");
	ck_assert_uint_eq(held(), 0);
}
END_TEST

/* away until the CA that was known had ended */
START_TEST(test_too_late)
{
	struct obol_anchors_body body = { .number = 1, .n_cas = 1 };
	struct obol_anchors_signer signer = { who[ENDED].certificate,
										  who[ENDED].key };
	struct obol_writer cms;
	FILE *file;

	issue();
	body.cas[0] = view[ENDED];
	obol_writer_init(&cms);
	ck_assert_int_eq(obol_anchors_sign(&body, &signer, 1, &cms), OBOL_OK);
	file = fopen(anchors_file(), "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(cms.buf, 1, obol_writer_view(&cms).len, file),
					  obol_writer_view(&cms).len);
	ck_assert_int_eq(fclose(file), 0);
	obol_writer_clear(&cms);
	new_client();
	log_in();
	add_set(2, BIT(ENDED) | BIT(NEW), BIT(ENDED) | BIT(NEW));
	just_fetch();
	check_anchors(OBOL_CAUSE_ANCHORS, "away for too long");
	ck_assert_uint_eq(held(), 1);
}
END_TEST

/* the server was set back: told, and what is held stays */
START_TEST(test_fell_behind)
{
	add_set(1, BIT(OLD), BIT(OLD));
	add_set(2, BIT(OLD) | BIT(NEW), BIT(OLD));
	issue();
	ck_assert_uint_eq(held(), 2);
	gateway.anchors_number = 1;
	just_fetch();
	check_anchors(OBOL_CAUSE_ANCHORS, "set 2 is held here");
	ck_assert_uint_eq(held(), 2);
}
END_TEST

static void write_file(const char *text)
{
	FILE *file = fopen(anchors_file(), "w");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
}

/* a file that is damaged or gone comes again, and no older one instead */
START_TEST(test_file_damaged)
{
	add_set(1, BIT(OLD), BIT(OLD));
	add_set(2, BIT(OLD) | BIT(NEW), BIT(OLD));
	issue();
	ck_assert_uint_eq(held(), 2);
	write_file("nonsense");
	new_client();
	just_fetch();
	check_no_fault();
	ck_assert_uint_eq(held(), 2);
	ck_assert_int_eq(unlink(anchors_file()), 0);
	gateway.anchors_number = 1;
	n_sets = 1;
	obol_writer_clear(&sets[1].cms);
	new_client();
	just_fetch();
	check_anchors(OBOL_CAUSE_ANCHORS, "is older than one");
	ck_assert_uint_eq(held(), 0);
}
END_TEST

/* another CA behind the certificate, without a word from the old one */
START_TEST(test_issue_under_a_stranger)
{
	uint8_t fingerprint[OBOL_SHA256_LEN];
	struct obol_bundle *bundle;

	issue();
	issue_under(STRANGER);
	ck_assert_int_eq(issue_status(), OBOL_ERR_AUTH);
	check_cause(client, OBOL_CAUSE_ANCHORS);
	ck_assert_ptr_nonnull(strstr(obol_client_error(client)->text, "SHA-256"));
	bundle = fetch();
	ck_assert(obol_bytes_eq(obol_bundle_ca(bundle, 0), view[OLD]));
	obol_bundle_free(bundle);
	/* nor by a client that has nothing but what is stored */
	(void)unlink(tempdir_file(&gateway.dir, "state"));
	new_client();
	ck_assert_int_eq(issue_status(), OBOL_ERR_AUTH);
	check_cause(client, OBOL_CAUSE_ANCHORS);
	/* another fingerprint is not this one's; then it is */
	memset(fingerprint, 0, sizeof(fingerprint));
	obol_client_accept_ca(client, fingerprint);
	ck_assert_int_eq(issue_status(), OBOL_ERR_AUTH);
	ck_assert_int_eq(obol_sha256(&view[STRANGER], 1, fingerprint), OBOL_OK);
	obol_client_accept_ca(client, fingerprint);
	issue();
	bundle = fetch();
	ck_assert(obol_bytes_eq(obol_bundle_ca(bundle, 0), view[STRANGER]));
	obol_bundle_free(bundle);
}
END_TEST

/* the set comes before the certificate, in one session */
START_TEST(test_issue_under_the_next)
{
	struct obol_bundle *bundle;

	issue();
	add_set(1, BIT(OLD) | BIT(NEW), BIT(OLD));
	issue_under(NEW);
	issue();
	ck_assert_uint_eq(held(), 1);
	bundle = fetch();
	ck_assert_uint_eq(obol_bundle_n_cas(bundle), 2);
	obol_bundle_free(bundle);
}
END_TEST

static enum obol_status obtain(void)
{
	struct obol_obtained got;
	enum obol_status status;

	log_in();
	memset(&got, 0, sizeof(got));
	status = obol_client_obtain(client, OBOL_CLIENT_VPN, NULL, &got);
	obol_bundle_free(got.bundle);
	return status;
}

/* nothing is stored that could tell which CA it was: the set does */
START_TEST(test_device_mode)
{
	gateway.mode = OBOL_MODE_DEVICE;
	gateway.key_type = OBOL_KEY_EC_P256;
	add_set(1, BIT(OLD), BIT(OLD));
	check_ok(client, obtain());
	ck_assert_uint_eq(held(), 1);
	add_set(2, BIT(OLD) | BIT(NEW), BIT(OLD));
	issue_under(NEW);
	new_client();
	check_ok(client, obtain());
	ck_assert_uint_eq(held(), 2);
	issue_under(STRANGER);
	new_client();
	ck_assert_int_eq(obtain(), OBOL_ERR_AUTH);
	check_cause(client, OBOL_CAUSE_ANCHORS);
}
END_TEST

/* an activation code is the operator's word that all begins anew */
START_TEST(test_activation)
{
	struct obol_secret *code = gateway_add_code(&gateway, OBOL_SLOT_ACTIVATION);
	struct obol_credential_info *items = NULL;
	size_t n;

	add_set(1, BIT(OLD), BIT(OLD));
	issue();
	ck_assert_uint_eq(held(), 1);
	check_ok(client, obol_client_login_activation(client, code));
	check_ok(client, obol_client_list(client, &items, &n));
	free(items);
	ck_assert_uint_eq(held(), 0);
	ck_assert_uint_eq(client->state.anchors_number, 0);
	obol_secret_free(code);
}
END_TEST

/* what fails on the way to a set is no failure of the fetch */
START_TEST(test_network)
{
	issue();
	add_set(1, BIT(OLD), BIT(OLD));
	gateway.cut_before = OBOL_ANCHORS;
	just_fetch();
	check_anchors(OBOL_CAUSE_SERVER, "");
	ck_assert_uint_eq(held(), 0);
	gateway.cut_before = 0;
	gateway.stall_at = OBOL_ANCHORS;
	client->options.timeout_ms = 1500;
	just_fetch();
	check_anchors(OBOL_CAUSE_TIMEOUT, "");
	ck_assert_uint_eq(client->options.timeout_ms, 1500);
	gateway.stall_at = 0;
	client->options.timeout_ms = 5000;
	just_fetch();
	check_no_fault();
	ck_assert_uint_eq(held(), 1);
}
END_TEST

/* nothing to verify it by: not asked for, until there is */
START_TEST(test_nothing_trusted)
{
	struct obol_credential_info *items = NULL;
	size_t n;

	add_set(1, BIT(STRANGER), BIT(STRANGER));
	log_in();
	check_ok(client, obol_client_list(client, &items, &n));
	free(items);
	check_ok(client, obol_client_take_anchors(client));
	ck_assert_uint_eq(gateway.n_requests[OBOL_ANCHORS], 0);
	ck_assert_uint_eq(held(), 0);
}
END_TEST

START_TEST(test_paths)
{
	char path[32];

	ck_assert(obol_anchors_path("/a/vpn.state", path, sizeof(path)));
	ck_assert_str_eq(path, "/a/vpn.anchors");
	ck_assert(obol_anchors_path("/a/vpn", path, sizeof(path)));
	ck_assert_str_eq(path, "/a/vpn.anchors");
	ck_assert(obol_anchors_path(".state", path, sizeof(path)));
	ck_assert_str_eq(path, ".state.anchors");
	ck_assert(!obol_anchors_path("/a/very/long/name/of/a/file.state", path,
								 sizeof(path)));
}
END_TEST

Suite *client_anchors_suite(void)
{
	Suite *suite = suite_create("anchors");
	TCase *tcase = tcase_create("anchors");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, test_first);
	tcase_add_test(tcase, test_none);
	tcase_add_test(tcase, test_change);
	tcase_add_test(tcase, test_without_state);
	tcase_add_test(tcase, test_read_only);
	tcase_add_test(tcase, test_away);
	tcase_add_test(tcase, test_passed_over);
	tcase_add_loop_test(tcase, test_bad_set, 0,
						sizeof(bad_sets) / sizeof(bad_sets[0]));
	tcase_add_test(tcase, test_no_set_at_all);
	tcase_add_test(tcase, test_promised);
	tcase_add_test(tcase, test_too_late);
	tcase_add_test(tcase, test_fell_behind);
	tcase_add_test(tcase, test_file_damaged);
	tcase_add_test(tcase, test_issue_under_a_stranger);
	tcase_add_test(tcase, test_issue_under_the_next);
	tcase_add_test(tcase, test_device_mode);
	tcase_add_test(tcase, test_activation);
	tcase_add_test(tcase, test_network);
	tcase_add_test(tcase, test_nothing_trusted);
	tcase_add_test(tcase, test_paths);
	suite_add_tcase(suite, tcase);
	return suite;
}
