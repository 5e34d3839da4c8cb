/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The help desk's control socket: requests to a server with its store, and what
 * obolctl reads of answers. */
#include "daemon/control_serve.h"
#include "fuzz/server_world.h"

#include <string.h>

#define REQUESTS_MAX 12
#define TABLE_ROWS 8

static const struct obol_config config = {
	.server_name = "vpn.example.org",
	.domain = "example.org",
	.ca = { .lifetime_s = 3600,
			.mode = OBOL_MODE_PORTABLE,
			.key_type = OBOL_KEY_EC_P256 },
	.control = { .changes_per_day = 4 },
};

/*
 * Answers, as obolctl reads them
 */

static void read_list(struct obol_reader *r, uint8_t verb)
{
	size_t n = obol_read_u16(r), i;

	/* the largest structs are the caller's elsewhere; here one at a time */
	for (i = 0; i < n && obol_reader_ok(r); i++)
	{
		struct obol_account account;
		struct obol_slot slot;
		struct obol_list_item item;
		struct obol_history_item event;
		struct obol_store_certificate certificate;
		struct obol_store_revocation revocation;
		struct obol_store_gateway gateway;

		switch (verb)
		{
			case OBOL_CONTROL_ACCOUNTS:
				obol_control_read_account(r, &account);
				FUZZ_CHECK(strlen(account.name) <= OBOL_NAME_MAX);
				break;
			case OBOL_CONTROL_SLOTS:
				obol_control_read_slot(r, &slot);
				FUZZ_CHECK(strlen(slot.label) <= OBOL_LABEL_MAX);
				break;
			case OBOL_CONTROL_CREDENTIALS:
				obol_control_read_item(r, &item);
				FUZZ_CHECK(item.name.len <= OBOL_CREDENTIAL_NAME_MAX);
				break;
			case OBOL_CONTROL_HISTORY:
				obol_control_read_event(r, &event);
				FUZZ_CHECK(event.detail.len <= OBOL_TEXT_MAX);
				break;
			case OBOL_CONTROL_CERTIFICATES:
				obol_control_read_certificate(r, &certificate);
				FUZZ_CHECK(certificate.serial_len <= 20);
				break;
			case OBOL_CONTROL_REVOCATIONS:
				obol_control_read_revocation(r, &revocation);
				FUZZ_CHECK(revocation.serial_len <= 20);
				break;
			default:
				obol_control_read_gateway(r, &gateway);
				FUZZ_CHECK(strlen(gateway.name) <= OBOL_NAME_MAX);
				break;
		}
	}
}

static enum obol_status read_answer(uint8_t verb, struct obol_bytes in)
{
	struct obol_reader r = obol_reader_over(in);
	enum obol_status status = obol_control_read_status(&r);
	struct obol_control_hello hello;
	struct obol_store_revoked revoked;
	struct obol_account account;
	struct obol_control_code code = { .text = NULL };

	if (status != OBOL_OK)
	{
		return status;
	}
	switch (verb)
	{
		case OBOL_CONTROL_HELLO:
			obol_control_read_hello(&r, &hello);
			break;
		case OBOL_CONTROL_ACCOUNT:
			obol_control_read_account(&r, &account);
			break;
		case OBOL_CONTROL_UNLOCK:
			break;
		case OBOL_CONTROL_RESET:
			FUZZ_CHECK(obol_control_read_code(&r, &code) == OBOL_OK);
			obol_secret_free(code.text);
			break;
		case OBOL_CONTROL_REVOKE:
			obol_control_read_revoked(&r, &revoked);
			break;
		case OBOL_CONTROL_REVOCATIONS:
			(void)obol_read_u64(&r);
			read_list(&r, verb);
			break;
		default:
			read_list(&r, verb);
			break;
	}
	return obol_read_end(&r);
}

/*
 * Requests
 */

/* what was read is written as the same bytes */
static void check_request(struct obol_bytes in)
{
	struct obol_control_request request;
	struct obol_writer w;

	if (obol_control_read_request(in, &request) == OBOL_OK)
	{
		obol_writer_init(&w);
		obol_control_write_request(&w, &request);
		FUZZ_CHECK(obol_bytes_eq(obol_writer_view(&w), in));
		FUZZ_CHECK(in.len <= OBOL_CONTROL_REQUEST_MAX);
		obol_writer_clear(&w);
	}
}

/* One that names alice as she is, most often. */
static void fill_request(struct fuzz_script *script,
						 const struct obol_account *alice,
						 struct obol_control_request *request)
{
	uint8_t how = fuzz_u8(script);

	memset(request, 0, sizeof(*request));
	request->verb = (enum obol_control_verb)(1 + fuzz_below(script, 12));
	request->name = how & 1 ? fuzz_bytes(script) : obol_bytes_str(alice->name);
	request->account_id = how & 2 ? (int64_t)fuzz_u16(script) : alice->id;
	request->generation = how & 4 ? fuzz_u32(script) : alice->generation;
	request->seconds = how & 8 ? fuzz_u32(script) : 3600;
	request->since = how & 16 ? fuzz_u64(script) : 0;
	if (how & 32)
	{
		memcpy(request->device_id, fuzz_device_id, sizeof(request->device_id));
	}
}

