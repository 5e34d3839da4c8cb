/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A store that notes operations until it is flushed. */
#include "store/store_queue.h"

#include <stdlib.h>

struct store_queue {
	/** first: the interface */
	struct obol_store store;
	struct obol_store *inner;
	struct obol_store_op *first;
	struct obol_store_op *last;
};

static void submit(struct obol_store *store, struct obol_store_op *op)
{
	struct store_queue *this = (struct store_queue *)store;

	op->next = NULL;
	*(this->last ? &this->last->next : &this->first) = op;
	this->last = op;
}

/* Callbacks may submit more: that too is done before this returns. */
static void flush(struct obol_store *store)
{
	struct store_queue *this = (struct store_queue *)store;
	struct obol_store_op *op, *next;
	unsigned n;

	while (this->first)
	{
		op = this->first;
		this->first = NULL;
		this->last = NULL;
		for (n = 0; op; op = next, n++)
		{
			/* submitting may run the callback, and then it is gone */
			next = op->next;
			obol_store_submit(this->inner, op);
		}
		obol_store_flush(this->inner);
		/* one that gathers by itself counts its groups itself */
		if (obol_store_descriptor(this->inner) < 0)
		{
			obol_meter_observe(this->inner->meter, OBOL_METRIC_STORE_GROUP, 0,
							   0, n);
		}
	}
}

static void close_queue(struct obol_store *store)
{
	struct store_queue *this = (struct store_queue *)store;

	flush(store);
	obol_store_close(this->inner);
	obol_wipe(this->store.id_key, sizeof(this->store.id_key));
	free(this);
}

static const struct obol_store_backend backend = {
	.submit = submit,
	.flush = flush,
	.close = close_queue,
};

enum obol_status obol_store_queue_new(struct obol_store *inner,
									  struct obol_store **queue)
{
	struct store_queue *this = calloc(1, sizeof(*this));

	if (!this)
	{
		return OBOL_ERR_NOMEM;
	}
	this->store.backend = &backend;
	memcpy(this->store.id_key, inner->id_key, sizeof(this->store.id_key));
	this->inner = inner;
	*queue = &this->store;
	return OBOL_OK;
}
