/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The meters of all of obold's processes: one piece of memory that the parent
 * makes and every process it forks inherits. Each process keeps its own meter
 * alone and unmaps all else, so that one that was taken over can falsify no
 * other's figures; the monitor keeps the others' too, to read them.
 *
 * A meter that has become free goes to the next process with its counters as
 * they are: so totals never fall.
 */
#ifndef OBOL_DAEMON_BOARD_H_
#define OBOL_DAEMON_BOARD_H_

#include <sys/types.h>

#include "base/clock.h"
#include "metrics/meter.h"

/** Processes that are counted at once: a full crew, and others that drain.
 * Memory is taken for those alone that there have been. */
#define OBOL_BOARD_SLOTS 2048

struct obol_board;

/** A place on the board: that of a process, or none. */
typedef int obol_board_slot;
#define OBOL_BOARD_NONE (-1)

/**
 * Map it, in the parent, whose own meter it has first.
 *
 * @param n_slots	at least 1
 * @return			NULL when there is no memory
 */
struct obol_board *obol_board_new(size_t n_slots);

/** The parent's meter; NULL without a board. */
struct obol_meter *obol_board_own(struct obol_board *board);

/** Unmap; NULL is fine. */
void obol_board_free(struct obol_board *board);

/*
 * In the parent. A board of NULL has no slots.
 */

/** A meter for a process that is about to be forked; NONE when all are in use,
 * and the process does without. */
obol_board_slot obol_board_take(struct obol_board *board,
								enum obol_metric_process process);

/** It was forked; a pid below 1: it was not. */
void obol_board_forked(struct obol_board *board, obol_board_slot slot,
					   pid_t pid);

/** It was told to end: nobody waits for its heartbeat any more. */
void obol_board_retire(struct obol_board *board, pid_t pid);

/** It has ended. Nothing happens when it is not on the board. */
void obol_board_ended(struct obol_board *board, pid_t pid);

/*
 * In a process that was forked.
 */

/**
 * Keep the slot's meter alone.
 *
 * @return	NULL without a slot
 */
struct obol_meter *obol_board_enter(struct obol_board *board,
									obol_board_slot slot);

/** Keep the slot's meter, and read the others'. The board stays usable for what
 * follows. */
struct obol_meter *obol_board_watch(struct obol_board *board,
									obol_board_slot slot);

/*
 * In the monitor, and in tests.
 */

/** What the board knows of a process. */
struct obol_board_process {
	enum obol_metric_process process;
	/** 0 until the parent knows it */
	pid_t pid;
	/** it was told to end */
	bool is_retired;
	/** of its worker's loop, monotonic milliseconds; 0: none yet */
	uint64_t heartbeat_ms;
};

/** A slot's meter, while the board is mapped. */
struct obol_meter *obol_board_meter(struct obol_board *board,
									obol_board_slot slot);

/** Sum up all meters, and count the processes. */
void obol_board_read(const struct obol_board *board,
					 struct obol_readings *readings);

/** The next process that lives, from *i on, which is moved behind it. */
bool obol_board_next(const struct obol_board *board, size_t *i,
					 struct obol_board_process *process);

#endif /* OBOL_DAEMON_BOARD_H_ */
