/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A store that only notes what is submitted, and gives it to another one all
 * at once when it is flushed. The embedded store holds the database's one
 * write lock from the first operation to the commit; so the time between them
 * is the operations' own, and not what else an event loop does meanwhile.
 */
#ifndef OBOL_STORE_STORE_QUEUE_H_
#define OBOL_STORE_STORE_QUEUE_H_

#include "store/store.h"

/**
 * @param inner	taken over when OK: closed with the queue
 * @return		OK; NOMEM
 */
enum obol_status
obol_store_queue_new(struct obol_store *inner,
					 struct obol_store **queue) OBOL_MUST_CHECK;

#endif /* OBOL_STORE_STORE_QUEUE_H_ */
