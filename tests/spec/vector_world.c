/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A server without chance, and connections that are written down. */
#include "spec/vector_world.h"

#include <stdio.h>
#include <stdlib.h>

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "issue/certificate.h"
#include "issue/issuer.h"
#include "pake/opaque_keys.h"
#include "store/store_sqlite.h"

/* 2027-01-15T08:00:00Z */
#define NOW ((uint64_t)1800000000)
#define DAY 86400

static char why[512];

/*
 * The server
 */

static void drop_line(struct obol_log *log, enum obol_log_level level,
					  const char *line)
{
	(void)log;
	(void)level;
	(void)line;
}

static void open_store(struct vector_world *w)
{
	struct obol_store_sqlite_options options = {
		.path = tempdir_file(&w->dir, "obol.db"),
		.create = true,
		.guess_rows_max = 1000,
		.rng = &w->server_rng.rng,
		.log = &w->log,
	};

	vector_rng_expect(&w->server_rng, w->out, "id_key", NULL);
	must(obol_store_sqlite_open(&options, &w->options.store, why,
								sizeof(why)) == OBOL_OK);
}

/* the seed as the static private key that comes of it */
static void show_static_key(struct vector_world *w, const uint8_t *seed)
{
	struct obol_secret *seed_secret = obol_secret_dup(seed, OBOL_OPAQUE_NSEED);
	uint8_t public_key[OBOL_OPAQUE_NPK], bytes[OBOL_SCALAR_LEN];
	struct obol_scalar private_key;

	must(seed_secret);
	must(obol_opaque_derive_dh_key_pair(seed_secret, &private_key,
										public_key) == OBOL_OK);
	obol_scalar_encode(bytes, &private_key);
	vector_bytes(w->out, "server_private_key",
				 obol_bytes(bytes, sizeof(bytes)));
	vector_bytes(w->out, "server_public_key",
				 obol_bytes(public_key, sizeof(public_key)));
	obol_secret_free(seed_secret);
}

static void open_keys(struct vector_world *w)
{
	const char *path = tempdir_file(&w->dir, "keys");

	vector_rng_expect(&w->server_rng, w->out, "oprf_seed", "server_key_seed",
					  NULL);
	must(obol_server_keys_create(path, &w->server_rng.rng, NOW, why,
								 sizeof(why)) == OBOL_OK);
	show_static_key(w, w->server_rng.drawn[1]);
	must(obol_server_keys_load(path, &w->keys, why, sizeof(why)) == OBOL_OK);
	w->options.keys = obol_server_keys_operations(w->keys);
	w->options.current_key = obol_server_keys_current(w->keys);
}

EVP_PKEY *vector_key(struct vector_rng *rng, struct vector_text *out,
					 const char *name)
{
	uint8_t bytes[32];
	EVP_PKEY *key;

	vector_rng_draw(rng, out, name, bytes, sizeof(bytes));
	key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, bytes,
									   sizeof(bytes));
	must(key);
	return key;
}

static void write_pem(struct vector_world *w, const char *name, EVP_PKEY *key,
					  X509 *certificate)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long len;

	must(bio);
	must(key ? PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL)
			 : PEM_write_bio_X509(bio, certificate));
	len = BIO_get_mem_data(bio, &text);
	tempdir_write(&w->dir, name, text, (size_t)len, 0600);
	BIO_free(bio);
}

static void open_issuer(struct vector_world *w)
{
	struct obol_certificate_parts parts = {
		.use = OBOL_CERTIFICATE_CA,
		.common_name = "Obol test CA",
		.not_before = NOW - OBOL_CERTIFICATE_BACKDATE_S,
		.not_after = NOW + (uint64_t)3650 * DAY,
	};
	struct obol_issuer_file_options options = {
		.certificate_path = tempdir_file(&w->dir, "ca.crt"),
		.key_path = tempdir_file(&w->dir, "ca.key"),
		.rng = &w->server_rng.rng,
		.clock = &w->clock.clock,
	};
	EVP_PKEY *key = vector_key(&w->server_rng, w->out, "ca_ed25519_key");
	X509 *x = NULL;

	vector_rng_expect(&w->server_rng, w->out, "ca_serial", NULL);
	must(obol_certificate_build(&parts, key, NULL, key, &w->server_rng.rng,
								&x) == OBOL_OK);
	write_pem(w, "ca.key", key, NULL);
	write_pem(w, "ca.crt", NULL, x);
	/* it signs one on trial */
	vector_rng_expect(&w->server_rng, w->out, "ca_trial_serial", NULL);
	must(obol_issuer_file_new(&options, &w->options.issuer, why, sizeof(why)) ==
		 OBOL_OK);
	vector_bytes(w->out, "ca_certificate", w->options.issuer->cas[0]);
	X509_free(x);
	EVP_PKEY_free(key);
}

static void set_policy(struct vector_world *w)
{
	struct obol_server_policy *policy = &w->options.policy;

	(void)snprintf(policy->server_name, sizeof(policy->server_name), "%s",
				   "vpn.example.org");
	(void)snprintf(policy->enrolment.domain, sizeof(policy->enrolment.domain),
				   "%s", "vpn.example.org");
	policy->certificate_lifetime_s = 30 * DAY;
	policy->mode = OBOL_MODE_PORTABLE;
	policy->key_type = OBOL_KEY_ED25519;
	policy->password_ksf = obol_ksf_default;
	policy->failures_per_source = 1000;
	policy->enrolment.attempts_per_source = 1000;
	must(obol_template_subject(OBOL_TEMPLATE_SUBJECT, &policy->subject, why,
							   sizeof(why)));
	must(obol_template_san(OBOL_TEMPLATE_SAN, &policy->san, why, sizeof(why)));
}

