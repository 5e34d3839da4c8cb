/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may come in, and in which order. */
#include "daemon/admission.h"

#include <stdlib.h>

/** Unfinished connections that are remembered of a network, one less in each
 * ten seconds. */
#define RECENT_MAX 60
#define RECENT_WINDOW_MS ((uint64_t)600000)
/** Networks that are remembered at once. */
#define ROWS 16384
/** Of those that let us wait longest, so many are looked at. */
#define LOOK_AT 16
#define QUIET_MS ((uint64_t)60000)
#define US_PER_S ((uint64_t)1000000)

struct list {
	struct obol_admission_place *first;
	struct obol_admission_place *last;
	size_t n;
};

struct obol_admission {
	/** both NULL without limits */
	struct obol_source_limit *recent;
	struct obol_source_limit *pace;
	/** what one handshake of the crowd takes, and when its bucket is empty */
	uint64_t crowd_us;
	uint64_t crowd_empty_at_us;
	/** until then the crowd waits */
	bool crowd_waits;
	/** before that nobody looks through those who were put off */
	uint64_t look_at_ms;
	struct list lists[OBOL_ADMISSION_LISTS];
	struct obol_admission_counts counts;
	struct obol_admission_counts told;
	uint64_t quiet_until_ms;
};

/** The first class that a network with fewer unfinished connections is in. */
static const unsigned class_ends[OBOL_ADMISSION_CLASSES - 1] = { 3, 10, 30 };

enum obol_status
obol_admission_new(const struct obol_admission_options *options,
				   struct obol_admission **out)
{
	struct obol_admission *admission = calloc(1, sizeof(*admission));
	enum obol_status status = OBOL_OK;

	if (!admission)
	{
		return OBOL_ERR_NOMEM;
	}
	admission->crowd_us = US_PER_S / options->crowd_per_second;
	if (options->per_source)
	{
		status =
			obol_source_limit_new_within(RECENT_MAX, RECENT_WINDOW_MS, ROWS,
										 options->rng, &admission->recent);
	}
	if (options->per_source && status == OBOL_OK)
	{
		status = obol_source_limit_new_within(options->per_source,
											  OBOL_ADMISSION_WINDOW_MS, ROWS,
											  options->rng, &admission->pace);
	}
	if (status != OBOL_OK)
	{
		obol_admission_free(admission);
		return status;
	}
	*out = admission;
	return OBOL_OK;
}

void obol_admission_free(struct obol_admission *admission)
{
	if (admission)
	{
		obol_source_limit_free(admission->recent);
		obol_source_limit_free(admission->pace);
		free(admission);
	}
}

/*
 * Lists
 */

static void take_out(struct obol_admission *admission,
					 struct obol_admission_place *place)
{
	struct list *list = &admission->lists[place->list];

	if (place->list == OBOL_ADMISSION_NOWHERE)
	{
		return;
	}
	*(place->prev ? &place->prev->next : &list->first) = place->next;
	*(place->next ? &place->next->prev : &list->last) = place->prev;
	list->n--;
	place->prev = NULL;
	place->next = NULL;
	place->list = OBOL_ADMISSION_NOWHERE;
}

static void append(struct obol_admission *admission,
				   struct obol_admission_place *place, unsigned to)
{
	struct list *list = &admission->lists[to];

	take_out(admission, place);
	if (to == OBOL_ADMISSION_NOWHERE)
	{
		return;
	}
	place->list = to;
	place->prev = list->last;
	*(list->last ? &list->last->next : &list->first) = place;
	list->last = place;
	list->n++;
}

void obol_admission_move(struct obol_admission *admission,
						 struct obol_admission_place *place,
						 enum obol_admission_list list)
{
	append(admission, place, list);
}

bool obol_admission_has_half_open(const struct obol_admission *admission)
{
	size_t i;

	for (i = 1; i < OBOL_ADMISSION_LISTS; i++)
	{
		if (admission->lists[i].n)
		{
			return true;
		}
	}
	return false;
}

/*
 * Turns
 */

