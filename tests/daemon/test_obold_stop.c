/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Clients that stop writing, and never read on, at each point of a login with
 * a request behind it. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "daemon/running.h"
#include "support/run.h"

Suite *obold_stop_suite(void);

#define WAIT_MS 60000
#define ALL SIZE_MAX

/** Where one stops, in bytes of its first flight (LoginStart) or its second
 * (LoginFinish, and a Put). */
static const struct stop {
	int flight;
	size_t len;
	/** that many bytes before the flight's end instead */
	size_t before_end;
	/** its guess is gone: KE2 was sent, KE3 did not come */
	bool costs_a_guess;
} stops[] = {
	{ 1, 0, 0, false },
	{ 1, 1, 0, false },
	{ 1, OBOL_FRAME_HEADER_LEN, 0, false },
	{ 1, 100, 0, false },
	{ 1, ALL, 1, false },
	{ 1, ALL, 0, true },
	{ 2, 1, 0, true },
	{ 2, OBOL_FRAME_HEADER_LEN, 0, true },
	{ 2, OBOL_FRAME_HEADER_LEN + OBOL_OPAQUE_KE3_LEN - 1, 0, true },
	{ 2, OBOL_FRAME_HEADER_LEN + OBOL_OPAQUE_KE3_LEN, 0, false },
	{ 2, OBOL_FRAME_HEADER_LEN + OBOL_OPAQUE_KE3_LEN + 1, 0, false },
	{ 2, 2 * OBOL_FRAME_HEADER_LEN + OBOL_OPAQUE_KE3_LEN, 0, false },
	{ 2, ALL, 1, false },
	/* the answer is never read */
	{ 2, ALL, 0, false },
};
#define N_STOPS (sizeof(stops) / sizeof(stops[0]))

static struct running r;

static void setup(void)
{
	(void)signal(SIGPIPE, SIG_IGN);
	running_init(&r, SHORT);
	world_start(&r.world);
	world_activate(&r.world, "alice");
	world_stop(&r.world);
	ck_assert_msg(running_start(&r), "%s", running_log(&r));
}

static void teardown(void)
{
	running_clear(&r);
}

static struct obol_client_session *session_over(SSL *ssl)
{
	struct obol_client_session_config config = { .rng = obol_rng_system() };
	struct obol_client_session *session = NULL;
	struct obol_secret *secret =
		obol_secret_dup(DEVICE_SECRET, strlen(DEVICE_SECRET));
	struct obol_client_login login = {
		.kind = OBOL_SLOT_DEVICE,
		.name = obol_bytes_str("alice"),
		.secret = secret,
	};

	memcpy(login.device_id, device_one, sizeof(login.device_id));
	ck_assert_int_eq(
		SSL_export_keying_material(ssl, config.exporter, OBOL_EXPORTER_LEN,
								   OBOL_EXPORTER_LABEL,
								   strlen(OBOL_EXPORTER_LABEL), NULL, 0, 1),
		1);
	ck_assert_int_eq(obol_client_session_new(&config, &session), OBOL_OK);
	ck_assert_int_eq(obol_client_session_login(session, &login), OBOL_OK);
	obol_secret_free(secret);
	return session;
}

static void ask_put(struct obol_client_session *session)
{
	struct obol_request put = { .type = OBOL_PUT };

	put.put.name = obol_bytes_str("vpn");
	put.put.format = OBOL_FORMAT_OPAQUE;
	put.put.generation = 2;
	put.put.sealed = obol_bytes_str("sealed");
	ck_assert_int_eq(obol_client_session_request(session, &put), OBOL_OK);
}

/* The first len bytes of what the session has to say. */
static void send_part(SSL *ssl, struct obol_client_session *session, size_t len,
					  size_t before_end)
{
	struct obol_bytes out = obol_client_session_output(session);
	size_t n = len < out.len ? len : out.len - before_end;

	ck_assert_uint_gt(out.len, before_end);
	if (n)
	{
		ck_assert_int_eq(SSL_write(ssl, out.ptr, (int)n), (int)n);
		obol_client_session_sent(session, n);
	}
}

