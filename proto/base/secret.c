/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Secret buffers: pages of their own, locked, not dumped, wiped. */
#include <obol/secret.h>

#include "base/ct_check.h"

#include <openssl/crypto.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SECRET_MAX ((size_t)16 << 20)

/* The bytes lie in pages that hold nothing else, so that the lock and the
 * dump flag of one secret never end another's. Small secrets are many and
 * short-lived (a login makes dozens), so their pages are not worth a system
 * call each: they live on the heap, the process as a whole is kept out of
 * core dumps by who runs it. */
#define PAGED_FROM 1024

struct obol_secret {
	size_t len;
	size_t mapped;
	uint8_t *bytes;
};

void obol_wipe(void *ptr, size_t len)
{
	if (ptr && len)
	{
		OPENSSL_cleanse(ptr, len);
	}
}

static bool map_pages(struct obol_secret *secret, size_t len)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	secret->mapped = (len + page - 1) / page * page;
	secret->bytes = mmap(NULL, secret->mapped, PROT_READ | PROT_WRITE,
						 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (secret->bytes == MAP_FAILED)
	{
		secret->bytes = NULL;
		secret->mapped = 0;
		return false;
	}
	/* best effort: RLIMIT_MEMLOCK may be small */
	(void)mlock(secret->bytes, secret->mapped);
#ifdef MADV_DONTDUMP
	(void)madvise(secret->bytes, secret->mapped, MADV_DONTDUMP);
#endif
	return true;
}

struct obol_secret *obol_secret_new(size_t len)
{
	struct obol_secret *secret;

	if (len > SECRET_MAX)
	{
		return NULL;
	}
	secret = calloc(1, sizeof(*secret));
	if (!secret)
	{
		return NULL;
	}
	secret->len = len;
	if (len >= PAGED_FROM)
	{
		if (!map_pages(secret, len))
		{
			free(secret);
			return NULL;
		}
		return secret;
	}
	secret->bytes = calloc(1, len ? len : 1);
	if (!secret->bytes)
	{
		free(secret);
		return NULL;
	}
	return secret;
}

struct obol_secret *obol_secret_dup(const void *bytes, size_t len)
{
	struct obol_secret *secret = obol_secret_new(len);

	if (secret && len)
	{
		memcpy(secret->bytes, bytes, len);
		obol_ct_secret(secret->bytes, len);
	}
	return secret;
}

struct obol_bytes obol_secret_view(const struct obol_secret *secret)
{
	struct obol_bytes view = { NULL, 0 };

	if (secret)
	{
		view.ptr = secret->bytes;
		view.len = secret->len;
	}
	return view;
}

uint8_t *obol_secret_ptr(struct obol_secret *secret)
{
	return secret ? secret->bytes : NULL;
}

size_t obol_secret_len(const struct obol_secret *secret)
{
	return secret ? secret->len : 0;
}

void obol_secret_cut(struct obol_secret *secret, size_t len)
{
	if (secret && len < secret->len)
	{
		obol_wipe(secret->bytes + len, secret->len - len);
		secret->len = len;
	}
}

void obol_secret_free(struct obol_secret *secret)
{
	if (!secret)
	{
		return;
	}
	if (secret->mapped)
	{
		obol_wipe(secret->bytes, secret->mapped);
		(void)munmap(secret->bytes, secret->mapped);
	}
	else
	{
		obol_wipe(secret->bytes, secret->len);
		free(secret->bytes);
	}
	free(secret);
}