static unsigned class_of(struct obol_admission *admission,
						 const struct obol_source_address *address,
						 uint64_t mono_ms)
{
	unsigned level, i = 0;

	if (admission->recent)
	{
		level = obol_source_limit_level(admission->recent, address, mono_ms);
		while (i < OBOL_ADMISSION_CLASSES - 1 && level >= class_ends[i])
		{
			i++;
		}
	}
	return i;
}

void obol_admission_ask(struct obol_admission *admission,
						struct obol_admission_place *place, uint64_t mono_ms)
{
	unsigned i = class_of(admission, &place->address, mono_ms);

	/* a network that is full stays so */
	place->is_counted = admission->recent &&
						obol_source_limit_take(admission->recent,
											   &place->address, mono_ms) == 0;
	append(admission, place, OBOL_ADMISSION_TURN + i);
}

/* The crowd's common rate: a second's worth at once. */
static bool crowd_may(struct obol_admission *admission, uint64_t mono_ms)
{
	uint64_t now_us = mono_ms * 1000;

	if (admission->crowd_empty_at_us < now_us)
	{
		admission->crowd_empty_at_us = now_us;
	}
	admission->crowd_waits =
		admission->crowd_empty_at_us + admission->crowd_us > now_us + US_PER_S;
	return !admission->crowd_waits;
}

static bool network_may(struct obol_admission *admission,
						struct obol_admission_place *place, uint64_t mono_ms)
{
	place->is_paced =
		obol_source_limit_take(admission->pace, &place->address, mono_ms) == 0;
	return place->is_paced;
}

/* Of those that were put off, the first whose network may again. */
static struct obol_admission_place *
next_put_off(struct obol_admission *admission, uint64_t mono_ms)
{
	struct obol_admission_place *place =
		admission->lists[OBOL_ADMISSION_PUT_OFF].first;

	if (mono_ms < admission->look_at_ms)
	{
		return NULL;
	}
	while (place && !network_may(admission, place, mono_ms))
	{
		place = place->next;
	}
	if (!place)
	{
		admission->look_at_ms = mono_ms + OBOL_ADMISSION_AGAIN_MS;
	}
	return place;
}

static struct obol_admission_place *
next_of_crowd(struct obol_admission *admission, struct list *list,
			  uint64_t mono_ms)
{
	struct obol_admission_place *place;

	while ((place = list->first) && !network_may(admission, place, mono_ms))
	{
		admission->counts.n_put_off++;
		append(admission, place, OBOL_ADMISSION_PUT_OFF);
	}
	return place;
}

static struct obol_admission_place *crowd(struct obol_admission *admission,
										  uint64_t mono_ms)
{
	struct obol_admission_place *place;
	unsigned i;

	if (!crowd_may(admission, mono_ms))
	{
		return NULL;
	}
	place = next_put_off(admission, mono_ms);
	for (i = OBOL_ADMISSION_CROWD; !place && i < OBOL_ADMISSION_CLASSES; i++)
	{
		place = next_of_crowd(
			admission, &admission->lists[OBOL_ADMISSION_TURN + i], mono_ms);
	}
	if (place)
	{
		admission->crowd_empty_at_us += admission->crowd_us;
	}
	return place;
}

struct obol_admission_place *
obol_admission_next(struct obol_admission *admission, uint64_t mono_ms)
{
	struct obol_admission_place *place = NULL;
	unsigned i;

	for (i = 0; !place && i < OBOL_ADMISSION_CROWD; i++)
	{
		place = admission->lists[OBOL_ADMISSION_TURN + i].first;
	}
	if (!place)
	{
		place = crowd(admission, mono_ms);
	}
	if (place)
	{
		append(admission, place, OBOL_ADMISSION_GREETING);
	}
	return place;
}

unsigned obol_admission_class(const struct obol_admission *admission)
{
	unsigned i = 0;

	while (i < OBOL_ADMISSION_CLASSES &&
		   !admission->lists[OBOL_ADMISSION_TURN + i].n)
	{
		i++;
	}
	return i;
}

