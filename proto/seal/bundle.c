/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bundle's bytes. What is right or wrong about them: bundle_check.c */
#include <obol/bundle.h>

#include <stdlib.h>

#include <openssl/sha.h>

#include "base/reader.h"
#include "base/writer.h"
#include "seal/bundle_check.h"

#define BUNDLE_VERSION 1
#define FLAG_KEY_WAS_SHARED 0x01
/** By how much certificates are dated back, in seconds. */
#define BACKDATE_S 3600
#define DEVICE_ID_LEN 16

struct obol_bundle {
	/** PKCS#8; the public key when the private one is elsewhere */
	struct obol_secret *key;
	bool key_is_elsewhere;
	/** what the views below point into */
	struct obol_secret *body;
	struct obol_bundle_certificates certificates;
	uint32_t ttl_s;
	bool key_was_shared;
};

static bool lengths_ok(const struct obol_bytes *certificates, size_t n)
{
	size_t i;

	for (i = 0; i < n && n <= OBOL_BUNDLE_CERTIFICATES_MAX; i++)
	{
		if (certificates[i].len == 0 ||
			certificates[i].len > OBOL_BUNDLE_CERTIFICATE_MAX)
		{
			return false;
		}
	}
	return n <= OBOL_BUNDLE_CERTIFICATES_MAX;
}

static bool parts_ok(const struct obol_bundle_parts *parts)
{
	size_t key_len = obol_secret_len(parts->key) + parts->public_key.len;

	return key_len > 0 && key_len <= OBOL_BUNDLE_KEY_MAX &&
		   !(parts->key && parts->public_key.len) && parts->n_chain > 0 &&
		   lengths_ok(parts->chain, parts->n_chain) &&
		   lengths_ok(parts->cas, parts->n_cas);
}

static void write_certificates(struct obol_writer *w,
							   const struct obol_bytes *certificates, size_t n)
{
	size_t i;

	obol_write_u8(w, (uint8_t)n);
	for (i = 0; i < n; i++)
	{
		obol_write_vec16(w, certificates[i]);
	}
}

enum obol_status obol_bundle_new(const struct obol_bundle_parts *parts,
								 struct obol_bundle **bundle)
{
	struct obol_writer w;
	struct obol_secret *body = NULL;
	enum obol_status status = OBOL_ERR_ARG;

	obol_writer_init(&w);
	if (!parts_ok(parts))
	{
		goto out;
	}
	obol_write_u8(&w, BUNDLE_VERSION);
	obol_write_u32(&w, parts->ttl_s);
	obol_write_u8(&w, parts->key_was_shared ? FLAG_KEY_WAS_SHARED : 0);
	obol_write_vec16(&w, parts->key ? obol_secret_view(parts->key)
									: parts->public_key);
	write_certificates(&w, parts->chain, parts->n_chain);
	write_certificates(&w, parts->cas, parts->n_cas);
	status = obol_writer_secret(&w, &body);
	if (status == OBOL_OK)
	{
		status = obol_bundle_decode(body, bundle);
	}
	if (status == OBOL_OK)
	{
		(*bundle)->key_is_elsewhere = !parts->key;
	}
out:
	obol_secret_free(body);
	obol_writer_clear(&w);
	return status;
}

static void read_certificates(struct obol_reader *r,
							  struct obol_bytes *certificates, size_t *n)
{
	size_t count = obol_read_u8(r);
	size_t i;

	*n = 0;
	if (count > OBOL_BUNDLE_CERTIFICATES_MAX)
	{
		obol_reader_fail(r);
	}
	for (i = 0; i < count && obol_reader_ok(r); i++)
	{
		certificates[i] = obol_read_vec16(r, OBOL_BUNDLE_CERTIFICATE_MAX);
		if (certificates[i].len == 0)
		{
			obol_reader_fail(r);
		}
		*n = i + 1;
	}
}

/* Views into the bundle's body, and the key's bytes. */
static enum obol_status read_body(struct obol_bundle *bundle,
								  struct obol_bytes *key)
{
	struct obol_bundle_certificates *certificates = &bundle->certificates;
	struct obol_reader r = obol_reader_over(obol_secret_view(bundle->body));
	uint8_t version, flags;

	version = obol_read_u8(&r);
	if (obol_reader_ok(&r) && version != BUNDLE_VERSION)
	{
		return OBOL_ERR_VERSION;
	}
	bundle->ttl_s = obol_read_u32(&r);
	flags = obol_read_u8(&r);
	bundle->key_was_shared = flags & FLAG_KEY_WAS_SHARED;
	*key = obol_read_vec16(&r, OBOL_BUNDLE_KEY_MAX);
	read_certificates(&r, certificates->chain, &certificates->n_chain);
	read_certificates(&r, certificates->cas, &certificates->n_cas);
	if (flags & ~FLAG_KEY_WAS_SHARED || key->len == 0 ||
		certificates->n_chain == 0)
	{
		obol_reader_fail(&r);
	}
	return obol_read_end(&r);
}

enum obol_status obol_bundle_decode(const struct obol_secret *body,
									struct obol_bundle **bundle)
{
	struct obol_bundle *decoded = calloc(1, sizeof(*decoded));
	enum obol_status status = OBOL_ERR_NOMEM;
	struct obol_bytes bytes = obol_secret_view(body);
	struct obol_bytes key;

