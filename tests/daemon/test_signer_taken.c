/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The signer, with askers that were taken over. */
#include "signer_fixture.h"

#include <stdlib.h>
#include <sys/socket.h>

#include "daemon/signer_wire.h"
#include "support/run.h"

static void be_gateway(struct obol_certificate_profile *p)
{
	p->is_gateway = true;
}

static void live_long(struct obol_certificate_profile *p)
{
	p->lifetime_s = 400 * SIGNER_DAY + 1;
}

static void be_server(struct obol_certificate_profile *p)
{
	p->sans[0] = "VPN.example.org";
}

static void be_domain(struct obol_certificate_profile *p)
{
	p->sans[1] = "example.org";
	p->n_sans = 2;
}

static void be_server_by_name(struct obol_certificate_profile *p)
{
	(void)snprintf(p->common_name, sizeof(p->common_name), "vpn.example.org");
}

static void be_server_by_attribute(struct obol_certificate_profile *p)
{
	static const struct obol_certificate_attribute attribute = {
		"CN", "vpn.example.org"
	};

	p->n_attributes = 1;
	p->attributes = &attribute;
}

static void be_elsewhere(struct obol_certificate_profile *p)
{
	p->sans[0] = "alice@evil-example.org";
}

static void be_end_itself(struct obol_certificate_profile *p)
{
	p->sans[0] = "@example.org";
}

/* clang-format off */
static const struct {
	const char *what;
	void (*change)(struct obol_certificate_profile *p);
	/** what names must end in; NULL: anything */
	const char *ends_in;
} refused[] = {
	{ "gateway", be_gateway, NULL },
	{ "lifetime", live_long, NULL },
	{ "server's name", be_server, NULL },
	{ "domain", be_domain, NULL },
	{ "server's common name", be_server_by_name, NULL },
	{ "server's name as an attribute", be_server_by_attribute, NULL },
	{ "another domain", be_elsewhere, "@example.org" },
	{ "no name before the end", be_end_itself, "@example.org" },
};
/* clang-format on */

START_TEST(test_refused)
{
	struct obol_certificate_profile profile = signer_alice;
	struct obol_issuer *issuer;
	struct obol_issued issued;

	if (refused[_i].ends_in)
	{
		signer_fixture.options.rules.n_names = 1;
		signer_fixture.options.rules.names[0] = refused[_i].ends_in;
	}
	ck_assert(signer_start());
	issuer = signer_link(0);
	refused[_i].change(&profile);
	ck_assert_msg(signer_issue(issuer, &profile, &issued) == OBOL_ERR_DENIED,
				  "%s", refused[_i].what);
	/* and goes on */
	ck_assert_int_eq(signer_issue(issuer, &signer_alice, &issued), OBOL_OK);
	obol_issued_clear(&issued);
	obol_issuer_free(issuer);
}
END_TEST

/* As a worker signer_fixture.asks for a list, or who has taken it over: one
 * step or the other, whatever was done before. */
static enum obol_status ask_plainly(unsigned peer, uint8_t operation,
									struct obol_bytes body)
{
	uint8_t out[256] = { operation, 'n', 'o', 'n', 'c', 'e', '.', '.', '.' };
	uint8_t in[256];
	struct obol_reader r;
	ssize_t n;

	out[1 + OBOL_SIGNER_NONCE_LEN] = OBOL_SIGNER_PRESENT;
	ck_assert_uint_le(body.len, sizeof(out) - 10);
	if (body.len)
	{
		memcpy(out + 10, body.ptr, body.len);
	}
	ck_assert_int_eq(send(signer_fixture.asks[peer], out, 10 + body.len, 0),
					 (ssize_t)(10 + body.len));
	n = recv(signer_fixture.asks[peer], in, sizeof(in), 0);
	ck_assert_int_gt(n, OBOL_SIGNER_NONCE_LEN);
	r = obol_reader_over(obol_bytes(in, (size_t)n));
	(void)obol_read_fixed(&r, OBOL_SIGNER_NONCE_LEN);
	return obol_signer_read_status(&r);
}

/* A worker gets no list signed, nor sees the publisher's; the publisher gets no
 * certificate. Each of them goes on with what is his. */
START_TEST(test_roles)
{
	static const uint8_t list_of_none[8 + 8 + 8 + 4] = { 1 };
	static const uint8_t from_the_first[4] = { 0 };
	const struct obol_bytes none = { NULL, 0 };
	uint64_t now = obol_now(obol_clock_system());
	struct obol_crl_parts parts = { .number = now,
									.this_update = now,
									.next_update = now + SIGNER_DAY };
	struct obol_issuer *worker, *publisher;
	struct obol_issued issued;
	uint8_t *der = NULL;
	size_t len = 0;

	ck_assert(signer_start());
	worker = signer_link(_i ? 1 : 0);
	publisher = signer_link(SIGNER_PUBLISHER);
	ck_assert_int_eq(worker->sign_crl(worker, &parts, &der, &len),
					 OBOL_ERR_DENIED);
	/* one that is in the making is nobody else's either */
	ck_assert_int_eq(
		ask_plainly(SIGNER_PUBLISHER, OBOL_SIGNER_CRL_BEGIN,
					obol_bytes(list_of_none, sizeof(list_of_none))),
		OBOL_OK);
	ck_assert_int_eq(
		ask_plainly(0, OBOL_SIGNER_CRL_BEGIN,
					obol_bytes(list_of_none, sizeof(list_of_none))),
		OBOL_ERR_DENIED);
	ck_assert_int_eq(ask_plainly(0, OBOL_SIGNER_CRL_ADD, none),
					 OBOL_ERR_DENIED);
	ck_assert_int_eq(ask_plainly(0, OBOL_SIGNER_CRL_SIGN, none),
					 OBOL_ERR_DENIED);
	ck_assert_int_eq(
		ask_plainly(0, OBOL_SIGNER_CRL_READ,
					obol_bytes(from_the_first, sizeof(from_the_first))),
		OBOL_ERR_DENIED);
	ck_assert_int_eq(signer_issue(publisher, &signer_alice, &issued),
					 OBOL_ERR_DENIED);
	/* what each of them is there for */
	ck_assert_int_eq(publisher->sign_crl(publisher, &parts, &der, &len),
					 OBOL_OK);
	free(der);
	ck_assert_int_eq(signer_issue(worker, &signer_alice, &issued), OBOL_OK);
	obol_issued_clear(&issued);
	obol_issuer_free(publisher);
	obol_issuer_free(worker);
}
END_TEST