void vector_world_init(struct vector_world *w, struct vector_text *out)
{
	memset(w, 0, sizeof(*w));
	w->out = out;
	tempdir_init(&w->dir);
	driven_clock_init(&w->clock, NOW);
	w->log.write = drop_line;
	vector_rng_init(&w->server_rng, "server");
	vector_rng_init(&w->client_rng, "client");
	vector_section(out, "server");
	vector_number(out, "server_time", NOW, 8);
	open_keys(w);
	open_store(w);
	open_issuer(w);
	set_policy(w);
	w->options.rng = &w->server_rng.rng;
	w->options.clock = &w->clock.clock;
	w->options.log = &w->log;
	vector_rng_expect(&w->server_rng, out, "source_table_key",
					  "enrolment_table_key", NULL);
	must(obol_server_new(&w->options, &w->server) == OBOL_OK);
}

void vector_world_clear(struct vector_world *w)
{
	obol_store_flush(w->options.store);
	must(obol_server_n_connections(w->server) == 0);
	obol_server_free(w->server);
	obol_issuer_free(w->options.issuer);
	obol_server_keys_free(w->keys);
	obol_store_close(w->options.store);
	tempdir_clear(&w->dir);
}

/*
 * Connections
 */

void vector_link_open(struct vector_link *l, struct vector_world *w,
					  const char *section)
{
	struct obol_client_session_config config = { .rng = &w->client_rng.rng };
	struct obol_server_peer peer = { .source = "192.0.2.1" };

	memset(l, 0, sizeof(*l));
	l->world = w;
	driven_clock_pass(&w->clock, 60);
	vector_section(w->out, section);
	vector_number(w->out, "server_time", obol_now(&w->clock.clock), 8);
	vector_rng_draw(&w->client_rng, w->out, "exporter", l->exporter,
					sizeof(l->exporter));
	memcpy(config.exporter, l->exporter, sizeof(l->exporter));
	memcpy(peer.exporter, l->exporter, sizeof(l->exporter));
	memcpy(peer.address.bytes, "\xc0\x00\x02\x01", 4);
	must(obol_client_session_new(&config, &l->client) == OBOL_OK);
	must(obol_server_connection_new(w->server, &peer, NULL, NULL, &l->conn) ==
		 OBOL_OK);
}

void vector_link_close(struct vector_link *l)
{
	obol_client_session_free(l->client);
	obol_server_connection_close(l->conn);
	obol_store_flush(l->world->options.store);
	memset(l, 0, sizeof(*l));
}

/* The frames in what goes over at once. */
static void write_frames(struct vector_link *l, uint8_t *bytes, size_t len,
						 bool from_client)
{
	unsigned *n = from_client ? &l->n_from_client : &l->n_from_server;
	size_t pos, size;
	char name[32];

	for (pos = 0; pos < len; pos += size)
	{
		must(len - pos >= OBOL_FRAME_HEADER_LEN);
		size = OBOL_FRAME_HEADER_LEN + (size_t)(bytes[pos + 1] << 16 |
												bytes[pos + 2] << 8 |
												bytes[pos + 3]);
		must(size <= len - pos);
		if (bytes[pos] == OBOL_LOGIN_FINISH && l->spoils_ke3)
		{
			bytes[pos + size - 1] ^= 1;
		}
		if (bytes[pos] == OBOL_LOGIN_CHALLENGE)
		{
			l->challenge_len = size - OBOL_FRAME_HEADER_LEN;
			memcpy(l->challenge, bytes + pos + OBOL_FRAME_HEADER_LEN,
				   l->challenge_len);
		}
		(void)snprintf(name, sizeof(name), "%s_%u",
					   from_client ? "client" : "server", ++*n);
		vector_bytes(l->world->out, name, obol_bytes(bytes + pos, size));
	}
}

static uint8_t *copy_of(struct obol_bytes bytes)
{
	uint8_t *copy = malloc(bytes.len);

	must(copy);
	memcpy(copy, bytes.ptr, bytes.len);
	return copy;
}

static bool to_server(struct vector_link *l)
{
	struct obol_bytes out = obol_client_session_output(l->client);
	size_t len = out.len;
	uint8_t *bytes;

	if (!len)
	{
		return false;
	}
	must(len <= obol_server_connection_room(l->conn));
	bytes = copy_of(out);
	write_frames(l, bytes, len, true);
	obol_client_session_sent(l->client, len);
	obol_server_connection_input(l->conn, obol_bytes(bytes, len));
	free(bytes);
	return true;
}

static bool to_client(struct vector_link *l)
{
	struct obol_bytes out = obol_server_connection_output(l->conn);
	size_t len = out.len;
	uint8_t *bytes;

	if (!len)
	{
		return false;
	}
	bytes = copy_of(out);
	write_frames(l, bytes, len, false);
	obol_server_connection_sent(l->conn, len);
	l->status = obol_client_session_input(l->client, obol_bytes(bytes, len));
	free(bytes);
	return true;
}

void vector_link_run(struct vector_link *l)
{
	const char *prefix = l->world->out->prefix;
	bool moved = true;

	/* frames have the connection's order, whatever they are about */
	l->world->out->prefix = NULL;
	while (moved)
	{
		moved = to_server(l);
		obol_store_flush(l->world->options.store);
		moved = to_client(l) || moved;
	}
	l->world->out->prefix = prefix;
}

const struct obol_answer *vector_link_ask(struct vector_link *l,
										  const struct obol_request *request)
{
	must(obol_client_session_request(l->client, request) == OBOL_OK);
	vector_link_run(l);
	must(obol_client_session_state(l->client) == OBOL_CLIENT_READY);
	must(obol_client_session_answer(l->client));
	return obol_client_session_answer(l->client);
}
