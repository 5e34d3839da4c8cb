/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an activated account is used for, and what is refused. */
#include <stdlib.h>

#include "obol/bundle.h"
#include "spec/vector_story.h"
#include "support/pkcs10.h"
#include "support/test_ca.h"

/*
 * A certificate
 */

static void put(struct story *s, struct vector_link *l,
				const struct obol_credential_header *header,
				const struct obol_secret *body)
{
	const struct obol_account_key *key =
		obol_client_session_account_key(l->client);
	struct obol_request request = { .type = OBOL_PUT };
	struct obol_writer sealed;

	s->out->prefix = "put_";
	vector_seal(&s->world, key, header, body, &sealed);
	s->out->prefix = NULL;
	request.put.name = header->name;
	request.put.format = header->format;
	request.put.base_version = header->version - 1;
	request.put.generation = key->generation;
	request.put.sealed = obol_writer_view(&sealed);
	must(vector_link_ask(l, &request)->put.version == header->version);
	obol_writer_clear(&sealed);
}

static struct obol_secret *make_bundle(EVP_PKEY *key,
									   const struct obol_issue_answer *issued)
{
	struct obol_bundle_parts parts = { .n_chain = 1, .n_cas = issued->n_cas };
	struct obol_bundle *bundle = NULL;
	struct obol_secret *der = test_key_der(key), *body = NULL;
	size_t i;

	parts.key = der;
	parts.chain[0] = issued->certificate;
	for (i = 0; i < issued->n_cas; i++)
	{
		parts.cas[i] = issued->cas[i];
	}
	must(obol_bundle_new(&parts, &bundle) == OBOL_OK);
	must(obol_bundle_encode(bundle, &body) == OBOL_OK);
	obol_bundle_free(bundle);
	obol_secret_free(der);
	return body;
}

void chapter_issue(struct story *s)
{
	struct obol_credential_header header = { obol_bytes_str("vpn"),
											 OBOL_FORMAT_BUNDLE, 1 };
	struct vector_login login = story_by_device(s);
	struct obol_request request = { .type = OBOL_ISSUE };
	const struct obol_answer *answer;
	struct obol_secret *body, *export_key = NULL;
	struct vector_link l;
	struct pkcs10 req;
	EVP_PKEY *key;

	vector_comment(s->out, "The device has a certificate issued as its first");
	vector_comment(s->out, "request, and puts the bundle under the name vpn.");
	vector_link_open(&l, &s->world, "issue");
	key = vector_key(&s->world.client_rng, s->out, "ed25519_key");
	pkcs10_good(&req, key, l.exporter);
	vector_bytes(s->out, "pkcs10", obol_bytes(req.der, req.len));
	request.pkcs10 = obol_bytes(req.der, req.len);
	must(vector_login_start(&l, &login, &export_key));
	vector_rng_expect(&s->world.server_rng, s->out, "serial", NULL);
	answer = vector_login_done(&l, export_key, &request);
	must(answer->issue.n_cas == 1);
	vector_bytes(s->out, "certificate", answer->issue.certificate);
	body = make_bundle(key, &answer->issue);
	put(s, &l, &header, body);
	obol_secret_free(export_key);
	obol_secret_free(body);
	EVP_PKEY_free(key);
	vector_link_close(&l);
}

/*
 * Get and Put
 */

void chapter_login_get(struct story *s)
{
	struct vector_login login = story_by_password(s);
	struct obol_request get = story_get_request("vpn");
	const struct obol_answer *answer;
	const struct obol_get_item *item;
	struct obol_credential_header header;
	struct vector_link l;

	vector_comment(s->out, "A login with the password, and the bundle.");
	vector_link_open(&l, &s->world, "login and get");
	answer = vector_login(&l, &login, &get);
	must(answer->get.n_items == 1);
	item = &answer->get.items[0];
	header.name = item->name;
	header.format = item->format;
	header.version = item->version;
	s->out->prefix = "got_";
	vector_credential(s->out, obol_client_session_account_key(l.client),
					  &header, item->sealed);
	s->out->prefix = NULL;
	get.get.held_version = item->version;
	must(vector_link_ask(&l, &get)->get.unchanged);
	vector_link_close(&l);
}

void chapter_put(struct story *s)
{
	static const char text[] = "ssid=office;psk=another example";
	struct obol_secret *body = obol_secret_dup(text, strlen(text));
	struct obol_credential_header header = { obol_bytes_str("wifi"),
											 OBOL_FORMAT_OPAQUE, 3 };
	struct vector_login login = story_by_device(s);
	struct obol_request get = story_get_request("wifi");
	struct vector_link l;

	vector_comment(s->out, "A credential is replaced; then somebody with the");
	vector_comment(s->out, "version before it is refused (557).");
	vector_link_open(&l, &s->world, "put");
	must(vector_login(&l, &login, &get)->get.items[0].version == 2);
	put(s, &l, &header, body);
	get.type = OBOL_PUT;
	get.put = (struct obol_put_request){ .name = header.name,
										 .format = header.format,
										 .base_version = 2,
										 .generation = 2,
										 .sealed = obol_bytes_str("late") };
	must(obol_client_session_request(l.client, &get) == OBOL_OK);
	vector_link_run(&l);
	must(!obol_client_session_answer(l.client));
	must(obol_client_session_error(l.client)->reply == OBOL_REPLY_STALE);
	must(obol_client_session_error(l.client)->version == 3);
	vector_link_close(&l);
	obol_secret_free(body);
}

