/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Anchors sets: signed by CAs, verified by what is trusted. */
#include "issue/anchors_sign.h"

#include <check.h>
#include <stdlib.h>
#include <time.h>

#include <openssl/cms.h>
#include <openssl/err.h>

#include "support/test_ca.h"

#define YEAR ((int64_t)365 * 86400)

/* the present CA, the next one, a stranger's, one that has ended, one that is
 * not there yet, no CA, an intermediate */
enum who {
	PRESENT,
	NEXT,
	STRANGER,
	ENDED,
	COMING,
	PLAIN,
	MIDDLE,
	N_WHO
};

static struct test_identity who[N_WHO];
static uint8_t der[N_WHO][TEST_DER_MAX];
static struct obol_bytes view[N_WHO];
static uint64_t now;

static void setup(void)
{
	struct test_cert cert = { .ca = true, .key_usage = "keyCertSign,cRLSign" };
	size_t i;

	now = (uint64_t)time(NULL);
	cert.cn = "present CA";
	test_identity_init(&who[PRESENT], &cert, NULL);
	cert.cn = "next CA";
	test_identity_init(&who[NEXT], &cert, NULL);
	cert.cn = "present CA"; /* a stranger takes the same name */
	test_identity_init(&who[STRANGER], &cert, NULL);
	cert.cn = "middle CA";
	test_identity_init(&who[MIDDLE], &cert, &who[PRESENT]);
	cert.cn = "ended CA";
	cert.not_before = (int64_t)now - 2 * YEAR;
	cert.not_after = (int64_t)now - YEAR;
	test_identity_init(&who[ENDED], &cert, NULL);
	cert.cn = "coming CA";
	cert.not_before = (int64_t)now + YEAR;
	cert.not_after = (int64_t)now + 2 * YEAR;
	test_identity_init(&who[COMING], &cert, NULL);
	memset(&cert, 0, sizeof(cert));
	cert.cn = "alice";
	test_identity_init(&who[PLAIN], &cert, NULL);
	for (i = 0; i < N_WHO; i++)
	{
		view[i] = test_certificate_der(who[i].certificate, der[i]);
	}
}

static void teardown(void)
{
	size_t i;

	for (i = 0; i < N_WHO; i++)
	{
		test_identity_clear(&who[i]);
	}
}

/* up to three in the set, up to three that sign; -1 for none */
struct plan {
	int in[3];
	int by[3];
};

static struct obol_anchors_body body_of(const struct plan *plan,
										uint32_t number)
{
	struct obol_anchors_body body = { .number = number, .created_at = now };
	size_t i;

	for (i = 0; i < 3 && plan->in[i] >= 0; i++)
	{
		body.cas[body.n_cas++] = view[plan->in[i]];
	}
	return body;
}

static void make(const struct plan *plan, uint32_t number,
				 struct obol_writer *cms)
{
	struct obol_anchors_body body = body_of(plan, number);
	struct obol_anchors_signer signers[3];
	size_t i;

	for (i = 0; i < 3 && plan->by[i] >= 0; i++)
	{
		signers[i].certificate = who[plan->by[i]].certificate;
		signers[i].key = who[plan->by[i]].key;
	}
	obol_writer_init(cms);
	ck_assert_int_eq(obol_anchors_sign(&body, signers, i, cms), OBOL_OK);
}

static enum obol_anchors_fault open_by(struct obol_bytes cms, int trusted,
									   uint32_t held)
{
	struct obol_anchors_trust trust = { .number = held };
	struct obol_anchors *set = NULL;
	enum obol_anchors_fault fault;

	if (trusted >= 0)
	{
		obol_anchors_trust_add(&trust, view[trusted]);
	}
	fault = obol_anchors_open(cms, &trust, now, &set);
	ck_assert_int_eq(set != NULL, fault == OBOL_ANCHORS_GOOD);
	obol_anchors_free(set);
	return fault;
}

