/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether two samples of times come of one distribution. */
#include "welch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* the times of both, in order; free() them */
static double *sorted(const double *a, size_t n_a, const double *b, size_t n_b)
{
	double *all = malloc((n_a + n_b) * sizeof(*all));

	if (!all)
	{
		abort();
	}
	memcpy(all, a, n_a * sizeof(*all));
	if (n_b)
	{
		memcpy(all + n_a, b, n_b * sizeof(*all));
	}
	qsort(all, n_a + n_b, sizeof(*all), compare);
	return all;
}

double median(const double *times, size_t n)
{
	double *all = sorted(times, n, NULL, 0);
	double middle = all[n / 2];

	free(all);
	return middle;
}

/** What t is made of. */
struct moments {
	double n;
	double mean;
	double variance;
};

static struct moments moments_below(const double *times, size_t n, double limit)
{
	struct moments m = { 0, 0, 0 };
	double squares = 0;
	size_t i;

	for (i = 0; i < n; i++)
	{
		/* Welford's way, which does not lose the small differences */
		if (times[i] < limit)
		{
			double delta = times[i] - m.mean;

			m.n++;
			m.mean += delta / m.n;
			squares += delta * (times[i] - m.mean);
		}
	}
	m.variance = m.n > 1 ? squares / (m.n - 1) : 0;
	return m;
}

static double t_below(const double *a, const double *b, size_t n, double limit)
{
	struct moments m_a = moments_below(a, n, limit);
	struct moments m_b = moments_below(b, n, limit);
	double error = sqrt(m_a.variance / m_a.n + m_b.variance / m_b.n);

	return m_a.n > 1 && m_b.n > 1 && error > 0 ? (m_a.mean - m_b.mean) / error
											   : 0;
}

double welch_t(const double *a, const double *b, size_t n)
{
	static const size_t twentieths[] = { 10, 15, 18 };
	double *all = sorted(a, n, b, n);
	double furthest = 0, t;
	size_t i;

	for (i = 0; i < sizeof(twentieths) / sizeof(twentieths[0]); i++)
	{
		t = t_below(a, b, n, all[2 * n * twentieths[i] / 20]);
		furthest = fabs(t) > fabs(furthest) ? t : furthest;
	}
	free(all);
	return furthest;
}
