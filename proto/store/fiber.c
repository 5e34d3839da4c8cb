/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fibers over the C library's contexts. */
#include "store/fiber.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>
#endif

/** Bytes of a stack; what is not used takes no memory. */
#define STACK_LEN (256 * 1024)

struct obol_fiber {
	ucontext_t context;
	ucontext_t caller;
	struct obol_fiber_pool *pool;
	struct obol_fiber *next;
	void (*function)(struct obol_fiber *fiber, void *arg);
	void *arg;
	uint8_t *mapping;
	size_t mapping_len;
	bool is_over;
	/** for the address sanitizer: the stack that is left */
	const void *caller_stack;
	size_t caller_len;
};

struct obol_fiber_pool {
	unsigned n_max;
	unsigned n_made;
	struct obol_fiber *free;
};

/* What the address sanitizer is told of a change of stacks; nothing without. */

static void leave(void **fake, const void *stack, size_t len)
{
#ifdef __SANITIZE_ADDRESS__
	__sanitizer_start_switch_fiber(fake, stack, len);
#else
	(void)fake;
	(void)stack;
	(void)len;
#endif
}

static void arrive(void *fake, const void **stack, size_t *len)
{
#ifdef __SANITIZE_ADDRESS__
	__sanitizer_finish_switch_fiber(fake, stack, len);
#else
	(void)fake;
	(void)stack;
	(void)len;
#endif
}

enum obol_status obol_fiber_pool_new(unsigned n_max,
									 struct obol_fiber_pool **pool)
{
	struct obol_fiber_pool *this = calloc(1, sizeof(*this));

	if (!this)
	{
		return OBOL_ERR_NOMEM;
	}
	this->n_max = n_max;
	*pool = this;
	return OBOL_OK;
}

void obol_fiber_pool_free(struct obol_fiber_pool *pool)
{
	while (pool && pool->free)
	{
		struct obol_fiber *fiber = pool->free;

		pool->free = fiber->next;
		(void)munmap(fiber->mapping, fiber->mapping_len);
		free(fiber);
	}
	free(pool);
}

static struct obol_fiber *make(struct obol_fiber_pool *pool)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct obol_fiber *fiber = calloc(1, sizeof(*fiber));

	if (!fiber || pool->n_made == pool->n_max)
	{
		free(fiber);
		return NULL;
	}
	fiber->pool = pool;
	fiber->mapping_len = STACK_LEN + page;
	fiber->mapping =
		mmap(NULL, fiber->mapping_len, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
	if (fiber->mapping == MAP_FAILED ||
		mprotect(fiber->mapping, page, PROT_NONE) != 0)
	{
		if (fiber->mapping != MAP_FAILED)
		{
			(void)munmap(fiber->mapping, fiber->mapping_len);
		}
		free(fiber);
		return NULL;
	}
	pool->n_made++;
	return fiber;
}

static struct obol_fiber *take(struct obol_fiber_pool *pool)
{
	struct obol_fiber *fiber = pool->free;

	if (!fiber)
	{
		return make(pool);
	}
	pool->free = fiber->next;
	return fiber;
}

/** The first function on every stack; makecontext() passes ints alone, so the
 * pointer comes in two. */
static void begin(unsigned high, unsigned low)
{
	struct obol_fiber *fiber =
		(struct obol_fiber *)((uintptr_t)((uint64_t)high << 32 | low));

	arrive(NULL, &fiber->caller_stack, &fiber->caller_len);
	fiber->function(fiber, fiber->arg);
	fiber->is_over = true;
	leave(NULL, fiber->caller_stack, fiber->caller_len);
	(void)setcontext(&fiber->caller);
}

void obol_fiber_resume(struct obol_fiber *fiber)
{
	void *fake = NULL;

	leave(&fake, fiber->context.uc_stack.ss_sp,
		  fiber->context.uc_stack.ss_size);
	(void)swapcontext(&fiber->caller, &fiber->context);
	arrive(fake, NULL, NULL);
	if (fiber->is_over)
	{
		fiber->next = fiber->pool->free;
		fiber->pool->free = fiber;
	}
}

void obol_fiber_yield(struct obol_fiber *fiber)
{
	void *fake = NULL;

	leave(&fake, fiber->caller_stack, fiber->caller_len);
	(void)swapcontext(&fiber->context, &fiber->caller);
	arrive(fake, &fiber->caller_stack, &fiber->caller_len);
}

/** Apart, for who calls getcontext() may return from it twice; this never does,
 * as what it saves is made into another context. */
static __attribute__((noinline)) bool save(ucontext_t *context)
{
	return getcontext(context) == 0;
}

struct obol_fiber *obol_fiber_start(struct obol_fiber_pool *pool,
									void (*function)(struct obol_fiber *fiber,
													 void *arg),
									void *arg)
{
	struct obol_fiber *fiber = take(pool);
	uint64_t pointer = (uint64_t)(uintptr_t)fiber;

	if (!fiber || !save(&fiber->context))
	{
		return NULL;
	}
	fiber->function = function;
	fiber->arg = arg;
	fiber->is_over = false;
	fiber->context.uc_stack.ss_sp =
		fiber->mapping + fiber->mapping_len - STACK_LEN;
	fiber->context.uc_stack.ss_size = STACK_LEN;
	fiber->context.uc_link = NULL;
	makecontext(&fiber->context, (void (*)(void))begin, 2,
				(unsigned)(pointer >> 32), (unsigned)pointer);
	obol_fiber_resume(fiber);
	return fiber;
}