static const struct {
	const char *what;
	struct plan plan;
	int trusted;
	enum obol_anchors_fault fault;
} cases[] = {
	{ "both in it, signed by the present one",
	  { { PRESENT, NEXT, -1 }, { PRESENT, -1, -1 } },
	  PRESENT,
	  OBOL_ANCHORS_GOOD },
	{ "signed by both, the present one known",
	  { { PRESENT, NEXT, -1 }, { NEXT, PRESENT, -1 } },
	  PRESENT,
	  OBOL_ANCHORS_GOOD },
	{ "signed by both, the next one known",
	  { { PRESENT, NEXT, -1 }, { NEXT, PRESENT, -1 } },
	  NEXT,
	  OBOL_ANCHORS_GOOD },
	{ "the old one gone, signed by the new one that is known",
	  { { NEXT, -1, -1 }, { NEXT, -1, -1 } },
	  NEXT,
	  OBOL_ANCHORS_GOOD },
	{ "signed by the next one alone",
	  { { PRESENT, NEXT, -1 }, { NEXT, -1, -1 } },
	  PRESENT,
	  OBOL_ANCHORS_STRANGER },
	{ "a stranger of the same name",
	  { { PRESENT, STRANGER, -1 }, { STRANGER, -1, -1 } },
	  PRESENT,
	  OBOL_ANCHORS_STRANGER },
	{ "nobody is trusted",
	  { { PRESENT, NEXT, -1 }, { PRESENT, NEXT, -1 } },
	  -1,
	  OBOL_ANCHORS_STRANGER },
	{ "an intermediate of the present one signs",
	  { { PRESENT, NEXT, -1 }, { MIDDLE, -1, -1 } },
	  PRESENT,
	  OBOL_ANCHORS_STRANGER },
	{ "an intermediate is trusted",
	  { { PRESENT, NEXT, -1 }, { MIDDLE, -1, -1 } },
	  MIDDLE,
	  OBOL_ANCHORS_STRANGER },
	{ "without the present one",
	  { { NEXT, -1, -1 }, { PRESENT, NEXT, -1 } },
	  PRESENT,
	  OBOL_ANCHORS_WITHOUT_SIGNER },
	{ "the signer has ended",
	  { { ENDED, NEXT, -1 }, { ENDED, NEXT, -1 } },
	  ENDED,
	  OBOL_ANCHORS_SIGNER_EXPIRED },
	{ "the signer's time has not come",
	  { { COMING, NEXT, -1 }, { COMING, -1, -1 } },
	  COMING,
	  OBOL_ANCHORS_SIGNER_EXPIRED },
	{ "one that has ended may stand beside",
	  { { PRESENT, ENDED, -1 }, { PRESENT, -1, -1 } },
	  PRESENT,
	  OBOL_ANCHORS_GOOD },
	{ "a user's certificate in it",
	  { { PRESENT, PLAIN, -1 }, { PRESENT, -1, -1 } },
	  PRESENT,
	  OBOL_ANCHORS_NO_CA },
	{ "an intermediate in it",
	  { { PRESENT, MIDDLE, -1 }, { PRESENT, -1, -1 } },
	  PRESENT,
	  OBOL_ANCHORS_NO_CA },
};

START_TEST(test_case)
{
	struct obol_writer cms;

	make(&cases[_i].plan, 2, &cms);
	ck_assert_msg(open_by(obol_writer_view(&cms), cases[_i].trusted, 1) ==
					  cases[_i].fault,
				  "%s", cases[_i].what);
	obol_writer_clear(&cms);
}
END_TEST

static const struct plan both = { { PRESENT, NEXT, -1 },
								  { PRESENT, NEXT, -1 } };

START_TEST(test_contents)
{
	struct obol_anchors_trust trust = { .number = 0 };
	struct obol_anchors *set = NULL, *copy;
	struct obol_writer cms;

	make(&both, 5, &cms);
	obol_anchors_trust_add(&trust, view[PRESENT]);
	ck_assert_int_eq(
		obol_anchors_open(obol_writer_view(&cms), &trust, now, &set),
		OBOL_ANCHORS_GOOD);
	copy = obol_anchors_dup(set);
	obol_anchors_free(set);
	ck_assert_ptr_nonnull(copy);
	ck_assert_uint_eq(obol_anchors_number(copy), 5);
	ck_assert_uint_eq(obol_anchors_created_at(copy), now);
	ck_assert_uint_eq(obol_anchors_n_cas(copy), 2);
	ck_assert(obol_bytes_eq(obol_anchors_ca(copy, 0), view[PRESENT]));
	ck_assert(obol_bytes_eq(obol_anchors_ca(copy, 1), view[NEXT]));
	ck_assert(obol_anchors_has(copy, view[NEXT]));
	ck_assert(!obol_anchors_has(copy, view[STRANGER]));
	ck_assert(obol_bytes_eq(obol_anchors_cms(copy), obol_writer_view(&cms)));
	obol_anchors_free(copy);
	obol_writer_clear(&cms);
}
END_TEST

