/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A client with a broken random generator: each draw gives the same bytes, so
 * that the nonce, which it sends in the clear, is its blind as well. What an
 * eavesdropper inside TLS keeps of it does give the password away, which proves
 * that guess-from-transcript can find one.
 *
 * usage: weak-client HOST:PORT ACCOUNT PASSWORD-FILE
 *
 * Tries one login with the password. Prints "login: right" or "login: failed";
 * exit status 0 for both. */
#include "testing/lib/tls-peer.h"

#include "base/file.h"
#include "session/client_session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER_LEN 16384
#define PASSWORD_MAX 1024

struct broken {
	struct obol_rng rng;
	uint8_t bytes[OBOL_OPAQUE_NN];
};

static enum obol_status fill(struct obol_rng *rng, uint8_t *out, size_t len)
{
	const struct broken *broken = rng->ctx;
	size_t i;

	for (i = 0; i < len; i++)
	{
		out[i] = broken->bytes[i % sizeof(broken->bytes)];
	}
	return OBOL_OK;
}

static struct obol_secret *read_password(const char *path)
{
	struct obol_secret *password = NULL;
	struct obol_bytes text;
	char why[256];

	if (obol_file_read(path, OBOL_FILE_PUBLIC, PASSWORD_MAX, &password, why,
					   sizeof(why)) != OBOL_OK)
	{
		tls_peer_die("%s", why);
	}
	text = obol_secret_view(password);
	if (text.len > 0 && text.ptr[text.len - 1] == '\n')
	{
		obol_secret_cut(password, text.len - 1);
	}
	return password;
}

static SSL *connect_to(char *target)
{
	char *colon = strrchr(target, ':');
	SSL_CTX *client;
	SSL *ssl;

	if (!colon)
	{
		tls_peer_die("no HOST:PORT: %s", target);
	}
	*colon = '\0';
	client = tls_peer_client();
	ssl = tls_peer_connect(client, target, colon + 1);
	SSL_CTX_free(client); /* the connection keeps it */
	return ssl;
}

static bool try_login(SSL *ssl, struct obol_rng *rng,
					  const struct obol_client_login *login)
{
	struct obol_client_session_config config = { .rng = rng };
	struct obol_client_session *session = NULL;
	unsigned char buffer[BUFFER_LEN];
	struct obol_bytes output;
	bool right;
	int got;

	tls_peer_exporter(ssl, config.exporter);
	if (obol_client_session_new(&config, &session) != OBOL_OK ||
		obol_client_session_login(session, login) != OBOL_OK)
	{
		tls_peer_die("no login can be made");
	}
	output = obol_client_session_output(session);
	if (!tls_peer_write(ssl, output.ptr, output.len))
	{
		tls_peer_die("the server does not listen");
	}
	while (obol_client_session_state(session) == OBOL_CLIENT_CHALLENGE &&
		   (got = tls_peer_read(ssl, buffer, sizeof(buffer))) >= 0)
	{
		(void)!obol_client_session_input(session,
										 obol_bytes(buffer, (size_t)got));
	}
	right = obol_client_session_state(session) == OBOL_CLIENT_READY;
	obol_client_session_free(session);
	return right;
}

int main(int argc, char *argv[])
{
	struct broken broken = { .rng = { fill, &broken } };
	struct obol_client_login login = { .kind = OBOL_SLOT_PASSWORD };
	struct obol_secret *password;
	SSL *ssl;

	if (argc != 4)
	{
		fprintf(stderr, "usage: weak-client HOST:PORT ACCOUNT PASSWORD-FILE\n");
		return 2;
	}
	/* even the broken generator differs from run to run, or else small
	 * numbers in the transcript would do as well */
	if (obol_rng_fill(obol_rng_system(), broken.bytes, sizeof(broken.bytes)) !=
		OBOL_OK)
	{
		tls_peer_die("no random numbers");
	}
	password = read_password(argv[3]);
	login.name = obol_bytes_str(argv[2]);
	login.secret = password;
	ssl = connect_to(argv[1]);
	printf("login: %s\n",
		   try_login(ssl, &broken.rng, &login) ? "right" : "failed");
	tls_peer_close(ssl);
	obol_secret_free(password);
	return 0;
}
