/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keepers' table of ceilings in shared memory. */
#include "daemon/keeper_table.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

/** Of the lock, so that the table behind it is aligned. */
#define HEAD_LEN 128

struct obol_keeper_table {
	/** of the shared memory: the lock, and HEAD_LEN behind it the table */
	size_t size;
	pthread_mutex_t *lock;
	struct obol_ceiling *ceiling;
};

_Static_assert(sizeof(pthread_mutex_t) <= HEAD_LEN, "the lock fits its place");

/* A keeper can be killed with the lock in its hands: the next one gets it. */
static bool init_lock(pthread_mutex_t *lock)
{
	pthread_mutexattr_t attr;
	bool ok;

	if (pthread_mutexattr_init(&attr) != 0)
	{
		return false;
	}
	ok = pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED) == 0 &&
		 pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST) == 0 &&
		 pthread_mutex_init(lock, &attr) == 0;
	(void)pthread_mutexattr_destroy(&attr);
	return ok;
}

enum obol_status obol_keeper_table_new(size_t rows, struct obol_rng *rng,
									   struct obol_keeper_table **out)
{
	struct obol_keeper_table *table = calloc(1, sizeof(*table));
	enum obol_status status = OBOL_ERR_NOMEM;
	uint8_t *memory;

	if (!table)
	{
		return status;
	}
	table->size = HEAD_LEN + obol_ceiling_size(rows);
	memory = mmap(NULL, table->size, PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
	{
		free(table);
		return status;
	}
	table->lock = (void *)memory;
	table->ceiling = (void *)(memory + HEAD_LEN);
	status = OBOL_ERR_IO;
	if (init_lock(table->lock) &&
		madvise(memory, table->size, MADV_DONTFORK) == 0)
	{
		status = obol_ceiling_init(table->ceiling, rows, rng);
	}
	if (status != OBOL_OK)
	{
		obol_keeper_table_free(table);
		return status;
	}
	*out = table;
	return OBOL_OK;
}

void obol_keeper_table_share(struct obol_keeper_table *table, bool is_shared)
{
	/* a keeper that does not have it ends at its first request */
	(void)madvise(table->lock, table->size,
				  is_shared ? MADV_DOFORK : MADV_DONTFORK);
}

void obol_keeper_table_free(struct obol_keeper_table *table)
{
	if (table)
	{
		(void)munmap(table->lock, table->size);
		free(table);
	}
}

static bool take_lock(struct obol_keeper_table *table)
{
	int error = pthread_mutex_lock(table->lock);

	if (error == EOWNERDEAD)
	{
		/* who died has counted nothing, or too much: see ceiling.h */
		error = pthread_mutex_consistent(table->lock);
	}
	return error == 0;
}

enum obol_status obol_keeper_table_take(
	struct obol_keeper_table *table, const struct obol_ceiling_rates *rates,
	const uint8_t identifier[OBOL_CEILING_ID_LEN], uint64_t mono_ms)
{
	enum obol_status status;

	if (!take_lock(table))
	{
		return OBOL_ERR_IO;
	}
	status = obol_ceiling_take(table->ceiling, rates, identifier, mono_ms);
	(void)pthread_mutex_unlock(table->lock);
	return status;
}

enum obol_status
obol_keeper_table_take_use(struct obol_keeper_table *table,
						   const struct obol_ceiling_rates *rates,
						   enum obol_ceiling_use use, uint64_t mono_ms)
{
	enum obol_status status;

	if (!take_lock(table))
	{
		return OBOL_ERR_IO;
	}
	status = obol_ceiling_take_use(table->ceiling, rates, use, mono_ms);
	(void)pthread_mutex_unlock(table->lock);
	return status;
}