START_TEST(test_number)
{
	struct obol_writer cms;

	make(&both, 5, &cms);
	ck_assert_int_eq(open_by(obol_writer_view(&cms), PRESENT, 4),
					 OBOL_ANCHORS_GOOD);
	ck_assert_int_eq(open_by(obol_writer_view(&cms), PRESENT, 5),
					 OBOL_ANCHORS_OLD);
	ck_assert_int_eq(open_by(obol_writer_view(&cms), PRESENT, 6),
					 OBOL_ANCHORS_OLD);
	obol_writer_clear(&cms);
}
END_TEST

START_TEST(test_early)
{
	struct obol_writer cms;

	make(&both, 5, &cms);
	now -= OBOL_ANCHORS_EARLY_S;
	ck_assert_int_eq(open_by(obol_writer_view(&cms), PRESENT, 0),
					 OBOL_ANCHORS_SIGNER_EXPIRED);
	now += OBOL_ANCHORS_EARLY_S;
	obol_writer_clear(&cms);
	now += OBOL_ANCHORS_EARLY_S + 2;
	make(&both, 5, &cms);
	now -= OBOL_ANCHORS_EARLY_S + 2;
	ck_assert_int_eq(open_by(obol_writer_view(&cms), PRESENT, 0),
					 OBOL_ANCHORS_EARLY);
	obol_writer_clear(&cms);
}
END_TEST

/* one byte changed anywhere: never another set than the one that was signed */
START_TEST(test_changed)
{
	static const struct plan one = { { PRESENT, NEXT, -1 },
									 { PRESENT, -1, -1 } };
	struct obol_anchors_trust trust = { .number = 0 };
	struct obol_anchors *set;
	struct obol_writer cms;
	struct obol_bytes bytes;
	uint8_t *copy;
	size_t i;

	make(&one, 5, &cms);
	bytes = obol_writer_view(&cms);
	copy = malloc(bytes.len);
	ck_assert_ptr_nonnull(copy);
	obol_anchors_trust_add(&trust, view[PRESENT]);
	for (i = 0; i < bytes.len; i++)
	{
		memcpy(copy, bytes.ptr, bytes.len);
		copy[i] ^= 0x01;
		set = NULL;
		if (obol_anchors_open(obol_bytes(copy, bytes.len), &trust, now, &set) ==
			OBOL_ANCHORS_GOOD)
		{
			/* such as a version number that nothing rests on */
			ck_assert_uint_eq(obol_anchors_number(set), 5);
			ck_assert_uint_eq(obol_anchors_n_cas(set), 2);
			ck_assert(obol_bytes_eq(obol_anchors_ca(set, 0), view[PRESENT]));
			ck_assert(obol_bytes_eq(obol_anchors_ca(set, 1), view[NEXT]));
		}
		obol_anchors_free(set);
	}
	free(copy);
	obol_writer_clear(&cms);
}
END_TEST

START_TEST(test_truncated)
{
	struct obol_writer cms;
	struct obol_bytes bytes;
	uint8_t *longer;
	size_t len;

	make(&both, 5, &cms);
	bytes = obol_writer_view(&cms);
	for (len = 0; len < bytes.len; len++)
	{
		ck_assert_int_eq(open_by(obol_bytes(bytes.ptr, len), PRESENT, 0),
						 OBOL_ANCHORS_MALFORMED);
	}
	longer = calloc(1, bytes.len + 1);
	ck_assert_ptr_nonnull(longer);
	memcpy(longer, bytes.ptr, bytes.len);
	ck_assert_int_eq(open_by(obol_bytes(longer, bytes.len + 1), PRESENT, 0),
					 OBOL_ANCHORS_MALFORMED);
	free(longer);
	obol_writer_clear(&cms);
}
END_TEST

