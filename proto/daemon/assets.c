/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What obold reads while it may still read everything. */
#include "daemon/assets.h"

#include <stdlib.h>
#include <unistd.h>

#include "daemon/server_tls.h"
#include "issue/ca_path.h"
#include "issue/tls_self.h"
#include "server/keys.h"

static enum obol_status load_issuer(struct obol_assets *assets,
									struct obol_clock *clock, char *why,
									size_t size)
{
	const struct obol_config *config = assets->config;
	struct obol_issuer_file_options options = {
		.certificate_path = config->ca.certificate,
		.key_path = config->ca.key,
		.rng = obol_rng_system(),
		.clock = clock,
	};

	if (!*config->ca.certificate)
	{
		return OBOL_OK;
	}
	(void)stat(config->ca.certificate, &assets->ca_seen);
	return obol_issuer_file_new(&options, &assets->issuer, why, size);
}

static enum obol_status hash_tls_key(struct obol_assets *assets, char *why,
									 size_t size)
{
	X509 *cert = SSL_CTX_get0_certificate(assets->tls);
	unsigned char *der = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der);
	bool is_ok = len > 0 && EVP_Digest(der, (size_t)len, assets->tls_key_hash,
									   NULL, EVP_sha256(), NULL) == 1;

	OPENSSL_free(der);
	if (!is_ok)
	{
		(void)snprintf(why, size, "out of memory");
	}
	return is_ok ? OBOL_OK : OBOL_ERR_CRYPTO;
}

/* One that is of no use any more, such as an expired one, is no reason not to
 * serve. */
static void load_old_issuer(struct obol_assets *assets,
							struct obol_clock *clock)
{
	const struct obol_config *config = assets->config;
	char certificate[OBOL_CONFIG_TEXT_MAX + 16];
	char key[OBOL_CONFIG_TEXT_MAX + 16];
	struct obol_issuer_file_options options = {
		.certificate_path = certificate,
		.key_path = key,
		.rng = obol_rng_system(),
		.clock = clock,
	};

	if (!*config->ca.certificate ||
		!obol_ca_path(config->ca.certificate, OBOL_CA_OLD, certificate,
					  sizeof(certificate)) ||
		!obol_ca_path(config->ca.key, OBOL_CA_OLD, key, sizeof(key)) ||
		access(certificate, F_OK) != 0)
	{
		return;
	}
	if (obol_issuer_file_new(&options, &assets->old_issuer,
							 assets->old_issuer_why,
							 sizeof(assets->old_issuer_why)) != OBOL_OK)
	{
		assets->old_issuer = NULL;
	}
}

static enum obol_status load(struct obol_assets *assets,
							 const char *config_path, struct obol_clock *clock,
							 bool may_renew, char *why, size_t size)
{
	enum obol_status status =
		obol_config_load(config_path, &assets->config, why, size);
	const struct obol_config *config;
	bool renewed;

	if (status != OBOL_OK)
	{
		return status;
	}
	config = assets->config;
	status = load_issuer(assets, clock, why, size);
	if (status != OBOL_OK)
	{
		return status;
	}
	load_old_issuer(assets, clock);
	/* what went wrong is told by obol_assets_renew(); the present certificate
	 * may do for now */
	if (may_renew)
	{
		(void)!obol_tls_self_renew(config->server_name, config->tls.certificate,
								   config->tls.key, clock, &renewed, why, size);
	}
	status = obol_server_tls_new(config->tls.certificate, config->tls.key,
								 obol_now(clock), &assets->tls, why, size);
	return status == OBOL_OK ? hash_tls_key(assets, why, size) : status;
}

enum obol_status obol_assets_load(const char *config_path,
								  struct obol_clock *clock, bool may_renew,
								  struct obol_assets **out, char *why,
								  size_t size)
{
	struct obol_assets *assets = calloc(1, sizeof(*assets));
	enum obol_status status;

	if (!assets)
	{
		(void)snprintf(why, size, "out of memory");
		return OBOL_ERR_NOMEM;
	}
	status = load(assets, config_path, clock, may_renew, why, size);
	if (status != OBOL_OK)
	{
		obol_assets_free(assets);
		return status;
	}
	*out = assets;
	return OBOL_OK;
}

enum obol_status obol_assets_check(const char *config_path,
								   struct obol_clock *clock, char *why,
								   size_t size)
{
	struct obol_server_keys *keys = NULL;
	struct obol_assets *assets = NULL;
	enum obol_status status =
		obol_assets_load(config_path, clock, false, &assets, why, size);

	if (status == OBOL_OK)
	{
		status = obol_server_keys_load(assets->config->keys, &keys, why, size);
	}
	obol_server_keys_free(keys);
	obol_assets_free(assets);
	return status;
}

bool obol_assets_renew(const struct obol_assets *assets,
					   struct obol_clock *clock, struct obol_log *log)
{
	const struct obol_config *config = assets->config;
	bool renewed = false;
	char why[512];

	if (obol_tls_self_renew(config->server_name, config->tls.certificate,
							config->tls.key, clock, &renewed, why,
							sizeof(why)) != OBOL_OK)
	{
		obol_log(log, OBOL_LOG_ERROR, "daemon",
				 "the TLS certificate is due and cannot be renewed: %s", why);
	}
	return renewed;
}

bool obol_assets_ca_has_changed(const struct obol_assets *assets)
{
	const char *path = assets->config->ca.certificate;
	struct stat now;

	return *path && stat(path, &now) == 0 &&
		   (now.st_ino != assets->ca_seen.st_ino ||
			now.st_dev != assets->ca_seen.st_dev ||
			now.st_mtime != assets->ca_seen.st_mtime);
}

void obol_assets_free(struct obol_assets *assets)
{
	if (!assets)
	{
		return;
	}
	SSL_CTX_free(assets->tls);
	obol_issuer_free(assets->old_issuer);
	obol_issuer_free(assets->issuer);
	obol_config_free(assets->config);
	free(assets);
}
