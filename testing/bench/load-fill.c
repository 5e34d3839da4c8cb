/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fills a server's store with accounts, straight through the store's interface:
 * each has a slot, a credential and its row in the audit trail.
 *
 * usage: load-fill DATABASE KEY-FILE ACCOUNTS LIVE device|password
 *
 * LIVE of them, spread over all, are registered in earnest and can be logged in
 * to (load-account.h); the others are of the same size, with the record, the
 * wrap and the credential of the one before. */
#include "testing/bench/load-account.h"

#include "pake/opaque_registration.h"
#include "seal/account_key.h"
#include "seal/sealed_credential.h"
#include "server/keys.h"
#include "store/store_open.h"
#include "store/store_operator.h"

#include <stdio.h>
#include <stdlib.h>

/** Accounts in one commit, or on their way to a server. */
#define BATCH 200
#define LIFETIME_S (30 * 86400)

struct fill {
	struct obol_store *store;
	struct obol_server_keys *keys;
	struct obol_rng *rng;
	unsigned n;
	unsigned n_live;
	enum obol_slot_kind kind;
	uint64_t now;
	/** of the last one that was registered in earnest */
	struct obol_slot slot;
	struct obol_writer sealed;
};

static void must(enum obol_status status, const char *what)
{
	if (status != OBOL_OK)
	{
		load_die("%s: %s", what, obol_status_name(status));
	}
}

/* RFC 9807, 5.2, both sides at one place. */
static struct obol_secret *register_slot(struct fill *fill,
										 const struct load_account *account,
										 const struct obol_secret *input)
{
	uint8_t request[OBOL_OPAQUE_REGISTRATION_REQUEST_LEN];
	uint8_t response[OBOL_OPAQUE_REGISTRATION_RESPONSE_LEN];
	struct obol_bytes name = obol_bytes_str(account->name);
	struct obol_opaque_identities ids = { name, { NULL, 0 } };
	struct obol_opaque_registration *state = NULL;
	uint8_t public_key[OBOL_OPAQUE_NPK], identifier[32];
	struct obol_secret *export_key = NULL;
	struct obol_ksf ksf;

	must(obol_store_credential_identifier(fill->store, (uint8_t)account->kind,
										  name, account->device_id, identifier),
		 "identifier");
	must(obol_ksf_init(&ksf, &fill->slot.ksf), "key stretching");
	must(obol_opaque_registration_start(fill->rng, input, request, &state),
		 "registration");
	must(obol_opaque_registration_respond(
			 obol_server_keys_operations(fill->keys), fill->slot.key_number,
			 obol_bytes(identifier, sizeof(identifier)),
			 obol_bytes(request, sizeof(request)), response),
		 "registration");
	must(obol_opaque_registration_finish(
			 state, obol_bytes(response, sizeof(response)), &ids, &ksf,
			 fill->slot.record, &export_key, public_key),
		 "registration");
	obol_opaque_registration_free(state);
	return export_key;
}

static void wrap_key(struct fill *fill, const struct obol_secret *export_key,
					 const struct obol_account_key *key)
{
	struct obol_writer wrap;

	obol_writer_init(&wrap);
	must(obol_slot_wrap(fill->rng, export_key, fill->kind, key, &wrap), "wrap");
	fill->slot.wrap_len = (uint16_t)obol_writer_view(&wrap).len;
	memcpy(fill->slot.wrap, obol_writer_view(&wrap).ptr, fill->slot.wrap_len);
	obol_writer_clear(&wrap);
}

static void seal_body(struct fill *fill, const struct obol_account_key *key)
{
	struct obol_credential_header header = {
		.name = obol_bytes_str(LOAD_CREDENTIAL),
		.format = OBOL_FORMAT_OPAQUE,
		.version = 1,
	};
	struct obol_secret *body = NULL;

	obol_writer_clear(&fill->sealed);
	obol_writer_init(&fill->sealed);
	must(obol_rng_secret(fill->rng, LOAD_BODY_LEN, &body), "credential");
	must(obol_credential_seal(fill->rng, key, &header, body, &fill->sealed),
		 "credential");
	obol_secret_free(body);
}

static void make_live(struct fill *fill, const struct load_account *account)
{
	struct obol_secret *secret =
		obol_secret_dup(account->secret, sizeof(account->secret));
	struct obol_secret *input = NULL, *export_key;
	struct obol_account_key key;

	must(obol_login_oprf_input(obol_bytes_str(account->name), secret, &input),
		 "input");
	must(obol_account_key_new(fill->rng, &key), "account key");
	export_key = register_slot(fill, account, input);
	wrap_key(fill, export_key, &key);
	seal_body(fill, &key);
	obol_account_key_clear(&key);
	obol_secret_free(export_key);
	obol_secret_free(input);
	obol_secret_free(secret);
}

