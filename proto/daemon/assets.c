/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What obold reads while it may still read everything. */
#include "daemon/assets.h"

#include <stdlib.h>

#include "daemon/server_tls.h"
#include "issue/issuer.h"
#include "issue/tls_self.h"
#include "server/keys.h"

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
	(void)stat(config->ca.certificate, &assets->ca_seen);
	/* what went wrong is told by obol_assets_renew(); the present certificate
	 * may do until then */
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

/* What the signer will do. */
static enum obol_status check_issuer(const struct obol_config *config,
									 struct obol_clock *clock, char *why,
									 size_t size)
{
	struct obol_tokens tokens = { .first = NULL };
	struct obol_issuer_file_options options = {
		.certificate_path = config->ca.certificate,
		.key_path = *config->signer.server ? NULL : config->ca.key,
		.tokens = &tokens,
		.rng = obol_rng_system(),
		.clock = clock,
	};
	struct obol_issuer *issuer = NULL;
	enum obol_status status = OBOL_OK;

	if (*config->ca.certificate)
	{
		status = obol_issuer_file_new(&options, &issuer, why, size);
	}
	obol_issuer_free(issuer);
	obol_tokens_clear(&tokens);
	return status;
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
	if (status == OBOL_OK)
	{
		status = check_issuer(assets->config, clock, why, size);
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

void obol_assets_forget_tls(struct obol_assets *assets)
{
	SSL_CTX_free(assets->tls);
	assets->tls = NULL;
}

void obol_assets_free(struct obol_assets *assets)
{
	if (!assets)
	{
		return;
	}
	SSL_CTX_free(assets->tls);
	obol_config_free(assets->config);
	free(assets);
}
