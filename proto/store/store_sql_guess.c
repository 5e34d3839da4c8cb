/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store over SQL: the bounded table of guesses. */
#include "store/store_sql_private.h"

/** Rows that come and go under a reservation's hands. */
#define TRIES_MAX 10

enum obol_status obol_sql_count(struct obol_sql_store *this, const char *name,
								int64_t by, int64_t *value)
{
	return this->count(this, name, by, value);
}

static enum obol_status load(struct obol_sql_store *this, const uint8_t *key,
							 struct obol_guess_row *row, bool *found)
{
	struct obol_sql_query q = obol_sql_begin(
		this->sql, "SELECT guesses FROM guess WHERE guess_key = ? FOR UPDATE");
	enum obol_status decoded = OBOL_OK;
	enum obol_status status;

	row->n = 0;
	obol_sql_put_blob(&q, key, OBOL_GUESS_KEY_LEN);
	*found = obol_sql_row(&q);
	if (*found)
	{
		decoded = obol_guess_row_decode(obol_sql_get_bytes(&q), row);
	}
	status = obol_sql_end(&q);
	return status == OBOL_OK && decoded != OBOL_OK ? OBOL_ERR_STORE : status;
}

/** Remove rows by a statement that has its parameters, and count them off. */
static enum obol_status drop(struct obol_sql_store *this,
							 struct obol_sql_query *q, int64_t *dropped)
{
	enum obol_status status = obol_sql_finish(q);

	*dropped = obol_sql_changes(this->sql);
	if (status == OBOL_OK && *dropped > 0)
	{
		status = obol_sql_count(this, "guess_rows", -*dropped, NULL);
	}
	return status;
}

/** Make room in a full table: what has aged out first, then the lowest count,
 * the oldest of these first. */
static enum obol_status make_room(struct obol_sql_store *this, uint64_t now)
{
	enum obol_status status;
	struct obol_sql_query q;
	int64_t dropped, n_rows;

	status = obol_sql_count(this, "guess_rows", 0, &n_rows);
	if (status != OBOL_OK || n_rows < (int64_t)this->guess_rows_max)
	{
		return status;
	}
	q = obol_sql_begin(
		this->sql, "DELETE FROM guess WHERE guess_key IN (SELECT guess_key "
				   "FROM guess WHERE newest_at <= ? FOR UPDATE SKIP LOCKED)");
	obol_sql_put_time(&q,
					  now > OBOL_GUESS_MONTH_S ? now - OBOL_GUESS_MONTH_S : 0);
	status = drop(this, &q, &dropped);
	n_rows -= dropped;
	/* more than one when the limit was lowered; a step at a time */
	if (status == OBOL_OK && n_rows >= (int64_t)this->guess_rows_max)
	{
		int64_t excess = n_rows - (int64_t)this->guess_rows_max + 1;

		q = obol_sql_begin(this->sql,
						   "DELETE FROM guess WHERE guess_key IN "
						   "(SELECT guess_key FROM guess ORDER BY n, newest_at "
						   "LIMIT ? FOR UPDATE SKIP LOCKED)");
		obol_sql_put_int(&q, excess < 64 ? excess : 64);
		status = drop(this, &q, &dropped);
	}
	return status;
}

static enum obol_status save(struct obol_sql_store *this, const uint8_t *key,
							 const struct obol_guess_row *row)
{
	struct obol_sql_query q =
		obol_sql_begin(this->sql, "UPDATE guess SET n = ?, newest_at = ?, "
								  "guesses = ? WHERE guess_key = ?");
	uint8_t guesses[OBOL_GUESS_ROW_MAX];
	size_t len = obol_guess_row_encode(row, guesses);

	obol_sql_put_int(&q, (int64_t)row->n);
	obol_sql_put_time(&q, row->guesses[row->n - 1].at);
	obol_sql_put_blob(&q, guesses, len);
	obol_sql_put_blob(&q, key, OBOL_GUESS_KEY_LEN);
	return obol_sql_finish(&q);
}

/** A new row; added is false when there is one already. */
static enum obol_status insert(struct obol_sql_store *this, const uint8_t *key,
							   const struct obol_guess_row *row, bool *added)
{
	struct obol_sql_query q = obol_sql_begin(
		this->sql, "INSERT INTO guess (guess_key, n, newest_at, guesses) "
				   "VALUES (?, ?, ?, ?) ON CONFLICT (guess_key) DO NOTHING");
	uint8_t guesses[OBOL_GUESS_ROW_MAX];
	size_t len = obol_guess_row_encode(row, guesses);
	enum obol_status status;

	obol_sql_put_blob(&q, key, OBOL_GUESS_KEY_LEN);
	obol_sql_put_int(&q, (int64_t)row->n);
	obol_sql_put_time(&q, row->guesses[row->n - 1].at);
	obol_sql_put_blob(&q, guesses, len);
	status = obol_sql_finish(&q);
	*added = status == OBOL_OK && obol_sql_changes(this->sql) > 0;
	return *added ? obol_sql_count(this, "guess_rows", 1, NULL) : status;
}

