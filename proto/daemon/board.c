/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The meters of all processes in shared memory. */
#include "daemon/board.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/** Of every machine that obold runs on, or a multiple of it. */
#define PAGE ((size_t)65536)
#define ROUND(size) (((size) + PAGE - 1) / PAGE * PAGE)

/** What the parent writes of a process, and the monitor reads. */
struct place {
	_Atomic int pid;
	_Atomic int process;
	_Atomic bool is_taken;
	_Atomic bool is_retired;
};

/* In shared memory: the places, and each meter on pages of its own. */
struct obol_board {
	size_t n_slots;
	/** slots that were ever in use: what is behind them has no memory yet */
	_Atomic size_t *n_used;
	struct place *places;
	size_t places_size;
	uint8_t *meters;
	size_t meter_size;
};

static struct obol_meter *meter_of(const struct obol_board *board, size_t slot)
{
	return (void *)(board->meters + slot * board->meter_size);
}

static void *map(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
						MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

struct obol_board *obol_board_new(size_t n_slots)
{
	struct obol_board *board = calloc(1, sizeof(*board));
	uint8_t *head;

	if (!board)
	{
		return NULL;
	}
	board->n_slots = n_slots;
	board->places_size = ROUND(64 + n_slots * sizeof(struct place));
	board->meter_size = ROUND(sizeof(struct obol_meter));
	head = map(board->places_size);
	board->meters = map(n_slots * board->meter_size);
	board->n_used = (void *)head;
	board->places = head ? (void *)(head + 64) : NULL;
	if (!head || !board->meters)
	{
		obol_board_free(board);
		return NULL;
	}
	obol_board_forked(board, obol_board_take(board, OBOL_PROCESS_PARENT), 1);
	return board;
}

struct obol_meter *obol_board_own(struct obol_board *board)
{
	return board ? obol_board_meter(board, 0) : NULL;
}

void obol_board_free(struct obol_board *board)
{
	if (!board)
	{
		return;
	}
	if (board->n_used)
	{
		(void)munmap(board->n_used, board->places_size);
	}
	if (board->meters)
	{
		(void)munmap(board->meters, board->n_slots * board->meter_size);
	}
	free(board);
}

/*
 * The parent
 */

obol_board_slot obol_board_take(struct obol_board *board,
								enum obol_metric_process process)
{
	size_t i;

	for (i = 0; board && i < board->n_slots; i++)
	{
		struct place *place = &board->places[i];

		if (place->is_taken)
		{
			continue;
		}
		/* the one before it may have left some */
		obol_meter_clear_gauges(meter_of(board, i));
		place->pid = 0;
		place->process = process;
		place->is_retired = false;
		place->is_taken = true;
		if (*board->n_used <= i)
		{
			*board->n_used = i + 1;
		}
		return (obol_board_slot)i;
	}
	return OBOL_BOARD_NONE;
}

void obol_board_forked(struct obol_board *board, obol_board_slot slot,
					   pid_t pid)
{
	if (slot != OBOL_BOARD_NONE)
	{
		board->places[slot].pid = pid;
		board->places[slot].is_taken = pid > 0;
	}
}

static struct place *find(struct obol_board *board, pid_t pid)
{
	size_t i;

	/* the first place is the parent's own */
	for (i = 1; board && i < *board->n_used; i++)
	{
		if (board->places[i].is_taken && board->places[i].pid == pid)
		{
			return &board->places[i];
		}
	}
	return NULL;
}

void obol_board_retire(struct obol_board *board, pid_t pid)
{
	struct place *place = find(board, pid);

	if (place)
	{
		place->is_retired = true;
	}
}

void obol_board_ended(struct obol_board *board, pid_t pid)
{
	struct place *place = find(board, pid);

	if (place)
	{
		place->is_taken = false;
	}
}

/*
 * Those that were forked
 */

static void unmap(uint8_t *from, const uint8_t *to)
{
	if (to > from)
	{
		(void)munmap(from, (size_t)(to - from));
	}
}

struct obol_meter *obol_board_enter(struct obol_board *board,
									obol_board_slot slot)
{
	uint8_t *own, *end;

	if (!board)
	{
		return NULL;
	}
	end = board->meters + board->n_slots * board->meter_size;
	own = slot == OBOL_BOARD_NONE ? end
								  : (uint8_t *)meter_of(board, (size_t)slot);
	unmap((uint8_t *)board->n_used,
		  (uint8_t *)board->n_used + board->places_size);
	unmap(board->meters, own);
	if (slot != OBOL_BOARD_NONE)
	{
		unmap(own + board->meter_size, end);
	}
	free(board);
	return slot == OBOL_BOARD_NONE ? NULL : (struct obol_meter *)(void *)own;
}

struct obol_meter *obol_board_watch(struct obol_board *board,
									obol_board_slot slot)
{
	uint8_t *own;

	if (!board || slot == OBOL_BOARD_NONE)
	{
		return NULL;
	}
	own = (uint8_t *)meter_of(board, (size_t)slot);
	(void)mprotect(board->n_used, board->places_size, PROT_READ);
	(void)mprotect(board->meters, board->n_slots * board->meter_size,
				   PROT_READ);
	(void)mprotect(own, board->meter_size, PROT_READ | PROT_WRITE);
	return (struct obol_meter *)(void *)own;
}

/*
 * Reading
 */

struct obol_meter *obol_board_meter(struct obol_board *board,
									obol_board_slot slot)
{
	return meter_of(board, (size_t)slot);
}

void obol_board_read(const struct obol_board *board,
					 struct obol_readings *readings)
{
	size_t i, n_used = *board->n_used;

	memset(readings, 0, sizeof(*readings));
	for (i = 0; i < n_used && i < board->n_slots; i++)
	{
		bool lives = board->places[i].is_taken;
		unsigned process = (unsigned)board->places[i].process;

		obol_readings_add(readings, meter_of(board, i), lives);
		if (lives && process < OBOL_PROCESS_N)
		{
			readings->cells[OBOL_METRIC_AT_PROCESSES + process]++;
		}
	}
}

bool obol_board_next(const struct obol_board *board, size_t *i,
					 struct obol_board_process *process)
{
	for (; *i < *board->n_used && *i < board->n_slots; (*i)++)
	{
		const struct place *place = &board->places[*i];

		if (place->is_taken)
		{
			process->process = (enum obol_metric_process)place->process;
			process->pid = place->pid;
			process->is_retired = place->is_retired;
			process->heartbeat_ms = atomic_load_explicit(
				&meter_of(board, *i)->cells[OBOL_METRIC_AT_HEARTBEAT],
				memory_order_relaxed);
			(*i)++;
			return true;
		}
	}
	return false;
}
