/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plays the attacker who sat in the middle (relay), kept every decrypted byte,
 * and now wants the password: tries each candidate of a list against all that
 * was kept.
 *
 * usage: guess-from-transcript TRANSCRIPT CANDIDATES
 *
 * CANDIDATES has a password (or activation or recovery code) in each line.
 * Prints "read connections=N logins=N challenges=N finishes=N bytes=N
 * blinds=N", then "match: line N: WHY" for each candidate that fits, last
 * "match" or "no match". Exit status 0 when there is a match, 1 when there is
 * none, 3 when the transcript or the list is no use.
 *
 * What would be a match:
 *
 *  - The password in the transcript, plain (as PAP has it), in UTF-16, hex or
 *    base64; its digest, alone or with the name; a response as CHAP and its
 *    kind make it: MD5, SHA-1 or SHA-256 over password and challenge, or an
 *    HMAC keyed with the password, every 8, 16 and 32 bytes that were seen
 *    being taken for a challenge.
 *  - The blind. KE1 has blind * H(name, password). Whoever knows the blind
 *    checks a candidate with one multiplication. It is a secret of the client
 *    and never leaves it, so all that can be done is to try what a defective
 *    client could have let out: every 32 bytes that were seen, also those
 *    among zeros, which makes small numbers of them.
 *  - A server without a key. The evaluated element is key * blind *
 *    H(name, password). With a key of 1 the candidate alone gives the
 *    stretched password, and with that the envelope's tag tells right from
 *    wrong.
 *
 * What can not be tried, and why: KE2's masked response is covered by a pad
 * from the stretched password, whose input is key * H(name, password). The
 * attacker has blind * H and key * blind * H; to get from a candidate's H to
 * key * H is the one-more Diffie-Hellman problem (RFC 9497, 7.2; RFC 9807,
 * 10.2). For every candidate there is a blind that explains what was seen, so
 * KE1 and the evaluated element alone fit all candidates alike. Server's and
 * client's MAC are keyed by three Diffie-Hellman values, of which each needs a
 * private key of client or server. Guessing those is not guessing a password.
 */
#include "testing/lib/guess-digest.h"
#include "testing/lib/guess-opaque.h"
#include "testing/lib/transcript.h"

#include "base/precis.h"
#include "seal/code.h"

#include <stdio.h>
#include <stdlib.h>

#define EXIT_MATCH 0
#define EXIT_NO_MATCH 1
#define EXIT_USAGE 2
#define EXIT_BROKEN 3

struct attack {
	struct transcript *transcript;
	struct guess_opaque *opaque[TRANSCRIPT_CONNECTIONS_MAX];
	size_t n_candidates;
	size_t n_matches;
};

/* one secret against one connection */
static const char *check(const struct attack *attack, size_t i,
						 const struct obol_secret *secret)
{
	const struct transcript_connection *connection =
		&attack->transcript->connections[i];
	struct obol_bytes name = obol_bytes(NULL, 0);
	const char *found;

	if (connection->has_start)
	{
		name = connection->start.name;
	}
	found = guess_written(obol_writer_view(&connection->all), name,
						  obol_secret_view(secret));
	if (!found && attack->opaque[i])
	{
		found = guess_opaque_check(attack->opaque[i], secret);
	}
	return found;
}

static const char *check_all(const struct attack *attack,
							 const struct obol_secret *secret)
{
	const char *found = NULL;
	size_t i;

	for (i = 0; !found && i < attack->transcript->n_connections; i++)
	{
		found = check(attack, i, secret);
	}
	return found;
}

