/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs the cases under valgrind: "check", in which it must report nothing, and
 * the controls "branch" and "index", in which it must report what is planted
 * on each secret. */
#include "ct/ct.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <valgrind/memcheck.h>

#define PROBE_MAX 4096

static enum {
	CHECK,
	BRANCH,
	INDEX,
} mode;
static const char *case_name;
static unsigned n_probes;
static unsigned n_missed;

void ct_fail(const char *file, int line, const char *what)
{
	(void)fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
	exit(2);
}

/* some bit of each byte is undefined: the top bits of a text never vary */
static bool is_marked(const uint8_t *bytes, size_t len)
{
	uint8_t vbits[PROBE_MAX];
	size_t i;

	CT_CHECK(len <= sizeof(vbits));
	CT_CHECK(VALGRIND_GET_VBITS(bytes, vbits, len) == 1);
	for (i = 0; i < len; i++)
	{
		if (vbits[i] == 0)
		{
			return false;
		}
	}
	return true;
}

/* What the code under test must never do. The compiler may not make a choice
 * without a branch of it. */
__attribute__((noinline)) static void planted_branch(const uint8_t *secret)
{
	if (*secret & 1)
	{
		__asm__ volatile("" ::: "memory");
	}
	else
	{
		__asm__ volatile("nop" ::: "memory");
	}
}

__attribute__((noinline)) static void planted_index(const uint8_t *secret)
{
	static const volatile uint8_t table[256];

	(void)table[*secret];
}

void ct_probe(const char *what, const void *secret, size_t len)
{
	const uint8_t *bytes = secret;
	unsigned before = (unsigned)VALGRIND_COUNT_ERRORS;
	bool missed;

	n_probes++;
	if (mode == CHECK)
	{
		missed = !is_marked(bytes, len);
	}
	else
	{
		mode == BRANCH ? planted_branch(bytes) : planted_index(bytes);
		missed = (unsigned)VALGRIND_COUNT_ERRORS == before;
	}
	if (missed)
	{
		(void)fprintf(stderr, "%s: %s: %s\n", case_name, what,
					  mode == CHECK ? "is not marked as secret"
									: "what was planted was not reported");
		n_missed++;
	}
}

void ct_probe_secret(const char *what, const struct obol_secret *secret)
{
	CT_CHECK(obol_secret_len(secret) > 0);
	ct_probe(what, obol_secret_view(secret).ptr, obol_secret_len(secret));
}

struct obol_secret *ct_password(const char *text)
{
	struct obol_secret *password = obol_secret_dup(text, strlen(text));

	CT_CHECK(password);
	return password;
}

static void run(const struct ct_case *cases)
{
	unsigned before;

	for (; cases->name; cases++)
	{
		case_name = cases->name;
		before = n_probes;
		cases->run();
		CT_CHECK(n_probes > before);
	}
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "branch") == 0)
	{
		mode = BRANCH;
	}
	else if (argc == 2 && strcmp(argv[1], "index") == 0)
	{
		mode = INDEX;
	}
	else if (argc != 2 || strcmp(argv[1], "check") != 0)
	{
		(void)fprintf(stderr, "usage: ct-run check|branch|index\n");
		return 2;
	}
	if (!RUNNING_ON_VALGRIND)
	{
		(void)fprintf(stderr, "ct-run: says nothing without valgrind\n");
		return 2;
	}
	run(ct_group_cases);
	run(ct_pake_cases);
	run(ct_seal_cases);
	run(ct_transfer_cases);
	(void)printf("%u secrets, %u missed, %u reports\n", n_probes, n_missed,
				 (unsigned)VALGRIND_COUNT_ERRORS);
	return n_missed ? 1 : 0;
}
