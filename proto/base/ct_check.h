/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Marks for the constant-time test: in a build configured with
 * --enable-ct-check secrets are undefined memory to valgrind from their birth
 * on, and so is what is computed of them; it reports each branch and each
 * address that depends on one. In any other build nothing of this is left.
 *
 * A value becomes public at a point named in the code, with its reason beside
 * it: a comment that begins with "public:".
 */
#ifndef OBOL_BASE_CT_CHECK_H_
#define OBOL_BASE_CT_CHECK_H_

#include <stddef.h>

#ifdef OBOL_CT_CHECK
#include <valgrind/memcheck.h>
#endif

/** These len bytes are secret from now on. */
static inline void obol_ct_secret(const void *ptr, size_t len)
{
#ifdef OBOL_CT_CHECK
	if (len)
	{
		(void)VALGRIND_MAKE_MEM_UNDEFINED(ptr, len);
	}
#else
	(void)ptr;
	(void)len;
#endif
}

/** These len bytes may be known from now on; say why. */
static inline void obol_ct_public(const void *ptr, size_t len)
{
#ifdef OBOL_CT_CHECK
	if (len)
	{
		(void)VALGRIND_MAKE_MEM_DEFINED(ptr, len);
	}
#else
	(void)ptr;
	(void)len;
#endif
}

/** A truth value or number that was made of secrets and may be seen itself;
 * say why. */
static inline unsigned long obol_ct_verdict(unsigned long value)
{
	obol_ct_public(&value, sizeof(value));
	return value;
}

#endif /* OBOL_BASE_CT_CHECK_H_ */