/*
 * The password
 */

void chapter_password_change(struct story *s)
{
	struct vector_login login = story_by_password(s);
	struct vector_slot slot = { .label = "", .prefix = "password_slot_" };
	struct obol_request info = { .type = OBOL_INFO };
	struct obol_request *finish = calloc(1, sizeof(*finish));
	struct vector_link l;

	must(finish);
	finish->type = OBOL_SLOT_FINISH;
	vector_comment(s->out, "The password slot is replaced, and proved.");
	vector_link_open(&l, &s->world, "password change");
	(void)vector_login(&l, &login, &info);
	slot.login = login;
	slot.login.secret = s->new_password;
	vector_register(&l, &slot, obol_client_session_account_key(l.client),
					&finish->slot);
	(void)vector_link_ask(&l, finish);
	vector_link_close(&l);
	vector_link_open(&l, &s->world, "proof");
	login.secret = s->new_password;
	(void)vector_login(&l, &login, &info);
	vector_link_close(&l);
	free(finish);
}

/*
 * Refusals
 */

void chapter_refused(struct story *s)
{
	struct vector_login login = story_by_password(s);
	struct obol_request info = { .type = OBOL_INFO };
	struct obol_secret *export_key = NULL;
	struct vector_link l;

	vector_comment(s->out, "The password of old: KE2 does not verify, and the");
	vector_comment(s->out, "client closes without a further byte. Then a KE3");
	vector_comment(s->out, "with its last bit wrong: Error 535.");
	vector_link_open(&l, &s->world, "wrong password");
	must(!vector_login_start(&l, &login, &export_key));
	must(obol_client_session_failure(l.client) == OBOL_FAILURE_KE2);
	must(l.n_from_client == 1 && l.n_from_server == 1);
	vector_link_close(&l);
	login.secret = s->new_password;
	vector_link_open(&l, &s->world, "wrong KE3");
	l.spoils_ke3 = true;
	must(vector_login_start(&l, &login, &export_key));
	must(obol_client_session_request(l.client, &info) == OBOL_OK);
	vector_link_run(&l);
	must(obol_client_session_error(l.client)->reply == OBOL_REPLY_AUTH);
	vector_link_close(&l);
	obol_secret_free(export_key);
}

void chapter_unknown(struct story *s)
{
	struct vector_login login = story_by_password(s);
	struct obol_secret *export_key = NULL;
	struct vector_link l;

	vector_comment(s->out, "An account that does not exist: a LoginChallenge");
	vector_comment(s->out, "of the same form, from a record that nobody has.");
	login.name = "nobody";
	vector_link_open(&l, &s->world, "unknown account");
	must(!vector_login_start(&l, &login, &export_key));
	must(obol_client_session_failure(l.client) == OBOL_FAILURE_KE2);
	must(l.n_from_client == 1 && l.n_from_server == 1);
	vector_link_close(&l);
}

/* LoginStart alone; true when the answer is Later. */
static bool knock(struct story *s, const char *section, bool is_later)
{
	struct vector_rng *server = &s->world.server_rng;
	struct obol_client_login begin = { .kind = OBOL_SLOT_PASSWORD,
									   .name = obol_bytes_str("mallory"),
									   .secret = s->password };
	enum obol_session_failure failure;
	struct vector_link l;

	vector_link_open(&l, &s->world, section);
	vector_rng_expect(&s->world.client_rng, s->out, "blind", "client_nonce",
					  "client_keyshare_seed", NULL);
	if (is_later)
	{
		vector_rng_expect(server, s->out, NULL);
	}
	else
	{
		vector_rng_expect(server, s->out, "masking_nonce", "server_nonce",
						  "server_keyshare_seed", NULL);
	}
	must(obol_client_session_login(l.client, &begin) == OBOL_OK);
	vector_link_run(&l);
	failure = obol_client_session_failure(l.client);
	vector_link_close(&l);
	return failure == OBOL_FAILURE_LATER;
}

void chapter_later(struct story *s)
{
	struct vector_text *out = s->out, unseen = { .prefix = NULL };
	int i;

	vector_comment(out, "Guesses at a name (which does not exist), a minute");
	vector_comment(out, "apart, none completed. Ten were before these two;");
	vector_comment(out, "they are left out, and their draws with them. The");
	vector_comment(out, "eleventh is answered, the twelfth is too early.");
	obol_writer_init(&unseen.w);
	s->out = s->world.out = &unseen;
	for (i = 0; i < 10; i++)
	{
		must(!knock(s, "before", false));
	}
	obol_writer_clear(&unseen.w);
	s->out = s->world.out = out;
	must(!knock(s, "eleventh guess", false));
	must(knock(s, "twelfth guess", true));
}