/* Lists have a rate of their own: who has taken the publisher over uses up
 * nobody's certificates. */
START_TEST(test_rate_of_lists)
{
	uint64_t now = obol_now(obol_clock_system());
	struct obol_crl_parts parts = { .number = now,
									.this_update = now,
									.next_update = now + SIGNER_DAY };
	struct obol_issuer *worker, *publisher;
	enum obol_status status = OBOL_OK;
	struct obol_issued issued;
	uint8_t *der = NULL;
	size_t len = 0;
	unsigned n = 0;

	ck_assert(signer_start());
	worker = signer_link(0);
	publisher = signer_link(SIGNER_PUBLISHER);
	while (n < 100 * OBOL_CEILING_BURST_S)
	{
		status = publisher->sign_crl(publisher, &parts, &der, &len);
		if (status != OBOL_OK)
		{
			break;
		}
		free(der);
		n++;
	}
	ck_assert_int_eq(status, OBOL_ERR_TIMEOUT);
	ck_assert_uint_ge(n, OBOL_CEILING_BURST_S);
	ck_assert_int_eq(signer_issue(worker, &signer_alice, &issued), OBOL_OK);
	obol_issued_clear(&issued);
	obol_issuer_free(publisher);
	obol_issuer_free(worker);
}
END_TEST

/* The rate is one for all who ask, and outlives the signer. */
START_TEST(test_rate)
{
	struct obol_issuer *one, *two;
	struct obol_issued issued;
	unsigned n = 0;

	signer_fixture.options.per_second = 1;
	ck_assert(signer_start());
	one = signer_link(0);
	two = signer_link(1);
	while (n < 1000 &&
		   signer_issue(n % 2 ? one : two, &signer_alice, &issued) == OBOL_OK)
	{
		obol_issued_clear(&issued);
		n++;
	}
	ck_assert_uint_ge(n, OBOL_CEILING_BURST_S);
	ck_assert_uint_le(n, OBOL_CEILING_BURST_S + 10);
	signer_kill();
	ck_assert(signer_start());
	for (n = 0; n < 10 && signer_issue(one, &signer_alice, &issued) == OBOL_OK;
		 n++)
	{
		obol_issued_clear(&issued);
	}
	ck_assert_uint_lt(n, 5);
	obol_issuer_free(one);
	obol_issuer_free(two);
}
END_TEST

/* What is no request is answered with a refusal, or not at all. */
START_TEST(test_bad_requests)
{
	static uint8_t bytes[OBOL_SIGNER_MESSAGE_MAX];
	struct obol_issuer *issuer;
	struct obol_issued issued;
	uint8_t operation, in[256];
	size_t len;

	ck_assert(signer_start());
	issuer = signer_link(0);
	for (operation = 0; operation < 9; operation++)
	{
		for (len = 1; len < 80; len++)
		{
			memset(bytes, 0xff, len + 9);
			bytes[0] = operation;
			/* of the CA that is there, or of none */
			bytes[9] = len % 2 ? 0xff : OBOL_SIGNER_PRESENT;
			ck_assert_int_eq(send(signer_fixture.asks[1], bytes, len + 9, 0),
							 (ssize_t)len + 9);
			ck_assert_int_gt(recv(signer_fixture.asks[1], in, sizeof(in), 0),
							 8);
			if (operation != OBOL_SIGNER_CHAIN || len % 2)
			{
				ck_assert_uint_ne(in[8], 0);
			}
		}
	}
	for (len = 1; len < 9; len++)
	{
		ck_assert_int_eq(send(signer_fixture.asks[1], bytes, len, 0),
						 (ssize_t)len);
	}
	memset(bytes, 0, sizeof(bytes));
	bytes[0] = OBOL_SIGNER_ISSUE;
	ck_assert_int_eq(send(signer_fixture.asks[1], bytes, sizeof(bytes), 0),
					 sizeof(bytes));
	ck_assert_int_eq(signer_issue(issuer, &signer_alice, &issued), OBOL_OK);
	obol_issued_clear(&issued);
	obol_issuer_free(issuer);
}
END_TEST

Suite *signer_taken_suite(void);

Suite *signer_taken_suite(void)
{
	Suite *suite = suite_create("signer: taken over");
	TCase *tcase = tcase_create("signer: taken over");

	tcase_add_checked_fixture(tcase, signer_setup, signer_teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, test_refused, 0,
						sizeof(refused) / sizeof(refused[0]));
	tcase_add_loop_test(tcase, test_roles, 0, 2);
	tcase_add_test(tcase, test_rate);
	tcase_add_test(tcase, test_rate_of_lists);
	tcase_add_test(tcase, test_bad_requests);
	suite_add_tcase(suite, tcase);
	return suite;
}