/** The same, in a table that may be full. */
static enum obol_status add(struct obol_sql_store *this, const uint8_t *key,
							const struct obol_guess_row *row, uint64_t now,
							bool *added)
{
	enum obol_status status = make_room(this, now);

	return status == OBOL_OK ? insert(this, key, row, added) : status;
}

/** Most names have no row: a new one is tried first, where nothing has to make
 * room for it. */
static enum obol_status reserve_first(struct obol_sql_store *this,
									  const uint8_t *key, uint64_t now,
									  uint64_t *reservation, bool *added)
{
	struct obol_guess_row row = { .n = 0 };
	enum obol_status status;
	int64_t n_rows;

	*added = false;
	status = obol_sql_count(this, "guess_rows", 0, &n_rows);
	if (status != OBOL_OK || n_rows >= (int64_t)this->guess_rows_max)
	{
		return status;
	}
	/* the first one never waits */
	return obol_guess_reserve(&row, now, reservation) == 0
			   ? insert(this, key, &row, added)
			   : OBOL_ERR_STORE;
}

enum obol_status obol_sql_forget_guesses(struct obol_sql_store *this,
										 const uint8_t key[OBOL_GUESS_KEY_LEN])
{
	struct obol_sql_query q =
		obol_sql_begin(this->sql, "DELETE FROM guess WHERE guess_key = ?");
	int64_t dropped;

	obol_sql_put_blob(&q, key, OBOL_GUESS_KEY_LEN);
	return drop(this, &q, &dropped);
}

enum obol_status obol_sql_reserve(struct obol_sql_store *this,
								  const uint8_t key[OBOL_GUESS_KEY_LEN],
								  uint64_t now, uint32_t *later_s,
								  uint64_t *reservation)
{
	struct obol_guess_row row;
	enum obol_status status;
	bool found, added;
	int i;

	status = reserve_first(this, key, now, reservation, &added);
	*later_s = 0;
	for (i = 0; status == OBOL_OK && !added && i < TRIES_MAX; i++)
	{
		status = load(this, key, &row, &found);
		if (status != OBOL_OK)
		{
			return status;
		}
		*later_s = obol_guess_reserve(&row, now, reservation);
		/* stored when refused too: times ahead of the clock were set to now */
		if (found)
		{
			return save(this, key, &row);
		}
		status = add(this, key, &row, now, &added);
	}
	return status == OBOL_OK && !added ? OBOL_ERR_STORE : status;
}

/** The row goes if this reservation is all that is in it, as after most logins.
 */
static enum obol_status give_back_last(struct obol_sql_store *this,
									   const uint8_t *key, uint64_t reservation,
									   bool *done)
{
	struct obol_sql_query q = obol_sql_begin(
		this->sql, "DELETE FROM guess WHERE guess_key = ? AND guesses = ?");
	const struct obol_guess_row row = {
		.n = 1,
		.guesses = { { .at = reservation >> 16,
					   .number = (uint16_t)reservation } },
	};
	uint8_t guesses[OBOL_GUESS_ROW_MAX];
	enum obol_status status;
	int64_t dropped;

	obol_sql_put_blob(&q, key, OBOL_GUESS_KEY_LEN);
	obol_sql_put_blob(&q, guesses, obol_guess_row_encode(&row, guesses));
	status = drop(this, &q, &dropped);
	*done = dropped > 0;
	return status;
}

enum obol_status obol_sql_give_back(struct obol_sql_store *this,
									const uint8_t key[OBOL_GUESS_KEY_LEN],
									uint64_t reservation)
{
	struct obol_guess_row row;
	enum obol_status status;
	bool found;

	status = give_back_last(this, key, reservation, &found);
	if (status != OBOL_OK || found)
	{
		return status;
	}
	status = load(this, key, &row, &found);
	if (status != OBOL_OK || !found || !obol_guess_give_back(&row, reservation))
	{
		return status;
	}
	return row.n > 0 ? save(this, key, &row)
					 : obol_sql_forget_guesses(this, key);
}
