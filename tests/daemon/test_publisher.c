/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The revocation list as obold gives it out: a file, and HTTP. */
#include <stdio.h>
#include <stdlib.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/x509.h>

#include "daemon/running.h"
#include "store/store_revocation.h"
#include "support/run.h"

Suite *publisher_suite(void);

#define LIMIT_MS 60000
#define HTTP "http {\n\tlisten = \"127.0.0.1:0\"\n}\n"

static struct running r;
static char answer[1 << 16];
static size_t answer_len;

/** Of the second "listening on". */
static unsigned http_port(void)
{
	static const char mark[] = "listening on 127.0.0.1:";
	const char *said = strstr(running_log(&r), mark);

	ck_assert_ptr_nonnull(said);
	said = strstr(said + 1, mark);
	ck_assert_ptr_nonnull(said);
	return (unsigned)atoi(said + sizeof(mark) - 1);
}

/** Send a request and take all of the answer; its status, 0 for none. */
static int ask(const char *request)
{
	unsigned port = r.port;
	ssize_t n;
	int fd;

	r.port = http_port();
	fd = tcp_connect(&r);
	r.port = port;
	ck_assert_int_eq(send(fd, request, strlen(request), MSG_NOSIGNAL),
					 (ssize_t)strlen(request));
	answer_len = 0;
	while ((n = recv(fd, answer + answer_len, sizeof(answer) - 1 - answer_len,
					 0)) > 0)
	{
		answer_len += (size_t)n;
	}
	(void)close(fd);
	answer[answer_len] = '\0';
	return strncmp(answer, "HTTP/1.1 ", 9) == 0 ? atoi(answer + 9) : 0;
}

/** Entries of a list in DER; -1 when it is none. */
static int n_entries(const void *der, size_t len)
{
	const unsigned char *pos = der;
	X509_CRL *crl = d2i_X509_CRL(NULL, &pos, (long)len);
	int n = -1;

	if (crl)
	{
		n = sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl));
		n = n < 0 ? 0 : n;
	}
	X509_CRL_free(crl);
	return n;
}

static int n_over_http(void)
{
	const char *body;

	if (ask("GET /crl HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n") != 200)
	{
		return -1;
	}
	body = strstr(answer, "\r\n\r\n");
	ck_assert_ptr_nonnull(body);
	body += 4;
	return n_entries(body, answer_len - (size_t)(body - answer));
}

static int n_in_file(void)
{
	static char der[1 << 16];

	return n_entries(der,
					 tempdir_read(&r.world.dir, "obol.crl", der, sizeof(der)));
}

static void revoke_one(uint8_t seed)
{
	struct obol_store_issued issued = {
		.in = { .request = { .now = obol_now(obol_clock_system()) },
				.serial = { seed },
				.serial_len = 1,
				.not_after = obol_now(obol_clock_system()) + DAY }
	};
	struct obol_store_certificate_revoke revoke = {
		.in = { .serial = { seed },
				.serial_len = 1,
				.now = obol_now(obol_clock_system()) }
	};

	world_run(&r.world, OBOL_STORE_ISSUED, &issued);
	world_run(&r.world, OBOL_STORE_CERTIFICATE_REVOKE, &revoke);
}

/** A file gets there in time. */
static void wait_for_file(int n)
{
	uint64_t end = test_ms() + LIMIT_MS;

	while (n_in_file() != n)
	{
		ck_assert_msg(test_ms() < end, "%s", running_log(&r));
		test_sleep(10);
	}
}

START_TEST(gives_out)
{
	running_init(&r, HTTP);
	ck_assert_msg(running_start(&r), "%s", running_log(&r));
	/* made before the start is told */
	ck_assert_int_eq(n_in_file(), 0);
	ck_assert_int_eq(n_over_http(), 0);
	ck_assert_ptr_nonnull(
		strstr(answer, "Content-Type: application/pkix-crl\r\n"));
	revoke_one(1);
	wait_for_file(1);
	ck_assert_int_eq(n_over_http(), 1);
	revoke_one(2);
	wait_for_file(2);
	ck_assert_int_eq(n_over_http(), 2);
	ck_assert_int_eq(running_stop(&r), 0);
	running_clear(&r);
}
END_TEST

