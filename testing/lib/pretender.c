/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine that plays the credential server itself: it has no record of the
 * account, so it makes one with keys of its own out of a guessed password and
 * looks whether the client believes it. Whoever can answer for the server's
 * name can do that, one guess for each login that the client tries.
 *
 * usage: pretender [-p PORT] [-c CERTIFICATE -k KEY] GUESS-FILE
 *
 * GUESS-FILE holds the guess, one newline at its end being no part of it. With
 * -c and -k it has the TLS key of the real server, as after a theft.
 *
 * Prints a line for each thing that happens:
 *
 *	connection			TCP
 *	tls complete		or "tls failed: ..."
 *	login kind=N		a LoginStart: one guess may be tested
 *	guess right			the client's KE3 fits: the guess is the password
 *	request type=N		the client believes it, and asks
 *	closed bytes=N guess=right|wrong|none	application bytes that the client
 *						sent in this connection, and what became of the guess */
#include "testing/lib/tls-peer.h"

#include "base/file.h"
#include "base/precis.h"
#include "pake/opaque_registration.h"
#include "seal/account_key.h"
#include "session/server_session.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUFFER_LEN 16384
#define KEY_NUMBER 1
#define GUESS_MAX 4096

struct pretender {
	struct obol_secret *guess;
	struct obol_opaque_keys keys;
	SSL_CTX *tls;
};

/* what one login is answered from */
struct registration {
	struct obol_ksf_params ksf;
	uint8_t record[OBOL_OPAQUE_RECORD_LEN];
	struct obol_secret *export_key;
};

static const uint8_t credential_identifier[OBOL_OPAQUE_NH] = { 1 };

static void must(enum obol_status status, const char *what)
{
	if (status != OBOL_OK)
	{
		tls_peer_die("%s: status %d", what, (int)status);
	}
}

/* Register the guess, both sides by itself. */
static void register_guess(struct pretender *this,
						   const struct obol_login_start *login,
						   struct registration *out)
{
	struct obol_opaque_identities ids = { .client = login->name };
	uint8_t request[OBOL_OPAQUE_REGISTRATION_REQUEST_LEN];
	uint8_t response[OBOL_OPAQUE_REGISTRATION_RESPONSE_LEN];
	uint8_t public_key[OBOL_OPAQUE_NPK];
	struct obol_opaque_registration *state = NULL;
	struct obol_secret *input = NULL;
	struct obol_ksf ksf;

	out->ksf = login->kind == OBOL_SLOT_PASSWORD ? obol_ksf_default
												 : obol_ksf_identity;
	must(obol_ksf_init(&ksf, &out->ksf), "key stretching");
	must(obol_login_oprf_input(login->name, this->guess, &input), "input");
	must(obol_opaque_registration_start(obol_rng_system(), input, request,
										&state),
		 "registration");
	must(obol_opaque_registration_respond(
			 &this->keys, KEY_NUMBER,
			 obol_bytes(credential_identifier, sizeof(credential_identifier)),
			 obol_bytes(request, sizeof(request)), response),
		 "registration");
	must(obol_opaque_registration_finish(
			 state, obol_bytes(response, sizeof(response)), &ids, &ksf,
			 out->record, &out->export_key, public_key),
		 "registration");
	obol_opaque_registration_free(state);
	obol_secret_free(input);
}

static void challenge(struct pretender *this,
					  struct obol_server_session *session,
					  struct registration *registration)
{
	const struct obol_login_start *login = obol_server_session_login(session);
	struct obol_server_challenge answer = {
		.key_number = KEY_NUMBER,
		.credential_identifier =
			obol_bytes(credential_identifier, sizeof(credential_identifier)),
	};

	printf("login kind=%u\n", (unsigned)login->kind);
	register_guess(this, login, registration);
	answer.ksf = registration->ksf;
	answer.record = obol_bytes(registration->record, OBOL_OPAQUE_RECORD_LEN);
	must(obol_server_session_challenge(session, &answer), "challenge");
}

/* Whoever has guessed the password can make an account key as well. */
static void accept_login(struct obol_server_session *session,
						 const struct registration *registration)
{
	struct obol_login_done done = {
		.server_time = obol_now(obol_clock_system()),
	};
	struct obol_account_key key;
	struct obol_writer wrap;

	printf("guess right\n");
	obol_writer_init(&wrap);
	must(obol_account_key_new(obol_rng_system(), &key), "account key");
	must(obol_slot_wrap(
			 obol_rng_system(), registration->export_key,
			 (enum obol_slot_kind)obol_server_session_login(session)->kind,
			 &key, &wrap),
		 "wrap");
	done.wrap = obol_writer_view(&wrap);
	must(obol_server_session_accept(session, &done), "login done");
	obol_writer_clear(&wrap);
	obol_account_key_clear(&key);
}

