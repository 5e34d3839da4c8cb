/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A sender and a receiver in one process. */
#include "transfer/pair.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static struct obol_transfer_item items[OBOL_TRANSFER_ITEMS_MAX];

static void make_items(struct pair *pair, const uint64_t *sizes, size_t n)
{
	size_t i, j;

	memset(items, 0, sizeof(items));
	for (i = 0; i < n; i++)
	{
		(void)snprintf(items[i].name, sizeof(items[i].name), "item %zu", i);
		items[i].format = 7;
		items[i].size = sizes[i];
		pair->payload[i] = malloc((size_t)sizes[i] + 1);
		pair->received[i] = malloc((size_t)sizes[i] + 1);
		ck_assert(pair->payload[i] && pair->received[i]);
		for (j = 0; j < sizes[i]; j++)
		{
			pair->payload[i][j] = (uint8_t)(j * 31 + (j >> 8) + i);
		}
	}
}

void pair_code(const struct pair *pair, char out[16])
{
	struct obol_secret *text;

	ck_assert_int_eq(obol_transfer_code_text(pair->sender_code, &text),
					 OBOL_OK);
	ck_assert_uint_eq(obol_secret_len(text), OBOL_TRANSFER_CODE_LEN);
	memcpy(out, obol_secret_view(text).ptr, OBOL_TRANSFER_CODE_LEN);
	out[OBOL_TRANSFER_CODE_LEN] = '\0';
	obol_secret_free(text);
}

void pair_type(struct pair *pair, const char *text)
{
	struct obol_transfer_place places[OBOL_TRANSFER_PLACES_MAX];
	size_t n_places;

	obol_transfer_free(pair->receiver);
	pair->receiver = NULL;
	obol_transfer_code_free(pair->receiver_code);
	ck_assert_int_eq(obol_transfer_code_parse(obol_bytes_str(text), 0,
											  &pair->receiver_code, places,
											  &n_places),
					 OBOL_OK);
	ck_assert_int_eq(obol_transfer_receive_new(pair->receiver_code, "phone",
											   NULL, &pair->receiver),
					 OBOL_OK);
}

void pair_init(struct pair *pair, const uint64_t *sizes, size_t n)
{
	char text[16];

	memset(pair, 0, sizeof(*pair));
	pair->verdict = OBOL_TRANSFER_DONE;
	make_items(pair, sizes, n);
	ck_assert_int_eq(obol_transfer_code_new(NULL, 0, &pair->sender_code),
					 OBOL_OK);
	ck_assert_int_eq(obol_transfer_send_new(pair->sender_code, "laptop", items,
											n, NULL, &pair->sender),
					 OBOL_OK);
	pair_code(pair, text);
	pair_type(pair, text);
}

void pair_clear(struct pair *pair)
{
	size_t i;

	obol_transfer_free(pair->sender);
	obol_transfer_free(pair->receiver);
	obol_transfer_code_free(pair->sender_code);
	obol_transfer_code_free(pair->receiver_code);
	for (i = 0; i < OBOL_TRANSFER_ITEMS_MAX; i++)
	{
		free(pair->payload[i]);
		free(pair->received[i]);
	}
}

void pair_reconnect(struct pair *pair)
{
	const struct obol_transfer_item *old;
	struct obol_transfer *sender;
	size_t n;

	old = obol_transfer_items(pair->sender, &n);
	ck_assert_int_eq(obol_transfer_send_new(pair->sender_code, "laptop", old, n,
											NULL, &sender),
					 OBOL_OK);
	obol_transfer_free(pair->sender);
	pair->sender = sender;
	obol_transfer_free(pair->receiver);
	ck_assert_int_eq(obol_transfer_receive_new(pair->receiver_code, "phone",
											   NULL, &pair->receiver),
					 OBOL_OK);
	memset(pair->n_received, 0, sizeof(pair->n_received));
	memset(pair->given, 0, sizeof(pair->given));
	memset(pair->n_frames, 0, sizeof(pair->n_frames));
	pair->has_hung_up = false;
	pair->all_came = false;
}

static void act_as_receiver(struct pair *pair, enum obol_transfer_event event)
{
	struct obol_bytes data;
	size_t item;

	switch (event)
	{
		case OBOL_TRANSFER_OFFER:
			if (pair->answer)
			{
				obol_transfer_cancel(pair->receiver, pair->answer);
				break;
			}
			ck_assert_int_eq(obol_transfer_accept(pair->receiver), OBOL_OK);
			break;
		case OBOL_TRANSFER_DATA:
			data = obol_transfer_data(pair->receiver, &item);
			ck_assert_uint_le(pair->n_received[item] + data.len,
							  items[item].size);
			memcpy(pair->received[item] + pair->n_received[item], data.ptr,
				   data.len);
			pair->n_received[item] += data.len;
			break;
		case OBOL_TRANSFER_COMPLETE:
			pair->all_came = true;
			if (pair->verdict != OBOL_TRANSFER_DONE)
			{
				obol_transfer_cancel(pair->receiver, pair->verdict);
				break;
			}
			ck_assert_int_eq(obol_transfer_confirm(pair->receiver), OBOL_OK);
			break;
		default:
			break;
	}
}

