/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A clock that can be stepped while a program runs: preloaded, it adds the
 * seconds that stand in a file to the real-time clock. The file is mapped
 * before the program confines itself, and its children inherit it. Unlike
 * libfaketime it opens nothing later on. Timers and the monotonic clock go on
 * as they are. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *offset_s;
static int (*real_clock_gettime)(clockid_t, struct timespec *);

static void prepare(void) __attribute__((constructor));

static void prepare(void)
{
	const char *path = getenv("STEP_CLOCK_FILE");
	void *found = dlsym(RTLD_NEXT, "clock_gettime");
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *at;

	memcpy(&real_clock_gettime, &found, sizeof(found));
	if (fd < 0)
	{
		return;
	}
	at = mmap(NULL, sizeof(*offset_s), PROT_READ, MAP_SHARED, fd, 0);
	(void)close(fd);
	offset_s = at == MAP_FAILED ? NULL : at;
}

int clock_gettime(clockid_t id, struct timespec *now)
{
	int result;

	if (!real_clock_gettime)
	{
		prepare(); /* another library's constructor was first */
	}
	result = real_clock_gettime(id, now);
	if (result == 0 && offset_s &&
		(id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
	{
		now->tv_sec += (time_t)*offset_s;
	}
	return result;
}

int gettimeofday(struct timeval *now, void *zone)
{
	struct timespec at;
	int result = clock_gettime(CLOCK_REALTIME, &at);

	(void)zone;
	now->tv_sec = at.tv_sec;
	now->tv_usec = at.tv_nsec / 1000;
	return result;
}

time_t time(time_t *now)
{
	struct timespec at;

	(void)clock_gettime(CLOCK_REALTIME, &at);
	if (now)
	{
		*now = at.tv_sec;
	}
	return at.tv_sec;
}
