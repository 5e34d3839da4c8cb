/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bundles: fetching and checking them. */
#include "client/fail_over.h"
#include "client/internal.h"

#include <stdio.h>
#include <time.h>

/* Clocks that differ by less are in step as far as people are concerned. */
#define CLOCK_OFF_MIN_S 60

static const char *date_text(uint64_t at, char *text, size_t size)
{
	time_t when = (time_t)at;
	struct tm tm;

	if (!gmtime_r(&when, &tm) ||
		strftime(text, size, "%Y-%m-%d %H:%M UTC", &tm) == 0)
	{
		text[0] = '\0';
	}
	return text;
}

/* Not valid by our clock: is it the certificate, or is it the clock? */
static enum obol_status dates_fail(struct obol_client *client,
								   const struct obol_bundle *bundle,
								   enum obol_bundle_fault fault)
{
	int64_t off = client->error.clock_off_s;
	bool is_early = fault == OBOL_BUNDLE_NOT_YET_VALID;
	char text[32];
	uint64_t at = is_early ? obol_bundle_not_before(bundle)
						   : obol_bundle_not_after(bundle);

	(void)date_text(at, text, sizeof(text));
	if ((off >= CLOCK_OFF_MIN_S || off <= -CLOCK_OFF_MIN_S) &&
		obol_bundle_check(bundle, obol_client_server_now(client)) ==
			OBOL_BUNDLE_GOOD)
	{
		return obol_client_fail(client, OBOL_CAUSE_CLOCK, "valid %s %s",
								is_early ? "from" : "until", text);
	}
	return obol_client_fail(client, OBOL_CAUSE_EXPIRED, "%s %s",
							is_early ? "valid only from" : "it expired on",
							text);
}

enum obol_status obol_client_check_bundle(struct obol_client *client,
										  const struct obol_bundle *bundle)
{
	enum obol_bundle_fault fault =
		obol_bundle_check(bundle, obol_client_now(client));

	switch (fault)
	{
		case OBOL_BUNDLE_GOOD:
			obol_client_trust_bundle(client, bundle);
			return OBOL_OK;
		case OBOL_BUNDLE_KEY_MISMATCH:
			return obol_client_fail(client, OBOL_CAUSE_CREDENTIAL,
									"its key is not the certificate's");
		case OBOL_BUNDLE_CHAIN:
			return obol_client_fail(client, OBOL_CAUSE_CREDENTIAL,
									"its certificate does not lead to a CA "
									"that comes with it");
		case OBOL_BUNDLE_NOT_YET_VALID:
		case OBOL_BUNDLE_EXPIRED:
			return dates_fail(client, bundle, fault);
		default:
			return obol_client_fail(client, OBOL_CAUSE_CREDENTIAL,
									"its key or certificate cannot be parsed");
	}
}

enum obol_status
obol_client_open_bundle(struct obol_client *client,
						const struct obol_credential *credential,
						struct obol_bundle **bundle)
{
	enum obol_status status;

	if (credential->info.format != OBOL_FORMAT_BUNDLE)
	{
		return obol_client_fail(client, OBOL_CAUSE_CREDENTIAL,
								"it is of format %u, not a bundle of key and "
								"certificates",
								(unsigned)credential->info.format);
	}
	status = obol_bundle_decode(credential->body, bundle);
	if (status == OBOL_ERR_NOMEM)
	{
		return obol_client_fail_internal(client, status);
	}
	if (status != OBOL_OK)
	{
		return obol_client_fail(client, OBOL_CAUSE_CREDENTIAL,
								status == OBOL_ERR_VERSION
									? "a newer obol has made it"
									: "the bundle cannot be parsed");
	}
	/* whatever its dates: the account has sealed it */
	obol_client_trust_bundle(client, *bundle);
	return OBOL_OK;
}

enum obol_status obol_client_do_fetch(struct obol_client *client,
									  const char *name, uint64_t held_version,
									  struct obol_bundle **bundle,
									  uint64_t *version)
{
	struct obol_credential credential;
	struct obol_bundle *found = NULL;
	enum obol_status status =
		obol_client_do_get(client, name, held_version, &credential);

	if (status != OBOL_OK)
	{
		return status;
	}
	if (credential.body)
	{
		status = obol_client_open_bundle(client, &credential, &found);
	}
	if (status == OBOL_OK && found)
	{
		status = obol_client_check_bundle(client, found);
	}
	if (status == OBOL_OK)
	{
		*bundle = found;
		*version = credential.info.version;
		found = NULL; /* moved to the caller */
	}
	obol_bundle_free(found);
	obol_credential_clear(&credential);
	return status;
}

enum obol_status obol_client_fetch(struct obol_client *client, const char *name,
								   uint64_t held_version,
								   struct obol_bundle **bundle,
								   uint64_t *version)
{
	enum obol_status status;

	obol_client_begin(client);
	obol_fail_over_begin(client);
	do
	{
		status =
			obol_client_do_fetch(client, name, held_version, bundle, version);
	} while (obol_fail_over(client, &status));
	return obol_client_settle(client, status);
}