static void read_ke2(SSL *ssl, struct obol_client_session *session)
{
	char buf[4096];
	int n;

	while (obol_client_session_state(session) != OBOL_CLIENT_READY)
	{
		n = SSL_read(ssl, buf, sizeof(buf));
		ck_assert_int_gt(n, 0);
		ck_assert_int_eq(
			obol_client_session_input(session, obol_bytes(buf, (size_t)n)),
			OBOL_OK);
	}
}

static SSL *stop_at(const struct stop *stop)
{
	SSL *ssl = tls_connect(&r, &good_wish);
	struct obol_client_session *session;

	ck_assert_ptr_nonnull(ssl);
	session = session_over(ssl);
	if (stop->flight == 2)
	{
		send_part(ssl, session, ALL, 0);
		read_ke2(ssl, session);
		ask_put(session);
	}
	send_part(ssl, session, stop->len, stop->before_end);
	obol_client_session_free(session);
	return ssl;
}

/* A login that goes through, and how many failed before it. */
static uint32_t failures_since(void)
{
	SSL *ssl = tls_connect(&r, &good_wish);
	struct obol_request info = { .type = OBOL_INFO };
	struct obol_client_session *session;
	uint32_t n_failures;

	ck_assert_ptr_nonnull(ssl);
	session = session_over(ssl);
	send_part(ssl, session, ALL, 0);
	read_ke2(ssl, session);
	ck_assert_int_eq(obol_client_session_request(session, &info), OBOL_OK);
	send_part(ssl, session, ALL, 0);
	read_ke2(ssl, session);
	ck_assert_ptr_nonnull(obol_client_session_answer(session));
	n_failures = obol_client_session_login_done(session)->n_failures;
	obol_client_session_free(session);
	tls_close(ssl);
	return n_failures;
}

static uint64_t version_of_vpn(void)
{
	struct obol_store_list *list = calloc(1, sizeof(*list));
	uint64_t version = 0;

	ck_assert_ptr_nonnull(list);
	list->in.account_id = world_account(&r.world, "alice").id;
	list->in.generation = 2;
	world_run(&r.world, OBOL_STORE_LIST, list);
	if (list->out.n_items)
	{
		version = list->out.items[0].version;
	}
	free(list);
	return version;
}

START_TEST(each_point)
{
	SSL *stopped[N_STOPS];
	unsigned n_guesses = 0;
	uint32_t n_failures;
	size_t i;

	/* the last one is whole: before it nothing may have been stored */
	for (i = 0; i < N_STOPS; i++)
	{
		ck_assert_uint_eq(version_of_vpn(), 0);
		stopped[i] = stop_at(&stops[i]);
		n_guesses += stops[i].costs_a_guess;
	}
	/* others are served meanwhile; each good login begins the count anew */
	n_failures = failures_since();
	for (i = 0; i < N_STOPS; i++)
	{
		ck_assert_msg(tls_is_ended(stopped[i], WAIT_MS), "stop %zu", i);
		tls_close(stopped[i]);
	}
	/* what was whole was done once, what was not left nothing but its guess */
	ck_assert_uint_eq(version_of_vpn(), 1);
	n_failures += failures_since();
	ck_assert_uint_eq(n_failures, n_guesses);
	ck_assert_uint_eq(failures_since(), 0);
}
END_TEST

/* The same, and then the line goes dead for the server too: a reset. */
START_TEST(each_point_reset)
{
	struct linger none = { 1, 0 };
	size_t i;
	SSL *ssl;

	for (i = 0; i < N_STOPS; i++)
	{
		ssl = stop_at(&stops[i]);
		ck_assert_int_eq(setsockopt(SSL_get_fd(ssl), SOL_SOCKET, SO_LINGER,
									&none, sizeof(none)),
						 0);
		tls_close(ssl);
	}
	ck_assert_uint_le(failures_since(), N_STOPS);
	ck_assert_uint_le(version_of_vpn(), 1);
	ck_assert_int_eq(running_stop(&r), 0);
	ck_assert_ptr_null(strstr(running_log(&r), "killed by signal"));
}
END_TEST

Suite *obold_stop_suite(void)
{
	Suite *s = suite_create("obold_stop");
	TCase *tc = tcase_create("obold_stop");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, each_point);
	tcase_add_test(tc, each_point_reset);
	suite_add_tcase(s, tc);
	return s;
}
