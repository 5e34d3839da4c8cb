/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counts allocations, and fails the n-th. */
#include "memory/failing_malloc.h"

#include <openssl/crypto.h>
#include <sqlite3.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* the linker's names for what --wrap replaces and for what it replaced */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *ptr, size_t size);
char *__real_strdup(const char *text);
void __real_free(void *ptr);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *ptr, size_t size);
char *__wrap_strdup(const char *text);
void __wrap_free(void *ptr);

static struct {
	bool is_armed;
	bool for_good;
	enum failing_malloc_owner owner;
	size_t left;
	bool has_failed;
	long live[FAILING_OWNERS];
} state;

/** Whether this one is to fail. */
static bool fails(enum failing_malloc_owner owner)
{
	if (!state.is_armed || state.owner != owner)
	{
		return false;
	}
	if (state.left > 1)
	{
		state.left--;
		return false;
	}
	if (state.left == 0 && !state.for_good)
	{
		return false;
	}
	state.left = 0;
	state.has_failed = true;
	return true;
}

static void *counted(enum failing_malloc_owner owner, void *ptr)
{
	state.live[owner] += ptr != NULL;
	return ptr;
}

static void *resized(enum failing_malloc_owner owner, void *old, size_t size)
{
	void *ptr = fails(owner) ? NULL : __real_realloc(old, size);

	return old ? ptr : counted(owner, ptr);
}

static void freed(enum failing_malloc_owner owner, void *ptr)
{
	state.live[owner] -= ptr != NULL;
	__real_free(ptr);
}

/*
 * The program's own objects
 */

void *__wrap_malloc(size_t size)
{
	return fails(FAILING_OWN) ? NULL
							  : counted(FAILING_OWN, __real_malloc(size));
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails(FAILING_OWN) ? NULL
							  : counted(FAILING_OWN, __real_calloc(n, size));
}

void *__wrap_realloc(void *ptr, size_t size)
{
	return resized(FAILING_OWN, ptr, size);
}

char *__wrap_strdup(const char *text)
{
	return fails(FAILING_OWN) ? NULL
							  : counted(FAILING_OWN, __real_strdup(text));
}

void __wrap_free(void *ptr)
{
	freed(FAILING_OWN, ptr);
}

/*
 * OpenSSL
 */

static void *openssl_malloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return fails(FAILING_OPENSSL)
			   ? NULL
			   : counted(FAILING_OPENSSL, __real_malloc(size));
}

static void openssl_free(void *ptr, const char *file, int line)
{
	(void)file;
	(void)line;
	freed(FAILING_OPENSSL, ptr);
}

static void *openssl_realloc(void *ptr, size_t size, const char *file, int line)
{
	if (ptr && size == 0)
	{
		openssl_free(ptr, file, line);
		return NULL;
	}
	return resized(FAILING_OPENSSL, ptr, size);
}

/*
 * SQLite asks for each piece's size: it stands before it
 */

union header {
	size_t size;
	max_align_t align;
};

static void *sqlite_malloc(int size)
{
	union header *header = NULL;

	if (size > 0 && !fails(FAILING_SQLITE))
	{
		header = __real_malloc(sizeof(*header) + (size_t)size);
	}
	if (!counted(FAILING_SQLITE, header))
	{
		return NULL;
	}
	header->size = (size_t)size;
	return header + 1;
}

static void sqlite_free(void *ptr)
{
	freed(FAILING_SQLITE, ptr ? (union header *)ptr - 1 : NULL);
}

static void *sqlite_realloc(void *ptr, int size)
{
	union header *header =
		resized(FAILING_SQLITE, ptr ? (union header *)ptr - 1 : NULL,
				sizeof(*header) + (size_t)size);

	if (!header)
	{
		return NULL;
	}
	header->size = (size_t)size;
	return header + 1;
}

static int sqlite_size(void *ptr)
{
	return ptr ? (int)((union header *)ptr - 1)->size : 0;
}

static int sqlite_roundup(int size)
{
	return (size + 7) & ~7;
}

static int sqlite_init(void *ctx)
{
	(void)ctx;
	return SQLITE_OK;
}

static void sqlite_shutdown(void *ctx)
{
	(void)ctx;
}

/*
 * Control
 */

void failing_malloc_install(void)
{
	static const sqlite3_mem_methods methods = {
		sqlite_malloc,  sqlite_free, sqlite_realloc,  sqlite_size,
		sqlite_roundup, sqlite_init, sqlite_shutdown, NULL,
	};

	if (!CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc,
								  openssl_free) ||
		sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) != SQLITE_OK ||
		sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0) != SQLITE_OK)
	{
		(void)fputs("the libraries do not take this allocator\n", stderr);
		exit(EXIT_FAILURE);
	}
}

void failing_malloc_arm(enum failing_malloc_owner owner, size_t nth,
						bool for_good)
{
	state.owner = owner;
	state.left = nth;
	state.for_good = for_good;
	state.has_failed = false;
	state.is_armed = true;
}

bool failing_malloc_disarm(void)
{
	state.is_armed = false;
	return state.has_failed;
}

long failing_malloc_live(enum failing_malloc_owner owner)
{
	return state.live[owner];
}
