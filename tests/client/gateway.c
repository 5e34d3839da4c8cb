/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A credential server on loopback. */
#include "client/gateway.h"
#include "issue/request.h"
#include "seal/code.h"
#include "support/run.h"
#include "wire/frame.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static void fill_login_done(void *ctx, struct obol_login_done *done)
{
	struct gateway *gateway = ctx;

	done->n_pins = gateway->n_pins;
	memcpy(done->pins, gateway->pins, sizeof(done->pins));
	done->mode = gateway->mode;
	done->key_type = gateway->key_type;
	done->account_expires_at = gateway->account_expires_at;
	done->anchors_number = gateway->anchors_number;
	done->server_time = (uint64_t)((int64_t)time(NULL) + gateway->clock_off_s);
}

static enum obol_reply do_stage(struct gateway *gateway,
								const struct obol_put_request *put)
{
	struct fake_credential *staged = &gateway->staged[gateway->n_staged++];

	ck_assert_uint_le(gateway->n_staged, FAKE_CREDENTIALS_MAX);
	memset(staged, 0, sizeof(*staged));
	memcpy(staged->name, put->name.ptr, put->name.len);
	staged->format = put->format;
	staged->version = put->base_version + 1;
	staged->sealed = malloc(put->sealed.len);
	memcpy(staged->sealed, put->sealed.ptr, put->sealed.len);
	staged->sealed_len = put->sealed.len;
	return OBOL_REPLY_OK;
}

/* What is staged takes the place of what was stored; all of it must be. */
static enum obol_reply take_staged(struct gateway *gateway)
{
	struct fake_owner *owner = &gateway->owner;
	size_t n_live = 0;
	size_t i;

	for (i = 0; i < owner->n_credentials; i++)
	{
		n_live += owner->credentials[i].sealed_len != 0;
	}
	if (n_live != gateway->n_staged)
	{
		return OBOL_REPLY_STALE;
	}
	for (i = 0; i < owner->n_credentials; i++)
	{
		free(owner->credentials[i].sealed);
	}
	memcpy(owner->credentials, gateway->staged, sizeof(gateway->staged));
	owner->n_credentials = gateway->n_staged;
	gateway->n_staged = 0;
	return (enum obol_reply)0;
}

static enum obol_reply do_issue(struct gateway *gateway,
								struct obol_bytes pkcs10)
{
	struct obol_issue_answer *answer = &gateway->owner.answer->issue;
	int64_t now = (int64_t)time(NULL);
	struct test_cert cert = {
		.cn = "alice",
		.san = "email:alice@example.org",
		.not_before = now - 60 + gateway->issue_from * 86400,
		.not_after = now + gateway->issue_until * 86400,
	};
	uint8_t *spki = NULL;
	const uint8_t *pos;
	size_t len = 0;
	EVP_PKEY *key;
	X509 *x509;

	if (gateway->issue_life_s)
	{
		cert.not_before = now + gateway->clock_off_s - 3600;
		cert.not_after = now + gateway->clock_off_s + gateway->issue_life_s;
	}
	if (obol_issue_request_check(pkcs10, gateway->exporter, &spki, &len) !=
		OBOL_REQUEST_GOOD)
	{
		return OBOL_REPLY_PARAMETER;
	}
	if (gateway->key_type &&
		obol_issue_key_type(obol_bytes(spki, len)) != gateway->key_type)
	{
		free(spki);
		return OBOL_REPLY_PARAMETER;
	}
	pos = spki;
	key =
		gateway->wrong_key ? test_key("EC") : d2i_PUBKEY(NULL, &pos, (long)len);
	x509 = test_certificate(&cert, key, &gateway->ca);
	answer->certificate = test_certificate_der(x509, gateway->certificate_der);
	answer->n_cas = 1;
	answer->cas[0] =
		test_certificate_der(gateway->ca.certificate, gateway->ca_der);
	X509_free(x509);
	EVP_PKEY_free(key);
	free(spki);
	return OBOL_REPLY_OK;
}

/* One at a time, behind the name given. */
static enum obol_reply get_page(struct gateway *gateway,
								const struct obol_get_request *get)
{
	struct obol_get_answer *answer = &gateway->owner.answer->get;
	const struct fake_owner *owner = &gateway->owner;
	size_t at = 0;
	size_t i;

	for (i = 0; i < owner->n_credentials && get->after.len; i++)
	{
		if (obol_bytes_eq(obol_bytes_str(owner->credentials[i].name),
						  get->after))
		{
			at = i + 1;
		}
	}
	while (at < owner->n_credentials && !owner->credentials[at].sealed_len)
	{
		at++;
	}
	if (at < owner->n_credentials)
	{
		const struct fake_credential *found = &owner->credentials[at];

		answer->items[0].name = obol_bytes_str(found->name);
		answer->items[0].format = found->format;
		answer->items[0].version = found->version;
		answer->items[0].sealed = obol_bytes(found->sealed, found->sealed_len);
		answer->n_items = 1;
		answer->more = at + 1 < owner->n_credentials;
	}
	return OBOL_REPLY_OK;
}

