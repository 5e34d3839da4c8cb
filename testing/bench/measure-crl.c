/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long a revocation list takes: from the records in the store to the signed
 * list in it.
 *
 * usage: measure-crl FOLDER ENTRIES	prints crl_entries= crl_bytes= crl_ms=
 */
#include <stdio.h>
#include <stdlib.h>

#include <sqlite3.h>

#include "server/crl.h"
#include "store/store_sqlite.h"

#define DAY_S ((uint64_t)86400)

static struct obol_store *make_store(const char *dir)
{
	char path[1024], why[512];
	struct obol_store_sqlite_options options = { .path = path,
												 .create = true,
												 .guess_rows_max = 1000,
												 .rng = obol_rng_system() };
	struct obol_store *store = NULL;

	(void)snprintf(path, sizeof(path), "%s/obol.db", dir);
	if (obol_store_sqlite_open(&options, &store, why, sizeof(why)) != OBOL_OK)
	{
		(void)fprintf(stderr, "measure-crl: %s\n", why);
	}
	return store;
}

static struct obol_issuer *make_issuer(const char *dir)
{
	char certificate[1024], key[1024], why[512];
	struct obol_issuer_file_options options = {
		.certificate_path = certificate,
		.key_path = key,
		.rng = obol_rng_system(),
		.clock = obol_clock_system(),
	};
	struct obol_issuer *issuer = NULL;

	(void)snprintf(certificate, sizeof(certificate), "%s/ca.crt", dir);
	(void)snprintf(key, sizeof(key), "%s/ca.key", dir);
	if (obol_ca_create("Bench CA", 100 * (uint32_t)DAY_S, certificate, key,
					   options.clock, why, sizeof(why)) != OBOL_OK ||
		obol_issuer_file_new(&options, &issuer, why, sizeof(why)) != OBOL_OK)
	{
		(void)fprintf(stderr, "measure-crl: %s\n", why);
	}
	return issuer;
}

/* Nobody's, so that no account is needed; past the store, which would note each
 * in the audit trail. */
static bool fill(const char *dir, uint64_t now, uint32_t n)
{
	char path[1024], text[1024];
	sqlite3 *db = NULL;
	bool done;

	(void)snprintf(path, sizeof(path), "%s/obol.db", dir);
	(void)snprintf(
		text, sizeof(text),
		"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
		"WHERE i < %lu) INSERT INTO certificate (account_id, serial, "
		"device_id, not_before, not_after, subject, revocation, revoked_at, "
		"reason) SELECT 0, cast(x'40' || randomblob(15) AS BLOB), "
		"zeroblob(16), 0, %llu, 'CN=alice', i, %llu, 1 FROM n; "
		"UPDATE counter SET value = %lu WHERE name = 'revocation'",
		(unsigned long)n, (unsigned long long)(now + 30 * DAY_S),
		(unsigned long long)now, (unsigned long)n);
	done = sqlite3_open(path, &db) == SQLITE_OK &&
		   sqlite3_exec(db, text, NULL, NULL, NULL) == SQLITE_OK;
	if (!done)
	{
		(void)fprintf(stderr, "measure-crl: %s\n", sqlite3_errmsg(db));
	}
	(void)sqlite3_close(db);
	return done;
}

static bool measure(struct obol_store *store, struct obol_issuer *issuer,
					uint32_t n)
{
	struct obol_crl_options options = { .store = store,
										.issuer = issuer,
										.clock = obol_clock_system(),
										.lifetime_s = (uint32_t)DAY_S };
	struct obol_store_crl_get get = { .in = { .is_brief = false } };
	uint64_t begin = obol_mono_ms(options.clock), end;
	char why[512];
	bool made;

	if (obol_crl_refresh(&options, true, &made, why, sizeof(why)) != OBOL_OK)
	{
		(void)fprintf(stderr, "measure-crl: %s\n", why);
		return false;
	}
	end = obol_mono_ms(options.clock);
	if (obol_store_run(store, OBOL_STORE_CRL_GET, &get) != OBOL_OK)
	{
		return false;
	}
	(void)printf("crl_entries=%lu\ncrl_bytes=%zu\ncrl_ms=%llu\n",
				 (unsigned long)n, get.out.crl.der.len,
				 (unsigned long long)(end - begin));
	return true;
}

int main(int argc, char **argv)
{
	uint64_t now = obol_now(obol_clock_system());
	uint32_t n = argc == 3 ? (uint32_t)strtoul(argv[2], NULL, 10) : 0;
	struct obol_store *store = n ? make_store(argv[1]) : NULL;
	struct obol_issuer *issuer = store ? make_issuer(argv[1]) : NULL;
	bool done = issuer && fill(argv[1], now, n) && measure(store, issuer, n);

	if (n == 0)
	{
		(void)fputs("usage: measure-crl FOLDER ENTRIES\n", stderr);
	}
	obol_issuer_free(issuer);
	obol_store_close(store);
	return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
