/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A whole server on a database of its own. */
#include "fuzz/server_world.h"
#include "pake/opaque_registration.h"
#include "store/store_operator.h"
#include "store/store_sqlite.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define START_AT UINT64_C(1800000000)
#define WHY_MAX 512
#define DATABASE_MAX ((size_t)4 << 20)

/** The database as every input finds it: made once, as bytes. */
static struct {
	char path[PATH_MAX];
	uint8_t *bytes;
	size_t len;
} template;

/* Files beside it that SQLite leaves. */
static void remove_database(void)
{
	static const char *const suffixes[] = { "", "-wal", "-shm", "-journal" };
	char path[PATH_MAX + 16];
	size_t i;

	for (i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
	{
		(void)snprintf(path, sizeof(path), "%s%s", template.path, suffixes[i]);
		(void)unlink(path);
	}
}

/* what is logged must be fit for a log */
static void check_line(struct obol_log *log, enum obol_log_level level,
					   const char *line)
{
	(void)log;
	(void)level;
	for (; *line; line++)
	{
		FUZZ_CHECK((unsigned char)*line >= 0x20 && *line != 0x7f);
	}
}

static void init_log(struct obol_log *log)
{
	memset(log, 0, sizeof(*log));
	log->level = OBOL_LOG_DEBUG;
	log->write = check_line;
}

static struct obol_store *open_store(bool create, struct obol_rng *rng,
									 struct obol_log *log)
{
	struct obol_store_sqlite_options options = {
		.path = template.path,
		.create = create,
		.guess_rows_max = 1000,
		.rng = rng,
		.log = log,
	};
	struct obol_store *store = NULL;
	char why[WHY_MAX] = "";

	FUZZ_CHECK(obol_store_sqlite_open(&options, &store, why, sizeof(why)) ==
			   OBOL_OK);
	return store;
}

static void register_slot(struct obol_store *store, struct obol_rng *rng,
						  uint8_t kind, struct obol_slot *slot)
{
	const struct fuzz_world *world = fuzz_world();
	struct obol_bytes name = obol_bytes_str(FUZZ_ACCOUNT);
	struct obol_opaque_identities ids = { .client = name };
	uint8_t request[OBOL_OPAQUE_REGISTRATION_REQUEST_LEN];
	uint8_t response[OBOL_OPAQUE_REGISTRATION_RESPONSE_LEN];
	uint8_t id[32], public_key[OBOL_OPAQUE_NPK];
	struct obol_opaque_registration *state = NULL;
	struct obol_secret *input = NULL;

	memset(slot, 0, sizeof(*slot));
	slot->kind = kind;
	if (kind == OBOL_SLOT_DEVICE)
	{
		memcpy(slot->device_id, fuzz_device_id, OBOL_DEVICE_ID_LEN);
	}
	slot->ksf =
		kind == OBOL_SLOT_PASSWORD ? obol_ksf_default : obol_ksf_identity;
	slot->key_number = FUZZ_KEY_NUMBER;
	slot->wrap_len = 1;
	FUZZ_CHECK(obol_store_credential_identifier(
				   store, kind, name, slot->device_id, id) == OBOL_OK);
	FUZZ_CHECK(obol_login_oprf_input(name, world->secret, &input) == OBOL_OK);
	FUZZ_CHECK(obol_opaque_registration_start(rng, input, request, &state) ==
			   OBOL_OK);
	FUZZ_CHECK(obol_opaque_registration_respond(
				   (struct obol_opaque_keys *)&world->keys, FUZZ_KEY_NUMBER,
				   obol_bytes(id, sizeof(id)),
				   obol_bytes(request, sizeof(request)), response) == OBOL_OK);
	FUZZ_CHECK(obol_opaque_registration_finish(
				   state, obol_bytes(response, sizeof(response)), &ids,
				   &world->ksf, slot->record, NULL, public_key) == OBOL_OK);
	obol_opaque_registration_free(state);
	obol_secret_free(input);
}

/* alice, who has activated: a slot of each kind that an account can have */
static void add_alice(struct obol_store *store, struct obol_rng *rng)
{
	struct obol_store_account_add add = {
		.in = { .account = { .name = FUZZ_ACCOUNT,
							 .identity = "alice@example.org",
							 .state = OBOL_ACCOUNT_ACTIVE,
							 .generation = 1 },
				.actor = { .source = "root" },
				.now = START_AT },
	};
	struct obol_slot slots[3];
	struct obol_store_rekey rekey = {
		.in = { .generation = 2, .n_slots = 3, .slots = slots },
	};
	size_t i;

	register_slot(store, rng, OBOL_SLOT_ACTIVATION, &add.in.activation);
	add.in.activation.generation = 1;
	add.in.activation.expires_at = START_AT + 86400;
	FUZZ_CHECK(obol_store_run(store, OBOL_STORE_ACCOUNT_ADD, &add) == OBOL_OK);
	rekey.in.request.account_id = add.out.account_id;
	rekey.in.request.generation = 1;
	rekey.in.request.actor.kind = OBOL_SLOT_ACTIVATION;
	rekey.in.request.now = START_AT;
	register_slot(store, rng, OBOL_SLOT_PASSWORD, &slots[0]);
	register_slot(store, rng, OBOL_SLOT_RECOVERY, &slots[1]);
	register_slot(store, rng, OBOL_SLOT_DEVICE, &slots[2]);
	for (i = 0; i < 3; i++)
	{
		slots[i].generation = 2;
	}
	FUZZ_CHECK(obol_store_run(store, OBOL_STORE_REKEY, &rekey) == OBOL_OK);
}

static void make_template(void)
{
	const char *folder = getenv("TMPDIR");
	struct obol_store *store;
	struct obol_log log;
	struct fuzz_rng rng;
	FILE *file;

	(void)snprintf(template.path, sizeof(template.path), "%s/obol-fuzz-db-%ld",
				   folder ? folder : "/tmp", (long)getpid());
	remove_database();
	FUZZ_CHECK(atexit(remove_database) == 0);
	fuzz_rng_init(&rng, 10);
	init_log(&log);
	store = open_store(true, &rng.rng, &log);
	add_alice(store, &rng.rng);
	obol_store_close(store);
	template.bytes = malloc(DATABASE_MAX);
	file = fopen(template.path, "rb");
	FUZZ_CHECK(template.bytes && file);
	template.len = fread(template.bytes, 1, DATABASE_MAX, file);
	FUZZ_CHECK(template.len > 0 && template.len < DATABASE_MAX);
	(void)fclose(file);
}

struct obol_bytes fuzz_server_database(void)
{
	if (!template.bytes)
	{
		fuzz_stays_begin();
		make_template();
		fuzz_stays_end();
	}
	return obol_bytes(template.bytes, template.len);
}

/* in place: the mode stays, and so does who may read it */
static void copy_template(void)
{
	FILE *file;

	if (!template.bytes)
	{
		make_template();
	}
	file = fopen(template.path, "wb");
	FUZZ_CHECK(file &&
			   fwrite(template.bytes, 1, template.len, file) == template.len);
	FUZZ_CHECK(fclose(file) == 0);
}

void fuzz_server_init(struct fuzz_server *server)
{
	struct obol_server_options options = { .current_key = FUZZ_KEY_NUMBER };

	memset(server, 0, sizeof(*server));
	server->world = fuzz_world();
	fuzz_rng_init(&server->rng, 11);
	driven_clock_init(&server->clock, START_AT + 60);
	init_log(&server->log);
	copy_template();
	server->store = open_store(false, &server->rng.rng, &server->log);
	options.store = server->store;
	options.keys = (struct obol_opaque_keys *)&server->world->keys;
	options.rng = &server->rng.rng;
	options.clock = &server->clock.clock;
	options.log = &server->log;
	(void)snprintf(options.policy.server_name,
				   sizeof(options.policy.server_name), "vpn.example.org");
	options.policy.password_ksf = obol_ksf_default;
	options.policy.mode = OBOL_MODE_PORTABLE;
	options.policy.key_type = OBOL_KEY_EC_P256;
	options.policy.failures_per_source = 1000;
	options.policy.enrolment.is_open = true;
	options.policy.enrolment.per_day_max = 10;
	options.policy.enrolment.waiting_max = 10;
	options.policy.enrolment.attempts_per_source = 1000;
	(void)snprintf(options.policy.enrolment.names,
				   sizeof(options.policy.enrolment.names), "*");
	(void)snprintf(options.policy.enrolment.domain,
				   sizeof(options.policy.enrolment.domain), "example.org");
	FUZZ_CHECK(obol_server_new(&options, &server->server) == OBOL_OK);
}

void fuzz_server_clear(struct fuzz_server *server)
{
	obol_store_flush(server->store);
	FUZZ_CHECK(obol_server_n_connections(server->server) == 0);
	obol_server_free(server->server);
	obol_store_close(server->store);
}

struct obol_server_connection *fuzz_server_connect(struct fuzz_server *server)
{
	struct obol_server_connection *conn = NULL;
	struct obol_server_peer peer;

	memset(&peer, 0, sizeof(peer));
	peer.address.bytes[0] = 192;
	(void)snprintf(peer.source, sizeof(peer.source), "192.0.2.1");
	memcpy(peer.exporter, server->world->exporter, sizeof(peer.exporter));
	FUZZ_CHECK(obol_server_connection_new(server->server, &peer, NULL, NULL,
										  &conn) == OBOL_OK);
	return conn;
}