/* OpenSSL's own CMS_sign() with the given flags over a body of ours */
static void foreign(const struct plan *plan, unsigned flags, const EVP_MD *md,
					struct obol_writer *out)
{
	struct obol_anchors_body body = body_of(plan, 2);
	unsigned char *bytes = NULL;
	struct obol_writer content;
	CMS_ContentInfo *cms;
	BIO *bio;
	int len;

	obol_writer_init(out);
	obol_writer_init(&content);
	obol_anchors_body_encode(&content, &body);
	bio = BIO_new_mem_buf(obol_writer_view(&content).ptr,
						  (int)obol_writer_view(&content).len);
	cms = CMS_sign(NULL, NULL, NULL, NULL, flags | CMS_PARTIAL | CMS_BINARY);
	ck_assert_ptr_nonnull(CMS_add1_signer(cms, who[plan->by[0]].certificate,
										  who[plan->by[0]].key, md,
										  flags | CMS_PARTIAL | CMS_BINARY));
	ck_assert_int_eq(CMS_final(cms, bio, NULL, CMS_BINARY), 1);
	len = i2d_CMS_ContentInfo(cms, &bytes);
	ck_assert_int_gt(len, 0);
	obol_write_bytes(out, obol_bytes(bytes, (size_t)len));
	OPENSSL_free(bytes);
	CMS_ContentInfo_free(cms);
	BIO_free(bio);
	obol_writer_clear(&content);
}

static const struct {
	const char *what;
	unsigned flags;
	const EVP_MD *(*md)(void);
	enum obol_anchors_fault fault;
} foreigners[] = {
	{ "as in the profile", CMS_NOCERTS, EVP_sha256, OBOL_ANCHORS_GOOD },
	{ "with SHA-512", CMS_NOCERTS, EVP_sha512, OBOL_ANCHORS_GOOD },
	{ "named by its key", CMS_NOCERTS | CMS_USE_KEYID, EVP_sha256,
	  OBOL_ANCHORS_GOOD },
	{ "with SHA-1", CMS_NOCERTS, EVP_sha1, OBOL_ANCHORS_STRANGER },
	{ "with the certificate attached", 0, EVP_sha256, OBOL_ANCHORS_MALFORMED },
	{ "without attributes", CMS_NOCERTS | CMS_NOATTR, EVP_sha256,
	  OBOL_ANCHORS_STRANGER },
	{ "detached", CMS_NOCERTS | CMS_DETACHED, EVP_sha256,
	  OBOL_ANCHORS_MALFORMED },
};

START_TEST(test_foreign)
{
	static const struct plan plan = { { PRESENT, NEXT, -1 },
									  { PRESENT, -1, -1 } };
	struct obol_writer cms;

	foreign(&plan, foreigners[_i].flags, foreigners[_i].md(), &cms);
	ck_assert_msg(open_by(obol_writer_view(&cms), PRESENT, 0) ==
					  foreigners[_i].fault,
				  "%s", foreigners[_i].what);
	obol_writer_clear(&cms);
}
END_TEST

START_TEST(test_no_cms)
{
	static uint8_t zeros[OBOL_ANCHORS_MAX + 1];

	ck_assert_int_eq(open_by(view[PRESENT], PRESENT, 0),
					 OBOL_ANCHORS_MALFORMED);
	ck_assert_int_eq(open_by(obol_bytes(zeros, sizeof(zeros)), PRESENT, 0),
					 OBOL_ANCHORS_MALFORMED);
	ck_assert_int_eq(open_by(obol_bytes(NULL, 0), PRESENT, 0),
					 OBOL_ANCHORS_MALFORMED);
}
END_TEST