	if (!decoded)
	{
		goto out;
	}
	decoded->body = obol_secret_dup(bytes.ptr, bytes.len);
	if (!decoded->body)
	{
		goto out;
	}
	status = read_body(decoded, &key);
	if (status != OBOL_OK)
	{
		goto out;
	}
	decoded->key = obol_secret_dup(key.ptr, key.len);
	if (!decoded->key)
	{
		status = OBOL_ERR_NOMEM;
		goto out;
	}
	*bundle = decoded;
	decoded = NULL; /* moved to the caller */
out:
	obol_bundle_free(decoded);
	return status;
}

enum obol_status obol_bundle_encode(const struct obol_bundle *bundle,
									struct obol_secret **body)
{
	struct obol_bytes bytes = obol_secret_view(bundle->body);
	struct obol_secret *copy;

	if (bundle->key_is_elsewhere)
	{
		return OBOL_ERR_ARG;
	}
	copy = obol_secret_dup(bytes.ptr, bytes.len);
	if (!copy)
	{
		return OBOL_ERR_NOMEM;
	}
	*body = copy;
	return OBOL_OK;
}

enum obol_bundle_fault obol_bundle_check(const struct obol_bundle *bundle,
										 uint64_t now)
{
	return bundle->key_is_elsewhere
			   ? obol_bundle_check_public(obol_secret_view(bundle->key),
										  &bundle->certificates, now)
			   : obol_bundle_check_parts(bundle->key, &bundle->certificates,
										 now);
}

const struct obol_secret *obol_bundle_key(const struct obol_bundle *bundle)
{
	return bundle->key_is_elsewhere ? NULL : bundle->key;
}

bool obol_bundle_key_is_elsewhere(const struct obol_bundle *bundle)
{
	return bundle->key_is_elsewhere;
}

struct obol_bytes obol_bundle_public_key(const struct obol_bundle *bundle)
{
	return bundle->key_is_elsewhere ? obol_secret_view(bundle->key)
									: obol_bytes(NULL, 0);
}

size_t obol_bundle_n_chain(const struct obol_bundle *bundle)
{
	return bundle->certificates.n_chain;
}

struct obol_bytes obol_bundle_chain(const struct obol_bundle *bundle, size_t i)
{
	return i < bundle->certificates.n_chain ? bundle->certificates.chain[i]
											: obol_bytes(NULL, 0);
}

size_t obol_bundle_n_cas(const struct obol_bundle *bundle)
{
	return bundle->certificates.n_cas;
}

struct obol_bytes obol_bundle_ca(const struct obol_bundle *bundle, size_t i)
{
	return i < bundle->certificates.n_cas ? bundle->certificates.cas[i]
										  : obol_bytes(NULL, 0);
}

uint32_t obol_bundle_ttl_s(const struct obol_bundle *bundle)
{
	return bundle->ttl_s;
}

bool obol_bundle_key_was_shared(const struct obol_bundle *bundle)
{
	return bundle->key_was_shared;
}

uint64_t obol_bundle_not_before(const struct obol_bundle *bundle)
{
	uint64_t not_before, not_after;

	obol_certificate_dates(bundle->certificates.chain[0], &not_before,
						   &not_after);
	return not_before;
}

uint64_t obol_bundle_not_after(const struct obol_bundle *bundle)
{
	uint64_t not_before, not_after;

	obol_certificate_dates(bundle->certificates.chain[0], &not_before,
						   &not_after);
	return not_after;
}

size_t obol_bundle_serial(const struct obol_bundle *bundle,
						  uint8_t serial[OBOL_BUNDLE_SERIAL_MAX])
{
	return obol_certificate_serial(bundle->certificates.chain[0], serial);
}

/** Per mille of the life from -100 to 100, by device and certificate. */
static int64_t renewal_jitter(const uint8_t *device_id, uint64_t not_after)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	uint8_t in[DEVICE_ID_LEN + 8];
	size_t i;

	if (!device_id)
	{
		return 0;
	}
	memcpy(in, device_id, DEVICE_ID_LEN);
	for (i = 0; i < 8; i++)
	{
		in[DEVICE_ID_LEN + i] = (uint8_t)(not_after >> 8 * i);
	}
	(void)SHA256(in, sizeof(in), digest);
	return (digest[0] << 8 | digest[1]) % 201 - 100;
}

uint64_t obol_bundle_renew_at(const struct obol_bundle *bundle,
							  const uint8_t *device_id)
{
	uint64_t begin, not_after, life;

	obol_certificate_dates(bundle->certificates.chain[0], &begin, &not_after);
	if (not_after <= begin)
	{
		return 0;
	}
	/* not where a young CA's own beginning cut that hour off */
	if (not_after - begin > BACKDATE_S)
	{
		begin += BACKDATE_S;
	}
	life = not_after - begin;
	return begin + life * 2 / 3 +
		   (uint64_t)(renewal_jitter(device_id, not_after) * (int64_t)life /
					  1000);
}

void obol_bundle_free(struct obol_bundle *bundle)
{
	if (bundle)
	{
		obol_secret_free(bundle->key);
		obol_secret_free(bundle->body);
		free(bundle);
	}
}