static void note_slot(struct gateway *gateway,
					  const struct obol_slot_message *slot)
{
	gateway->n_slots_made++;
	memcpy(gateway->label, slot->label.ptr, slot->label.len);
	gateway->label[slot->label.len] = '\0';
}

static enum obol_reply on_request(void *ctx, const struct obol_request *request)
{
	struct gateway *gateway = ctx;
	enum obol_reply reply = (enum obol_reply)0;

	gateway->n_requests[request->type]++;
	if (gateway->meddle)
	{
		reply = gateway->meddle(gateway, request);
	}
	if (reply)
	{
		return reply;
	}
	switch (request->type)
	{
		case OBOL_GET:
			return gateway->is_paging && request->get.name.len == 0
					   ? get_page(gateway, &request->get)
					   : (enum obol_reply)0;
		case OBOL_STAGE:
			return do_stage(gateway, &request->put);
		case OBOL_REKEY:
			note_slot(gateway,
					  &request->rekey.slots[request->rekey.n_slots - 1]);
			return take_staged(gateway);
		case OBOL_SLOT_FINISH:
			note_slot(gateway, &request->slot);
			return (enum obol_reply)0;
		case OBOL_ISSUE:
			return do_issue(gateway, request->pkcs10);
		default:
			return (enum obol_reply)0;
	}
}

static bool is_due(struct gateway *gateway, const struct tls_peer *peer,
				   uint8_t wanted, uint8_t type)
{
	if (wanted == 0 || wanted != type ||
		(gateway->fails_at && gateway->fails_at != peer))
	{
		return false;
	}
	if (gateway->n_pass)
	{
		gateway->n_pass--;
		return false;
	}
	return true;
}

static bool write_output(struct obol_server_session *session, SSL *ssl)
{
	struct obol_bytes out = obol_server_session_output(session);

	if (out.len && SSL_write(ssl, out.ptr, (int)out.len) <= 0)
	{
		return false;
	}
	obol_server_session_sent(session, out.len);
	return true;
}

/* One frame; false ends the connection. */
static bool serve_frame(struct tls_peer *peer, const uint8_t *exporter,
						struct obol_server_session *session, SSL *ssl,
						struct obol_bytes frame)
{
	struct gateway *gateway = peer->config.ctx;
	struct pollfd stop = { peer->stop[0], POLLIN, 0 };
	uint8_t type = frame.ptr[0];
	bool is_cut;

	if (is_due(gateway, peer, gateway->cut_before, type))
	{
		return false;
	}
	if (is_due(gateway, peer, gateway->stall_at, type))
	{
		(void)poll(&stop, 1, -1);
		return false;
	}
	is_cut = is_due(gateway, peer, gateway->cut_after, type);
	(void)pthread_mutex_lock(&gateway->lock);
	gateway->exporter = exporter;
	ck_assert_int_eq(obol_server_session_input(session, frame), OBOL_OK);
	fake_owner_serve(&gateway->owner, session);
	(void)pthread_mutex_unlock(&gateway->lock);
	return !is_cut && write_output(session, ssl) &&
		   obol_server_session_event(session) != OBOL_EVENT_CLOSE;
}

static void serve(struct tls_peer *peer, SSL *ssl)
{
	struct gateway *gateway = peer->config.ctx;
	struct obol_server_session *session;
	uint8_t exporter[OBOL_EXPORTER_LEN];
	uint8_t *buf = malloc(OBOL_FRAME_MAX + 4096);
	size_t len = 0;
	size_t got;
	bool goes_on = true;

	ck_assert_int_eq(SSL_export_keying_material(
						 ssl, exporter, sizeof(exporter), OBOL_EXPORTER_LABEL,
						 sizeof(OBOL_EXPORTER_LABEL) - 1, NULL, 0, 1),
					 1);
	session = fake_owner_session(&gateway->owner, exporter);
	while (goes_on && (got = tls_peer_read(peer, ssl, buf + len,
										   OBOL_FRAME_MAX + 4096 - len)))
	{
		struct obol_frame frame;
		size_t used = 1;

		len += got;
		while (goes_on && len && used)
		{
			ck_assert_int_eq(obol_frame_decode(obol_bytes(buf, len),
											   OBOL_FRAME_MAX, &frame, &used),
							 OBOL_OK);
			if (used)
			{
				goes_on = serve_frame(peer, exporter, session, ssl,
									  obol_bytes(buf, used));
				memmove(buf, buf + used, len - used);
				len -= used;
			}
		}
	}
	obol_server_session_free(session);
	free(buf);
}

static void start(struct gateway *gateway, uint16_t port)
{
	struct tls_peer_config config = {
		.kind = PEER_OBOL, .port = port, .serve = serve, .ctx = gateway
	};

	tls_peer_init(&gateway->peer, &config);
}