/* Deal with all events; false at the end. */
static bool deal_with(struct pretender *this,
					  struct obol_server_session *session,
					  struct registration *registration)
{
	while (1)
	{
		switch (obol_server_session_event(session))
		{
			case OBOL_EVENT_LOGIN_START:
				challenge(this, session, registration);
				break;
			case OBOL_EVENT_LOGIN_FINISH:
				accept_login(session, registration);
				break;
			case OBOL_EVENT_REQUEST:
				printf("request type=%d\n",
					   (int)obol_server_session_request(session)->type);
				must(obol_server_session_refuse(session, OBOL_REPLY_NOT_FOUND,
												NULL),
					 "refusal");
				break;
			case OBOL_EVENT_NONE:
				return true;
			default:
				return false;
		}
	}
}

static void send_output(struct obol_server_session *session, SSL *ssl)
{
	struct obol_bytes output = obol_server_session_output(session);

	(void)tls_peer_write(ssl, output.ptr, output.len);
	obol_server_session_sent(session, output.len);
}

static void serve(struct pretender *this, SSL *ssl)
{
	struct obol_server_session_config config = {
		.rng = obol_rng_system(),
		.clock = obol_clock_system(),
		.keys = &this->keys,
	};
	struct obol_server_session *session = NULL;
	struct registration registration = { 0 };
	unsigned char buffer[BUFFER_LEN];
	const char *guess = "none";
	size_t total = 0;
	bool goes_on = true;
	int got;

	tls_peer_exporter(ssl, config.exporter);
	must(obol_server_session_new(&config, &session), "session");
	while (goes_on && (got = tls_peer_read(ssl, buffer, sizeof(buffer))) >= 0)
	{
		total += (size_t)got;
		must(
			obol_server_session_input(session, obol_bytes(buffer, (size_t)got)),
			"input");
		goes_on = deal_with(this, session, &registration);
		send_output(session, ssl);
	}
	if (obol_server_session_is_open(session))
	{
		guess = "right";
	}
	else if (obol_server_session_login(session))
	{
		guess = "wrong";
	}
	printf("closed bytes=%zu guess=%s\n", total, guess);
	obol_server_session_free(session);
	obol_secret_free(registration.export_key);
}

static void read_guess(struct pretender *this, const char *path)
{
	struct obol_secret *typed = NULL;
	struct obol_bytes text;
	char why[256];

	if (obol_file_read(path, OBOL_FILE_PUBLIC, GUESS_MAX, &typed, why,
					   sizeof(why)) != OBOL_OK)
	{
		tls_peer_die("%s", why);
	}
	text = obol_secret_view(typed);
	if (text.len > 0 && text.ptr[text.len - 1] == '\n')
	{
		obol_secret_cut(typed, text.len - 1);
	}
	must(obol_precis_password(typed, &this->guess), "the guess");
	obol_secret_free(typed);
}

static void make_keys(struct pretender *this)
{
	struct obol_secret *seed = NULL, *private_key = NULL;
	uint8_t public_key[OBOL_OPAQUE_NPK];

	/* in use, and so not freed, until the program is ended */
	must(obol_rng_secret(obol_rng_system(), OBOL_OPAQUE_NH, &seed), "seed");
	must(obol_opaque_generate_key_pair(obol_rng_system(), &private_key,
									   public_key),
		 "key");
	must(
		obol_opaque_local_keys_init(&this->keys, KEY_NUMBER, seed, private_key),
		"keys");
}

int main(int argc, char *argv[])
{
	const char *port = "4501", *certificate = NULL, *key = NULL;
	struct pretender this = { 0 };
	int option, listener;
	SSL *ssl;

	while ((option = getopt(argc, argv, "p:c:k:")) != -1)
	{
		switch (option)
		{
			case 'p':
				port = optarg;
				break;
			case 'c':
				certificate = optarg;
				break;
			case 'k':
				key = optarg;
				break;
			default:
				return 2;
		}
	}
	if (argc - optind != 1 || !certificate != !key)
	{
		fprintf(stderr, "usage: pretender [-p PORT] [-c CERTIFICATE -k KEY] "
						"GUESS-FILE\n");
		return 2;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	read_guess(&this, argv[optind]);
	make_keys(&this);
	this.tls = tls_peer_server(certificate, key);
	listener = tls_peer_listen(port);
	printf("listening\n");
	while (1)
	{
		ssl = tls_peer_accept(this.tls, listener);
		if (ssl)
		{
			serve(&this, ssl);
			tls_peer_close(ssl);
		}
	}
}
