/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CAs, sets of their certificates, and a client that is given them. */
#include "client/anchors_fixture.h"
#include "issue/anchors_sign.h"

#include <time.h>

struct gateway gateway;
struct obol_client *client;
struct test_identity who[N_WHO];
struct obol_bytes view[N_WHO];
struct set sets[SETS_MAX];
size_t n_sets;
uint32_t told_held;
static struct obol_device device;
static uint8_t der[N_WHO][TEST_DER_MAX];

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

void anchors_setup(void)
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

void anchors_teardown(void)
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

void add_set(uint32_t number, unsigned in, unsigned by)
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

void log_in(void)
{
	check_ok(client, obol_client_login_device(client, &device));
}

enum obol_status issue_status(void)
{
	log_in();
	return obol_client_issue(client, OBOL_CLIENT_VPN, NULL);
}

void issue(void)
{
	check_ok(client, issue_status());
}

struct obol_bundle *fetch(void)
{
	struct obol_bundle *bundle = NULL;
	uint64_t version;

	log_in();
	check_ok(client,
			 obol_client_fetch(client, OBOL_CLIENT_VPN, 0, &bundle, &version));
	ck_assert_ptr_nonnull(bundle);
	return bundle;
}

void just_fetch(void)
{
	obol_bundle_free(fetch());
}

void issue_under(enum who next)
{
	test_identity_clear(&gateway.ca);
	gateway.ca = who[next];
	X509_up_ref(gateway.ca.certificate);
	EVP_PKEY_up_ref(gateway.ca.key);
}

uint32_t held(void)
{
	const struct obol_anchors *set = obol_client_anchors(client);

	return set ? obol_anchors_number(set) : 0;
}

void check_no_fault(void)
{
	check_anchors(OBOL_CAUSE_NONE, "");
}

void new_client(void)
{
	obol_client_free(client);
	client = gateway_client(&gateway, NULL);
}

const char *anchors_file(void)
{
	return tempdir_file(&gateway.dir, "state.anchors");
}
