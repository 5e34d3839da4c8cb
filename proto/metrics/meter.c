/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A process's meter. */
#include "metrics/meter.h"

#include <time.h>

/* One process writes: a load and a store do, without the bus lock that an
 * atomic addition takes. */
static void add(_Atomic uint64_t *cell, uint64_t n)
{
	uint64_t value = atomic_load_explicit(cell, memory_order_relaxed);

	atomic_store_explicit(cell, value + n, memory_order_relaxed);
}

void obol_meter_add(struct obol_meter *meter, enum obol_metric metric,
					unsigned a, unsigned b, uint64_t n)
{
	size_t cell = obol_metric_cell(metric, a, b);

	if (meter && cell < OBOL_METRIC_CELLS)
	{
		add(&meter->cells[cell], n);
	}
}

/* One that is the greatest of several is kept plus one: 0 is none. */
static uint64_t to_cell(enum obol_metric metric, int64_t value)
{
	return (uint64_t)value +
		   (obol_metric_infos[metric].type == OBOL_METRIC_GAUGE_MAX);
}

void obol_meter_set(struct obol_meter *meter, enum obol_metric metric,
					unsigned a, int64_t value)
{
	size_t cell = obol_metric_cell(metric, a, 0);

	if (meter && cell < OBOL_METRIC_CELLS)
	{
		atomic_store_explicit(&meter->cells[cell], to_cell(metric, value),
							  memory_order_relaxed);
	}
}

void obol_meter_observe(struct obol_meter *meter, enum obol_metric metric,
						unsigned a, unsigned b, uint64_t value)
{
	const uint64_t *bounds = obol_metric_bounds(obol_metric_infos[metric].type);
	size_t cell = obol_metric_cell(metric, a, b);
	size_t bucket = 0;

	if (!meter || cell >= OBOL_METRIC_CELLS)
	{
		return;
	}
	while (bucket < OBOL_METRIC_BUCKETS && value > bounds[bucket])
	{
		bucket++;
	}
	add(&meter->cells[cell + bucket], 1);
	add(&meter->cells[cell + OBOL_METRIC_BUCKETS + 1], value);
}

uint64_t obol_meter_us(const struct obol_meter *meter)
{
	struct timespec ts = { 0, 0 };

	if (!meter)
	{
		return 0;
	}
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

void obol_meter_since(struct obol_meter *meter, enum obol_metric metric,
					  unsigned a, unsigned b, uint64_t since_us)
{
	uint64_t now_us = obol_meter_us(meter);

	obol_meter_observe(meter, metric, a, b,
					   now_us > since_us ? now_us - since_us : 0);
}

static bool is_gauge(const struct obol_metric_info *info)
{
	return info->type == OBOL_METRIC_GAUGE ||
		   info->type == OBOL_METRIC_GAUGE_MAX;
}

void obol_meter_clear_gauges(struct obol_meter *meter)
{
	size_t metric, i;

	for (metric = 0; metric < OBOL_METRIC_N; metric++)
	{
		const struct obol_metric_info *info = &obol_metric_infos[metric];

		for (i = 0; is_gauge(info) && i < info->n_cells; i++)
		{
			atomic_store_explicit(&meter->cells[info->at + i], 0,
								  memory_order_relaxed);
		}
	}
}

void obol_readings_add(struct obol_readings *readings,
					   const struct obol_meter *meter, bool lives)
{
	size_t metric, i;

	for (metric = 0; metric < OBOL_METRIC_N; metric++)
	{
		const struct obol_metric_info *info = &obol_metric_infos[metric];

		if (is_gauge(info) && !lives)
		{
			continue;
		}
		for (i = info->at; i < info->at + info->n_cells; i++)
		{
			uint64_t value =
				atomic_load_explicit(&meter->cells[i], memory_order_relaxed);

			if (info->type != OBOL_METRIC_GAUGE_MAX)
			{
				readings->cells[i] += value;
			}
			else if (value > readings->cells[i])
			{
				readings->cells[i] = value;
			}
		}
	}
}

bool obol_readings_gauge(const struct obol_readings *readings,
						 enum obol_metric metric, unsigned a, int64_t *value)
{
	bool is_max = obol_metric_infos[metric].type == OBOL_METRIC_GAUGE_MAX;
	size_t cell = obol_metric_cell(metric, a, 0);
	uint64_t kept = cell < OBOL_METRIC_CELLS ? readings->cells[cell] : 0;

	*value = (int64_t)(is_max && kept ? kept - 1 : kept);
	return !is_max || kept;
}

void obol_readings_set(struct obol_readings *readings, enum obol_metric metric,
					   unsigned a, int64_t value)
{
	size_t cell = obol_metric_cell(metric, a, 0);

	if (cell < OBOL_METRIC_CELLS)
	{
		readings->cells[cell] = to_cell(metric, value);
	}
}