void gateway_init(struct gateway *gateway)
{
	struct test_cert ca = { .cn = "CA",
							.ca = true,
							.key_usage = "critical,keyCertSign",
							.not_before = (int64_t)time(NULL) - 100 * 86400 };

	memset(gateway, 0, sizeof(*gateway));
	fake_owner_init(&gateway->owner);
	driven_clock_init(&gateway->owner.clock, (uint64_t)time(NULL));
	gateway->owner.hooks.ctx = gateway;
	gateway->owner.hooks.login_done = fill_login_done;
	gateway->owner.hooks.request = on_request;
	gateway->issue_until = 90;
	(void)pthread_mutex_init(&gateway->lock, NULL);
	tempdir_init(&gateway->dir);
	test_identity_init(&gateway->ca, &ca, NULL);
	start(gateway, 0);
}

void gateway_add_server(struct gateway *gateway, struct tls_peer *peer,
						bool has_same_key)
{
	struct tls_peer_config config = { .kind = PEER_OBOL,
									  .serve = serve,
									  .ctx = gateway };

	config.identity = has_same_key ? &gateway->peer.identity : NULL;
	tls_peer_init(peer, &config);
}

void gateway_new_tls_key(struct gateway *gateway)
{
	uint16_t port = gateway->peer.port;

	tls_peer_clear(&gateway->peer);
	start(gateway, port);
}

void gateway_clear(struct gateway *gateway)
{
	size_t i;

	tls_peer_clear(&gateway->peer);
	for (i = 0; i < gateway->n_staged; i++)
	{
		free(gateway->staged[i].sealed);
	}
	fake_owner_clear(&gateway->owner);
	test_identity_clear(&gateway->ca);
	tempdir_clear(&gateway->dir);
	(void)pthread_mutex_destroy(&gateway->lock);
}

void gateway_options(struct gateway *gateway,
					 struct obol_client_options *options)
{
	obol_client_options_init(options);
	options->servers = tls_peer_text(&gateway->peer);
	options->account = FAKE_ACCOUNT;
	options->state_file = tempdir_file(&gateway->dir, "state");
	options->timeout_ms = GATEWAY_LONG_MS;
}

struct obol_client *gateway_client(struct gateway *gateway,
								   const struct obol_client_options *options)
{
	struct obol_client_options usual;
	struct obol_client *client = NULL;
	struct obol_error error;

	gateway_options(gateway, &usual);
	ck_assert_msg(
		obol_client_new(options ? options : &usual, &client, &error) == OBOL_OK,
		"%s", error.text);
	return client;
}

struct obol_secret *secret_of(const char *text)
{
	struct obol_secret *secret = obol_secret_dup(text, strlen(text));

	ck_assert_ptr_nonnull(secret);
	return secret;
}

enum obol_status login(struct obol_client *client, const char *password)
{
	struct obol_secret *secret = secret_of(password);
	enum obol_status status = obol_client_login_password(client, secret);

	obol_secret_free(secret);
	return status;
}

void login_whole(struct obol_client *client, const char *password)
{
	struct obol_slot_info *slots = NULL;
	size_t n;

	check_ok(client, login(client, password));
	check_ok(client, obol_client_slots(client, &slots, &n));
	free(slots);
}

enum obol_status ask(struct obol_client *client)
{
	struct obol_credential_info *items = NULL;
	size_t n;
	enum obol_status status = obol_client_list(client, &items, &n);

	if (status == OBOL_OK)
	{
		free(items);
	}
	return status;
}

void gateway_add_password(struct gateway *gateway)
{
	fake_owner_add(&gateway->owner, OBOL_SLOT_PASSWORD, NULL, PASSWORD);
}

void gateway_add_device(struct gateway *gateway, struct obol_device *device)
{
	ck_assert_int_eq(
		obol_rng_fill(obol_rng_system(), device->id, sizeof(device->id)),
		OBOL_OK);
	ck_assert_int_eq(obol_rng_secret(obol_rng_system(), OBOL_CLIENT_DEVICE_LEN,
									 &device->secret),
					 OBOL_OK);
	fake_owner_add_secret(&gateway->owner, OBOL_SLOT_DEVICE, device->id,
						  device->secret);
}

struct obol_secret *gateway_add_code(struct gateway *gateway,
									 enum obol_slot_kind kind)
{
	struct obol_secret *secret = NULL;
	struct obol_secret *text = NULL;

	ck_assert_int_eq(obol_code_new(obol_rng_system(),
								   kind == OBOL_SLOT_RECOVERY
									   ? OBOL_RECOVERY_BITS
									   : OBOL_ACTIVATION_BITS,
								   &secret, &text),
					 OBOL_OK);
	fake_owner_add_secret(&gateway->owner, kind, NULL, secret);
	obol_secret_free(secret);
	return text;
}