START_TEST(answers_nothing_else)
{
	static const struct {
		const char *request;
		int status;
	} rows[] = {
		{ "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 404 },
		{ "GET /crl/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 404 },
		{ "GET /../obold.keys HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
		  404 },
		{ "POST /crl HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n"
		  "Connection: close\r\n\r\nabcd",
		  413 },
		{ "DELETE /crl HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 501 },
		{ "\r\n\r\n", 0 },
		{ "\x16\x03\x01\x02\r\n\r\n", 0 },
	};
	size_t i;

	running_init(&r, HTTP);
	ck_assert_msg(running_start(&r), "%s", running_log(&r));
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
	{
		int status = ask(rows[i].request);

		ck_assert_msg(rows[i].status ? status == rows[i].status : status != 200,
					  "%s gives %d", rows[i].request, status);
		ck_assert_ptr_null(strstr(answer, "OBOLKEY"));
	}
	/* the query is nobody's business, HEAD has no body */
	ck_assert_int_eq(
		ask("GET /crl?a=b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
		200);
	ck_assert_int_eq(
		ask("HEAD /crl HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), 200);
	ck_assert_str_eq(strstr(answer, "\r\n\r\n"), "\r\n\r\n");
	ck_assert_int_eq(n_over_http(), 0);
	running_clear(&r);
}
END_TEST

/* A listener that many strangers open connections to is not used up for good,
 * and obold itself goes on. */
START_TEST(many_connections)
{
	int fds[200], n_open = 0;
	uint64_t began;
	unsigned port;
	size_t i;

	running_init(&r, HTTP);
	ck_assert_msg(running_start(&r), "%s", running_log(&r));
	port = r.port;
	r.port = http_port();
	for (i = 0; i < 200; i++)
	{
		fds[i] = tcp_connect(&r);
	}
	r.port = port;
	/* the list is made and written meanwhile */
	revoke_one(1);
	wait_for_file(1);
	began = test_ms();
	ck_assert_int_eq(n_over_http(), 1);
	/* not after those have timed out */
	ck_assert_uint_lt(test_ms() - began, 9000);
	for (i = 0; i < 200; i++)
	{
		n_open += !tcp_is_ended(fds[i], 1);
		(void)close(fds[i]);
	}
	ck_assert_int_ge(n_open, 1);
	ck_assert_int_le(n_open, 16);
	running_clear(&r);
}
END_TEST

START_TEST(signed_in_time)
{
	running_init(&r, "crl {\n\tlifetime = \"10s\"\n}\n");
	ck_assert_msg(running_start(&r), "%s", running_log(&r));
	ck_assert_int_eq(n_in_file(), 0);
	/* revoked while obold is off, and then it starts */
	ck_assert_int_eq(running_stop(&r), 0);
	revoke_one(1);
	ck_assert_int_eq(n_in_file(), 0);
	ck_assert_msg(running_start(&r), "%s", running_log(&r));
	ck_assert_int_eq(n_in_file(), 1);
	/* and without any reason but its age */
	ck_assert_int_eq(truncate(tempdir_file(&r.world.dir, "obol.crl"), 0), 0);
	wait_for_file(1);
	running_clear(&r);
}
END_TEST

/* What cannot be written is said, and obold serves all the same. */
START_TEST(no_place_for_the_file)
{
	running_init(&r, "crl {\n\tfile = \"/nowhere/at/all/obol.crl\"\n}\n");
	ck_assert_msg(running_start(&r), "%s", running_log(&r));
	ck_assert(running_says(&r, "/nowhere/at/all/obol.crl"));
	ck_assert_int_eq(running_stop(&r), 0);
	running_clear(&r);
}
END_TEST

static char old_list[1 << 16];

/** The old CA's list has so many entries, and is by that CA. */
static bool is_old_list(int n)
{
	const char *path = tempdir_file(&r.world.dir, "ca-old.crt");
	size_t len =
		tempdir_read(&r.world.dir, "obol-old.crl", old_list, sizeof(old_list));
	const unsigned char *pos = (const unsigned char *)old_list;
	X509_CRL *crl = d2i_X509_CRL(NULL, &pos, (long)len);
	FILE *file = fopen(path, "r");
	X509 *ca = file ? PEM_read_X509(file, NULL, NULL, NULL) : NULL;
	bool is = crl && ca && n_entries(old_list, len) == n &&
			  X509_CRL_verify(crl, X509_get0_pubkey(ca)) == 1;

	if (file)
	{
		(void)fclose(file);
	}
	X509_CRL_free(crl);
	X509_free(ca);
	return is;
}

/* The CA before the present one: its certificates stand under a list of its
 * own. */
START_TEST(old_ca)
{
	char why[256];

	running_init(&r, HTTP);
	ck_assert_msg(obol_ca_create("Old CA", 100 * DAY,
								 tempdir_file(&r.world.dir, "ca-old.crt"),
								 tempdir_file(&r.world.dir, "ca-old.key"),
								 obol_clock_system(), why,
								 sizeof(why)) == OBOL_OK,
				  "%s", why);
	ck_assert_msg(running_start(&r), "%s", running_log(&r));
	ck_assert(is_old_list(0));
	revoke_one(1);
	wait_for_file(1);
	ck_assert(running_says(&r, "is out"));
	while (!is_old_list(1))
	{
		test_sleep(10);
	}
	ck_assert_int_eq(
		ask("GET /crl-old HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
		200);
	ck_assert_int_eq(running_stop(&r), 0);
	running_clear(&r);
}
END_TEST

/* One that is of no use any more is told, and obold serves all the same. */
START_TEST(old_ca_unusable)
{
	FILE *file;

	running_init(&r, HTTP);
	file = fopen(tempdir_file(&r.world.dir, "ca-old.crt"), "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_msg(running_start(&r), "%s", running_log(&r));
	ck_assert(running_says(&r, "old CA's revocation list is not made"));
	ck_assert_int_eq(n_over_http(), 0);
	ck_assert_int_eq(
		ask("GET /crl-old HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
		404);
	ck_assert_int_eq(running_stop(&r), 0);
	running_clear(&r);
}
END_TEST

START_TEST(without_a_ca)
{
	running_init(&r, "ca {\n\tcertificate = \"\"\n\tkey = \"\"\n}\n" HTTP);
	ck_assert_msg(running_start(&r), "%s", running_log(&r));
	ck_assert_int_eq(
		ask("GET /crl HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), 404);
	running_clear(&r);
}
END_TEST

START_TEST(reload)
{
	running_init(&r, HTTP);
	ck_assert_msg(running_start(&r), "%s", running_log(&r));
	ck_assert_int_eq(n_over_http(), 0);
	ck_assert_int_eq(kill(r.pid, SIGHUP), 0);
	ck_assert(running_says(&r, "reloaded"));
	revoke_one(1);
	wait_for_file(1);
	ck_assert_msg(n_over_http() == 1, "%s\n%s", answer, running_log(&r));
	ck_assert_int_eq(running_stop(&r), 0);
	running_clear(&r);
}
END_TEST

Suite *publisher_suite(void)
{
	Suite *suite = suite_create("publisher");
	TCase *tc = tcase_create("publisher");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, gives_out);
	tcase_add_test(tc, answers_nothing_else);
	tcase_add_test(tc, many_connections);
	tcase_add_test(tc, signed_in_time);
	tcase_add_test(tc, no_place_for_the_file);
	tcase_add_test(tc, old_ca);
	tcase_add_test(tc, old_ca_unusable);
	tcase_add_test(tc, without_a_ca);
	tcase_add_test(tc, reload);
	suite_add_tcase(suite, tc);
	return suite;
}
