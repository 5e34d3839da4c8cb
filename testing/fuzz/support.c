/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What targets share. */
#include "fuzz/support.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct fuzz_script fuzz_script_over(struct obol_bytes in)
{
	struct fuzz_script script = { in.ptr, in.len };

	return script;
}

uint8_t fuzz_u8(struct fuzz_script *script)
{
	if (script->left == 0)
	{
		return 0;
	}
	script->left--;
	return *script->pos++;
}

uint16_t fuzz_u16(struct fuzz_script *script)
{
	uint16_t high = fuzz_u8(script);

	return (uint16_t)(high << 8 | fuzz_u8(script));
}

uint32_t fuzz_u32(struct fuzz_script *script)
{
	uint32_t high = fuzz_u16(script);

	return high << 16 | fuzz_u16(script);
}

uint64_t fuzz_u64(struct fuzz_script *script)
{
	uint64_t high = fuzz_u32(script);

	return high << 32 | fuzz_u32(script);
}

size_t fuzz_below(struct fuzz_script *script, size_t n)
{
	return fuzz_u8(script) % n;
}

static struct obol_bytes take(struct fuzz_script *script, size_t len)
{
	struct obol_bytes bytes = { script->pos, 0 };

	bytes.len = len < script->left ? len : script->left;
	script->pos += bytes.len;
	script->left -= bytes.len;
	return bytes;
}

struct obol_bytes fuzz_bytes(struct fuzz_script *script)
{
	size_t len = fuzz_u8(script);

	return take(script, len);
}

struct obol_bytes fuzz_long_bytes(struct fuzz_script *script)
{
	size_t len = fuzz_u16(script);

	return take(script, len);
}

struct obol_bytes fuzz_rest(struct fuzz_script *script)
{
	return take(script, script->left);
}

/* splitmix64: spreads well enough for what need not be secret */
static enum obol_status fill(struct obol_rng *rng, uint8_t *out, size_t len)
{
	struct fuzz_rng *this = rng->ctx;
	uint64_t z;
	size_t i;

	for (i = 0; i < len; i++)
	{
		this->state += UINT64_C(0x9e3779b97f4a7c15);
		z = this->state;
		z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
		z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
		out[i] = (uint8_t)(z >> 56);
	}
	return OBOL_OK;
}

void fuzz_rng_init(struct fuzz_rng *rng, uint64_t seed)
{
	rng->rng.fill = fill;
	rng->rng.ctx = rng;
	rng->state = seed;
}

/* of a build with the sanitizer */
void __lsan_disable(void) __attribute__((weak));
void __lsan_enable(void) __attribute__((weak));

void fuzz_stays_begin(void)
{
	if (__lsan_disable)
	{
		__lsan_disable();
	}
}

void fuzz_stays_end(void)
{
	if (__lsan_enable)
	{
		__lsan_enable();
	}
}

char *fuzz_string(struct obol_bytes in)
{
	char *text = malloc(in.len + 1);

	FUZZ_CHECK(text);
	if (in.len)
	{
		memcpy(text, in.ptr, in.len);
	}
	text[in.len] = '\0';
	return text;
}

struct obol_secret *fuzz_secret(struct obol_bytes in)
{
	struct obol_secret *secret = obol_secret_dup(in.ptr, in.len);

	FUZZ_CHECK(secret);
	return secret;
}

/* In a folder that it is removed with at the program's end; a program that
 * aborts leaves it, and the next one of the same process id takes it over. */
static char file_path[PATH_MAX];

static void remove_file(void)
{
	(void)unlink(file_path);
}

const char *fuzz_file(struct obol_bytes in)
{
	const char *folder = getenv("TMPDIR");
	int fd;

	if (!file_path[0])
	{
		(void)snprintf(file_path, sizeof(file_path), "%s/obol-fuzz-%ld",
					   folder ? folder : "/tmp", (long)getpid());
		(void)unlink(file_path);
		FUZZ_CHECK(atexit(remove_file) == 0);
		fd = open(file_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	}
	else
	{
		fd = open(file_path, O_WRONLY | O_TRUNC | O_NOFOLLOW | O_CLOEXEC);
	}
	FUZZ_CHECK(fd >= 0);
	FUZZ_CHECK(in.len == 0 || write(fd, in.ptr, in.len) == (ssize_t)in.len);
	FUZZ_CHECK(close(fd) == 0);
	return file_path;
}