/* A line as a password, and as a code if it can be one. */
static const char *check_line(const struct attack *attack, const char *line,
							  size_t len)
{
	static const unsigned bits[] = { OBOL_ACTIVATION_BITS, OBOL_RECOVERY_BITS };
	struct obol_secret *typed = obol_secret_dup(line, len);
	struct obol_secret *secret = NULL;
	const char *found = NULL;
	size_t i;

	if (!typed || obol_precis_password(typed, &secret) != OBOL_OK)
	{
		fprintf(stderr,
				"guess-from-transcript: line %zu of the candidates is "
				"no password\n",
				attack->n_candidates);
		exit(EXIT_BROKEN);
	}
	found = check_all(attack, secret);
	obol_secret_free(secret);
	for (i = 0; !found && i < sizeof(bits) / sizeof(bits[0]); i++)
	{
		if (obol_code_parse(obol_secret_view(typed), bits[i], &secret) ==
			OBOL_OK)
		{
			found = check_all(attack, secret);
			obol_secret_free(secret);
		}
	}
	obol_secret_free(typed);
	return found;
}

static void try_candidates(struct attack *attack, const char *path)
{
	FILE *file = fopen(path, "re");
	const char *found;
	char *line = NULL;
	size_t size = 0;
	ssize_t len;

	if (!file)
	{
		perror(path);
		exit(EXIT_BROKEN);
	}
	while ((len = getline(&line, &size, file)) > 0)
	{
		len -= line[len - 1] == '\n';
		attack->n_candidates++;
		found = check_line(attack, line, (size_t)len);
		if (found)
		{
			attack->n_matches++;
			printf("match: line %zu: %s\n", attack->n_candidates, found);
		}
	}
	free(line);
	fclose(file);
}

/* a frame of the client's behind its LoginStart */
static bool has_finish(const struct transcript_connection *connection)
{
	return connection->has_start &&
		   obol_writer_view(&connection->client).len >
			   OBOL_FRAME_HEADER_LEN + OBOL_LOGIN_START_LEN;
}

static void prepare(struct attack *attack)
{
	const struct transcript_connection *connection;
	size_t i, n_logins = 0, n_challenges = 0, n_finishes = 0, n_bytes = 0;
	size_t n_blinds = 0;

	for (i = 0; i < attack->transcript->n_connections; i++)
	{
		connection = &attack->transcript->connections[i];
		if (connection->has_start)
		{
			attack->opaque[i] = guess_opaque_new(connection);
			n_blinds += guess_opaque_tried(attack->opaque[i]);
		}
		n_logins += connection->has_start;
		n_challenges += connection->has_challenge;
		n_finishes += has_finish(connection);
		n_bytes += obol_writer_view(&connection->client).len +
				   obol_writer_view(&connection->server).len;
	}
	printf("read connections=%zu logins=%zu challenges=%zu finishes=%zu "
		   "bytes=%zu blinds=%zu\n",
		   attack->transcript->n_connections, n_logins, n_challenges,
		   n_finishes, n_bytes, n_blinds);
}

int main(int argc, char *argv[])
{
	struct attack *attack;
	size_t i, n_matches;

	if (argc != 3)
	{
		fprintf(stderr, "usage: guess-from-transcript TRANSCRIPT CANDIDATES\n");
		return EXIT_USAGE;
	}
	attack = calloc(1, sizeof(*attack));
	if (!attack)
	{
		return EXIT_BROKEN;
	}
	attack->transcript = transcript_read(argv[1]);
	prepare(attack);
	try_candidates(attack, argv[2]);
	n_matches = attack->n_matches;
	printf("%s, candidates=%zu\n", n_matches ? "match" : "no match",
		   attack->n_candidates);
	if (attack->n_candidates == 0)
	{
		fprintf(stderr, "guess-from-transcript: %s is empty\n", argv[2]);
		return EXIT_BROKEN;
	}
	for (i = 0; i < attack->transcript->n_connections; i++)
	{
		if (attack->opaque[i])
		{
			guess_opaque_free(attack->opaque[i]);
		}
	}
	transcript_free(attack->transcript);
	free(attack);
	return n_matches ? EXIT_MATCH : EXIT_NO_MATCH;
}