static void act(struct pair *pair, struct obol_transfer *t)
{
	enum obol_transfer_event event = obol_transfer_event(t);
	size_t wanted, item;

	if (event == OBOL_TRANSFER_PEER)
	{
		ck_assert_str_eq(obol_transfer_peer(t),
						 t == pair->sender ? "phone" : "laptop");
	}
	if (t == pair->receiver)
	{
		act_as_receiver(pair, event);
		return;
	}
	wanted = obol_transfer_wanted(t, &item);
	if (wanted)
	{
		ck_assert_int_eq(
			obol_transfer_give(
				t, obol_bytes(pair->payload[item] + pair->given[item], wanted)),
			OBOL_OK);
		pair->given[item] += wanted;
	}
}

/* Hand bytes over in steps, acting on what comes of each. What is not taken is
 * lost: nobody takes less unless it is over. */
static void deliver(struct pair *pair, struct obol_transfer *t,
					struct obol_bytes bytes)
{
	size_t used, n;

	while (bytes.len && obol_transfer_end(t) == OBOL_TRANSFER_RUNNING)
	{
		n = pair->step && pair->step < bytes.len ? pair->step : bytes.len;
		obol_transfer_input(t, obol_bytes(bytes.ptr, n), pair->now_ms, &used);
		ck_assert_uint_le(used, n);
		bytes = obol_bytes(bytes.ptr + used, bytes.len - used);
		act(pair, t);
	}
}

/* Take one frame off a side's output; false when there is none. */
static bool take_frame(struct pair *pair, bool from_sender)
{
	struct obol_transfer *t = from_sender ? pair->sender : pair->receiver;
	struct obol_bytes out = obol_transfer_output(t);
	struct pair_frame *frame = &pair->frame;

	if (!out.len)
	{
		return false;
	}
	ck_assert_uint_ge(out.len, OBOL_TRANSFER_HEADER_LEN);
	memset(frame, 0, offsetof(struct pair_frame, bytes));
	frame->from_sender = from_sender;
	frame->number = pair->n_frames[from_sender]++;
	frame->type = out.ptr[0];
	frame->len = OBOL_TRANSFER_HEADER_LEN + ((size_t)out.ptr[1] << 16 |
											 (size_t)out.ptr[2] << 8 |
											 (size_t)out.ptr[3]);
	ck_assert_uint_le(frame->len, out.len);
	ck_assert_uint_le(frame->len, PAIR_FRAME_MAX);
	memcpy(frame->bytes, out.ptr, frame->len);
	frame->reflect = false;
	frame->twice = false;
	frame->hang_up = false;
	obol_transfer_sent(t, frame->len);
	return true;
}

static void pass_frame(struct pair *pair)
{
	struct pair_frame *frame = &pair->frame;
	struct obol_transfer *to;
	int times;

	if (pair->middle)
	{
		pair->middle(pair, frame);
	}
	to = frame->from_sender != frame->reflect ? pair->receiver : pair->sender;
	for (times = frame->twice ? 2 : 1; times; times--)
	{
		deliver(pair, to, obol_bytes(frame->bytes, frame->len));
	}
	if (frame->hang_up)
	{
		pair->has_hung_up = true;
	}
}

void pair_run(struct pair *pair)
{
	bool moved = true;

	while (moved && !pair->has_hung_up)
	{
		bool from_receiver = false;

		moved = false;
		act(pair, pair->sender);
		while (!pair->has_hung_up && take_frame(pair, false))
		{
			pass_frame(pair);
			from_receiver = true;
		}
		act(pair, pair->sender);
		while (!pair->has_hung_up && take_frame(pair, true))
		{
			pass_frame(pair);
			act(pair, pair->sender);
			moved = true;
		}
		moved = moved || from_receiver;
		pair->n_round_trips += from_receiver;
	}
	obol_transfer_closed(pair->sender);
	obol_transfer_closed(pair->receiver);
}

bool pair_is_complete(const struct pair *pair)
{
	size_t i, n;

	(void)obol_transfer_items(pair->sender, &n);
	for (i = 0; i < n; i++)
	{
		if (pair->n_received[i] != items[i].size ||
			memcmp(pair->received[i], pair->payload[i],
				   (size_t)items[i].size) != 0)
		{
			return false;
		}
	}
	return true;
}