/** An account on its way into the store. */
struct row {
	struct obol_store_op op;
	struct obol_store_account_add add;
	struct obol_put_request put;
	uint8_t sealed[4096];
};

static void added(struct obol_store_op *op)
{
	must(op->status, "an account cannot be added");
}

static void submit(struct fill *fill, const struct load_account *account,
				   struct row *row)
{
	struct obol_bytes sealed = obol_writer_view(&fill->sealed);

	memset(row, 0, offsetof(struct row, sealed));
	(void)snprintf(row->add.in.account.name, sizeof(row->add.in.account.name),
				   "%s", account->name);
	(void)snprintf(row->add.in.account.identity,
				   sizeof(row->add.in.account.identity), "%s@vpn.example.org",
				   account->name);
	row->add.in.account.state = OBOL_ACCOUNT_ACTIVE;
	row->add.in.account.generation = 1;
	row->add.in.account.certificate_lifetime_s = LIFETIME_S;
	row->add.in.activation = fill->slot;
	memcpy(row->add.in.activation.device_id, account->device_id,
		   sizeof(account->device_id));
	memcpy(row->sealed, sealed.ptr, sealed.len);
	row->put.name = obol_bytes_str(LOAD_CREDENTIAL);
	row->put.format = OBOL_FORMAT_OPAQUE;
	row->put.generation = 1;
	row->put.sealed = obol_bytes(row->sealed, sealed.len);
	row->add.in.credentials = &row->put;
	row->add.in.n_credentials = 1;
	row->add.in.now = fill->now;
	row->op.verb = OBOL_STORE_ACCOUNT_ADD;
	row->op.arg.account_add = &row->add;
	row->op.done = added;
	obol_store_submit(fill->store, &row->op);
}

static void fill_all(struct fill *fill)
{
	struct row *rows = calloc(BATCH, sizeof(*rows));
	unsigned at, live = 0;

	if (!rows)
	{
		load_die("memory ran out");
	}
	for (at = 0; at < fill->n; at++)
	{
		struct load_account account;

		load_account(at, fill->kind, &account);
		if (live < fill->n_live &&
			at == load_account_live(live, fill->n, fill->n_live))
		{
			make_live(fill, &account);
			live++;
		}
		submit(fill, &account, &rows[at % BATCH]);
		if (at % BATCH == BATCH - 1)
		{
			obol_store_flush(fill->store);
		}
	}
	obol_store_flush(fill->store);
	free(rows);
}

static void open_all(struct fill *fill, const char *database, const char *keys)
{
	struct obol_store_options options = {
		.database = database,
		.guess_rows_max = 1000000,
		.rng = fill->rng,
	};
	char why[512];

	if (obol_store_open(&options, &fill->store, why, sizeof(why)) != OBOL_OK ||
		obol_server_keys_load(keys, &fill->keys, why, sizeof(why)) != OBOL_OK)
	{
		load_die("%s", why);
	}
}

int main(int argc, char **argv)
{
	struct fill fill = { .rng = obol_rng_system() };

	if (argc != 6)
	{
		load_die("usage: load-fill DATABASE KEY-FILE ACCOUNTS LIVE "
				 "device|password");
	}
	fill.n = load_number(argv[3], 1, 10000000);
	fill.n_live = load_number(argv[4], 1, fill.n);
	fill.kind = strcmp(argv[5], "password") == 0 ? OBOL_SLOT_PASSWORD
												 : OBOL_SLOT_DEVICE;
	fill.now = obol_now(obol_clock_system());
	open_all(&fill, argv[1], argv[2]);
	obol_writer_init(&fill.sealed);
	fill.slot.kind = (uint8_t)fill.kind;
	fill.slot.generation = 1;
	fill.slot.key_number = obol_server_keys_current(fill.keys);
	fill.slot.ksf =
		fill.kind == OBOL_SLOT_PASSWORD ? obol_ksf_default : obol_ksf_identity;
	(void)snprintf(fill.slot.label, sizeof(fill.slot.label), "%s",
				   fill.kind == OBOL_SLOT_DEVICE ? "thinkpad" : "");
	fill_all(&fill);
	obol_writer_clear(&fill.sealed);
	obol_server_keys_free(fill.keys);
	obol_store_close(fill.store);
	return 0;
}
