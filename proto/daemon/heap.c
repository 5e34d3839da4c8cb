/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A heap for OpenSSL that forgets what is freed. */
#include "daemon/heap.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

static bool wipes = true;

static void *take(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return malloc(size);
}

static void give(void *block, const char *file, int line)
{
	(void)file;
	(void)line;
	if (block && wipes)
	{
		explicit_bzero(block, malloc_usable_size(block));
	}
	free(block);
}

/* Never in place of realloc() itself, which would leave the old block as it
 * was. */
static void *resize(void *block, size_t size, const char *file, int line)
{
	size_t have = block ? malloc_usable_size(block) : 0;
	void *bigger;

	if (block && size && size <= have && size >= have / 2)
	{
		return block;
	}
	bigger = size ? malloc(size) : NULL;
	if (bigger && block)
	{
		memcpy(bigger, block, have < size ? have : size);
	}
	if (bigger || !size)
	{
		give(block, file, line);
	}
	return bigger;
}

bool obol_heap_forgets(void)
{
	return CRYPTO_set_mem_functions(take, resize, give) == 1;
}

void obol_heap_remembers(void)
{
	wipes = false;
}