static void ask(struct obol_control_server *server,
				struct obol_control_person *person, uint8_t verb,
				struct obol_bytes request)
{
	struct obol_writer answer;
	enum obol_status status;

	obol_writer_init(&answer);
	status = obol_control_serve(server, person, request, &answer);
	FUZZ_CHECK(status == OBOL_OK || status == OBOL_ERR_FORMAT);
	if (status == OBOL_OK)
	{
		status = read_answer(verb, obol_writer_view(&answer));
		/* nothing that a help desk asks for makes the store fail */
		FUZZ_CHECK(status == OBOL_OK || status == OBOL_ERR_NOT_FOUND ||
				   status == OBOL_ERR_EXISTS || status == OBOL_ERR_DENIED ||
				   status == OBOL_ERR_ARG);
	}
	else
	{
		FUZZ_CHECK(answer.len == 0);
	}
	obol_writer_clear(&answer);
}

static void find_alice(struct obol_store *store, struct obol_account *alice)
{
	struct obol_store_account_find arg = {
		.in.name = obol_bytes_str(FUZZ_ACCOUNT),
	};

	FUZZ_CHECK(obol_store_run(store, OBOL_STORE_ACCOUNT_FIND, &arg) == OBOL_OK);
	*alice = arg.out.account;
}

static void play(struct fuzz_script *script, struct obol_control_server *server)
{
	struct obol_control_person person;
	struct obol_control_request request;
	struct obol_account alice;
	struct obol_writer w;
	unsigned n;

	obol_control_person_init(&person, fuzz_u8(script), "dora");
	for (n = 0; n < REQUESTS_MAX && script->left; n++)
	{
		find_alice(server->store, &alice);
		obol_writer_init(&w);
		fill_request(script, &alice, &request);
		obol_control_write_request(&w, &request);
		if (obol_writer_status(&w) == OBOL_OK)
		{
			ask(server, &person, (uint8_t)request.verb, obol_writer_view(&w));
		}
		obol_writer_clear(&w);
	}
}

static void serve(struct fuzz_script *script)
{
	struct obol_control_server server = { .config = &config };
	struct fuzz_server world;

	fuzz_server_init(&world);
	server.store = world.store;
	server.keys = (struct obol_opaque_keys *)&world.world->keys;
	server.key_number = FUZZ_KEY_NUMBER;
	server.rng = &world.rng.rng;
	server.clock = &world.clock.clock;
	server.log = &world.log;
	FUZZ_CHECK(obol_keeper_table_new(TABLE_ROWS, server.rng, &server.table) ==
			   OBOL_OK);
	play(script, &server);
	obol_keeper_table_free(server.table);
	fuzz_server_clear(&world);
}

static void run(struct obol_bytes in)
{
	struct fuzz_script script = fuzz_script_over(in);

	switch (fuzz_below(&script, 3))
	{
		case 0:
			check_request(fuzz_rest(&script));
			break;
		case 1:
			serve(&script);
			break;
		default:
		{
			uint8_t verb = (uint8_t)(1 + fuzz_below(&script, 12));

			(void)!read_answer(verb, fuzz_rest(&script));
			break;
		}
	}
}

/* clang-format off */
/* show, list, slots, unlock, revoke, reset; once more than may be */
static const uint8_t day[] = {
	1, 7, 0, 0, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 8, 32, 10, 0, 9, 0, 8,
	0, 9, 0, 9, 0, 11,
};
static const uint8_t strange[] = {
	1, 7, 1, 1, 3, 'b', 'o', 'b', 2, 8, 0, 9, 4, 9, 0, 0, 0, 9, 8, 9, 0xff,
	0xff, 0xff, 0xff, 16, 6, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 1, 'z', 0, 7,
};
/* hello's answer, and a slot's */
static const uint8_t hello[] = {
	2, 0, 0, 0, 1, 'v', 0, 1, 'e', 0, 0, 14, 16, 1, 1, 0, 0, 0, 40,
};
/* clang-format on */

static void seed(struct fuzz_seeds *seeds)
{
	struct obol_control_request request = { .verb = OBOL_CONTROL_RESET,
											.account_id = 1,
											.generation = 2,
											.seconds = 3600,
											.name = obol_bytes_str("alice") };
	struct obol_writer w;

	obol_writer_init(&w);
	obol_write_u8(&w, 0);
	obol_control_write_request(&w, &request);
	fuzz_seed(seeds, "request", obol_writer_view(&w));
	obol_writer_clear(&w);
	fuzz_seed(seeds, "day", obol_bytes(day, sizeof(day)));
	fuzz_seed(seeds, "strange", obol_bytes(strange, sizeof(strange)));
	fuzz_seed(seeds, "hello", obol_bytes(hello, sizeof(hello)));
}

static struct fuzz_target target = {
	.name = "control",
	.what = "requests are encoded as they were; nothing that a help desk asks "
			"for makes the store fail; answers can be read",
	.run = run,
	.seed = seed,
	.max_len = 600,
};

FUZZ_TARGET(target)