bool obol_admission_is_due(const struct obol_admission *admission)
{
	unsigned i = obol_admission_class(admission);

	return i < OBOL_ADMISSION_CROWD ||
		   (i < OBOL_ADMISSION_CLASSES && !admission->crowd_waits);
}

bool obol_admission_is_waited_for(const struct obol_admission *admission)
{
	return admission->lists[OBOL_ADMISSION_PUT_OFF].n ||
		   obol_admission_class(admission) < OBOL_ADMISSION_CLASSES;
}

void obol_admission_succeed(struct obol_admission *admission,
							struct obol_admission_place *place,
							uint64_t mono_ms)
{
	if (place->is_counted)
	{
		obol_source_limit_give_back(admission->recent, &place->address,
									mono_ms);
	}
	if (place->is_paced)
	{
		obol_source_limit_give_back(admission->pace, &place->address, mono_ms);
		admission->crowd_empty_at_us -=
			admission->crowd_empty_at_us > admission->crowd_us
				? admission->crowd_us
				: 0;
	}
	place->is_counted = false;
	place->is_paced = false;
	take_out(admission, place);
}

/*
 * Without room
 */

/* Of the eldest, one whose network has most connections. */
static struct obol_admission_place *
greediest(const struct list *list, const struct obol_source_count *sources,
		  unsigned *most)
{
	struct obol_admission_place *place = list->first, *found = NULL;
	unsigned i, n;

	*most = 0;
	for (i = 0; place && i < LOOK_AT; i++, place = place->next)
	{
		n = obol_source_count_get(sources, &place->address);
		if (n > *most)
		{
			*most = n;
			found = place;
		}
	}
	return found;
}

struct obol_admission_place *
obol_admission_victim(struct obol_admission *admission,
					  const struct obol_source_count *sources,
					  const struct obol_source_address *newcomer)
{
	const struct list *lists = admission->lists;
	struct obol_admission_place *place = lists[OBOL_ADMISSION_PUT_OFF].first;
	unsigned most, i, longest = OBOL_ADMISSION_GREETING;

	for (i = OBOL_ADMISSION_LISTS - 1;
		 !place && i >= OBOL_ADMISSION_TURN + OBOL_ADMISSION_CROWD; i--)
	{
		place = lists[i].first;
	}
	if (!place)
	{
		/* a flood stops somewhere: where most of them are */
		for (i = OBOL_ADMISSION_LOGIN; i <= OBOL_ADMISSION_CLOSING; i++)
		{
			longest = lists[i].n > lists[longest].n ? i : longest;
		}
		place = greediest(&lists[longest], sources, &most);
		if (place && obol_source_count_get(sources, newcomer) > most)
		{
			place = NULL;
		}
	}
	*(place ? &admission->counts.n_victims : &admission->counts.n_refused) += 1;
	return place;
}

void obol_admission_refused(struct obol_admission *admission)
{
	admission->counts.n_refused++;
}

void obol_admission_tell(struct obol_admission *admission, struct obol_log *log,
						 uint64_t mono_ms)
{
	const struct obol_admission_counts *now = &admission->counts;
	struct obol_admission_counts *told = &admission->told;

	if (mono_ms < admission->quiet_until_ms ||
		(now->n_victims == told->n_victims &&
		 now->n_refused == told->n_refused &&
		 now->n_put_off == told->n_put_off))
	{
		return;
	}
	obol_log(log, OBOL_LOG_WARN, "daemon",
			 "many connections without a login: %llu dropped to make room, "
			 "%llu refused, %llu handshakes put off",
			 (unsigned long long)(now->n_victims - told->n_victims),
			 (unsigned long long)(now->n_refused - told->n_refused),
			 (unsigned long long)(now->n_put_off - told->n_put_off));
	*told = *now;
	admission->quiet_until_ms = mono_ms + QUIET_MS;
}

struct obol_admission_counts
obol_admission_counts(const struct obol_admission *admission)
{
	return admission->counts;
}