/* what was verified is read again later, when its signer may have ended */
START_TEST(test_load)
{
	static const struct plan ended = { { ENDED, NEXT, -1 }, { ENDED, -1, -1 } };
	static const struct plan alien = { { PRESENT, NEXT, -1 },
									   { STRANGER, -1, -1 } };
	struct obol_anchors *set = NULL;
	struct obol_writer cms;

	make(&ended, 3, &cms);
	ck_assert_int_eq(obol_anchors_load(obol_writer_view(&cms), &set), OBOL_OK);
	ck_assert_uint_eq(obol_anchors_number(set), 3);
	obol_anchors_free(set);
	obol_writer_clear(&cms);
	make(&alien, 3, &cms);
	ck_assert_int_eq(obol_anchors_load(obol_writer_view(&cms), &set),
					 OBOL_ERR_FORMAT);
	obol_writer_clear(&cms);
}
END_TEST

START_TEST(test_sign_refuses)
{
	struct obol_anchors_body body = body_of(&both, 2);
	struct obol_anchors_signer crossed = { who[PRESENT].certificate,
										   who[NEXT].key };
	struct obol_anchors_signer good = { who[PRESENT].certificate,
										who[PRESENT].key };
	struct obol_writer cms;

	obol_writer_init(&cms);
	ck_assert_int_eq(obol_anchors_sign(&body, &crossed, 1, &cms), OBOL_ERR_ARG);
	ck_assert_int_eq(obol_anchors_sign(&body, &good, 0, &cms), OBOL_ERR_ARG);
	body.number = 0;
	ck_assert_int_eq(obol_anchors_sign(&body, &good, 1, &cms), OBOL_ERR_ARG);
	ck_assert_uint_eq(obol_writer_view(&cms).len, 0);
	obol_writer_clear(&cms);
}
END_TEST

/* a CA of another algorithm */
START_TEST(test_rsa)
{
	struct test_cert cert = { .ca = true,
							  .cn = "RSA CA",
							  .key_usage = "keyCertSign" };
	struct obol_anchors_body body = { .number = 1, .created_at = now };
	struct obol_anchors_trust trust = { .number = 0 };
	struct obol_anchors *set = NULL;
	struct obol_anchors_signer signer;
	uint8_t bytes[TEST_DER_MAX];
	struct obol_writer cms;

	signer.key = test_key("RSA");
	signer.certificate = test_certificate(&cert, signer.key, NULL);
	body.cas[body.n_cas++] = test_certificate_der(signer.certificate, bytes);
	obol_writer_init(&cms);
	ck_assert_int_eq(obol_anchors_sign(&body, &signer, 1, &cms), OBOL_OK);
	obol_anchors_trust_add(&trust, body.cas[0]);
	ck_assert_int_eq(
		obol_anchors_open(obol_writer_view(&cms), &trust, now, &set),
		OBOL_ANCHORS_GOOD);
	obol_anchors_free(set);
	obol_writer_clear(&cms);
	X509_free(signer.certificate);
	EVP_PKEY_free(signer.key);
}
END_TEST

/* nothing of it is left to whoever looks for OpenSSL's errors next */
START_TEST(test_error_queue)
{
	struct obol_writer cms;

	ERR_clear_error();
	make(&both, 2, &cms);
	(void)open_by(obol_writer_view(&cms), STRANGER, 0);
	(void)open_by(view[NEXT], PRESENT, 0);
	ck_assert_uint_eq(ERR_peek_error(), 0);
	obol_writer_clear(&cms);
}
END_TEST

Suite *anchors_suite(void);

Suite *anchors_suite(void)
{
	Suite *suite = suite_create("anchors");
	TCase *tcase = tcase_create("anchors");

	tcase_add_unchecked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_case, 0, sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(tcase, test_contents);
	tcase_add_test(tcase, test_number);
	tcase_add_test(tcase, test_early);
	tcase_add_test(tcase, test_changed);
	tcase_add_test(tcase, test_truncated);
	tcase_add_loop_test(tcase, test_foreign, 0,
						sizeof(foreigners) / sizeof(foreigners[0]));
	tcase_add_test(tcase, test_no_cms);
	tcase_add_test(tcase, test_load);
	tcase_add_test(tcase, test_sign_refuses);
	tcase_add_test(tcase, test_rsa);
	tcase_add_test(tcase, test_error_queue);
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	return suite;
}
