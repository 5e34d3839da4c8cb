/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The messages of a transfer: bytes to structs and back. */
#include "transfer/message.h"

#include <unistr.h>

#include "base/reader.h"

static const char commitment_label[] = "obol-transfer name";

void obol_transfer_write_frame(struct obol_writer *w, uint8_t type,
							   struct obol_bytes first,
							   struct obol_bytes second)
{
	obol_write_u8(w, type);
	obol_write_u24(w, (uint32_t)(first.len + second.len));
	obol_write_bytes(w, first);
	obol_write_bytes(w, second);
}

static void write_hello_body(struct obol_writer *w,
							 const struct obol_transfer_hello *hello,
							 bool has_code)
{
	obol_write_u8(w, hello->version);
	obol_write_u16(w, hello->draft);
	if (has_code)
	{
		obol_write_u8(w, hello->kind);
		obol_write_u32(w, hello->number);
	}
	obol_write_bytes(w, obol_bytes(hello->nonce, sizeof(hello->nonce)));
}

void obol_transfer_write_hello(struct obol_writer *w,
							   const struct obol_transfer_hello *hello)
{
	size_t mark;

	obol_write_u8(w, OBOL_TRANSFER_HELLO);
	mark = obol_write_open(w, 3);
	write_hello_body(w, hello, true);
	obol_write_close(w, mark, 3);
}

void obol_transfer_write_welcome(struct obol_writer *w,
								 const struct obol_transfer_hello *welcome)
{
	size_t mark;

	obol_write_u8(w, OBOL_TRANSFER_WELCOME);
	mark = obol_write_open(w, 3);
	write_hello_body(w, welcome, false);
	obol_write_close(w, mark, 3);
}

static enum obol_status read_hello_body(struct obol_bytes body,
										struct obol_transfer_hello *hello,
										bool has_code)
{
	struct obol_reader r = obol_reader_over(body);

	memset(hello, 0, sizeof(*hello));
	hello->version = obol_read_u8(&r);
	hello->draft = obol_read_u16(&r);
	if (obol_reader_ok(&r) &&
		(hello->version != OBOL_TRANSFER_PROTOCOL_VERSION ||
		 hello->draft != OBOL_CPACE_DRAFT))
	{
		return OBOL_ERR_VERSION;
	}
	if (has_code)
	{
		hello->kind = obol_read_u8(&r);
		hello->number = obol_read_u32(&r);
	}
	obol_read_copy(&r, hello->nonce, sizeof(hello->nonce));
	return obol_read_end(&r);
}

enum obol_status obol_transfer_read_hello(struct obol_bytes body,
										  struct obol_transfer_hello *hello)
{
	return read_hello_body(body, hello, true);
}

enum obol_status obol_transfer_read_welcome(struct obol_bytes body,
											struct obol_transfer_hello *welcome)
{
	return read_hello_body(body, welcome, false);
}

enum obol_status
obol_transfer_commit(const uint8_t opening[OBOL_TRANSFER_OPENING_LEN],
					 const char *name,
					 uint8_t commitment[OBOL_TRANSFER_COMMITMENT_LEN])
{
	struct obol_bytes parts[] = {
		/* with its final zero, which parts it from what follows */
		obol_bytes(commitment_label, sizeof(commitment_label)),
		obol_bytes(opening, OBOL_TRANSFER_OPENING_LEN),
		obol_bytes_str(name),
	};

	return obol_sha256(parts, 3, commitment);
}

bool obol_transfer_name_is_sound(struct obol_bytes name)
{
	size_t i;

	if (name.len == 0 || name.len > OBOL_TRANSFER_NAME_MAX ||
		u8_check(name.ptr, name.len))
	{
		return false;
	}
	for (i = 0; i < name.len; i++)
	{
		/* C0, DEL, and C1 as UTF-8 has them */
		if (name.ptr[i] < 0x20 || name.ptr[i] == 0x7f ||
			(name.ptr[i] == 0xc2 && name.ptr[i + 1] < 0xa0))
		{
			return false;
		}
	}
	return true;
}

static void copy_name(char out[OBOL_TRANSFER_NAME_MAX + 1],
					  struct obol_bytes name)
{
	memset(out, 0, OBOL_TRANSFER_NAME_MAX + 1);
	memcpy(out, name.ptr, name.len);
}

void obol_transfer_write_intro(struct obol_writer *w,
							   const uint8_t opening[OBOL_TRANSFER_OPENING_LEN],
							   const char *name)
{
	struct obol_bytes view = obol_bytes_str(name);

	obol_write_u8(w, OBOL_TRANSFER_INTRO);
	obol_write_bytes(w, obol_bytes(opening, OBOL_TRANSFER_OPENING_LEN));
	obol_write_vec8(w, view);
	obol_write_zeros(w, OBOL_TRANSFER_NAME_MAX - view.len);
}

enum obol_status
obol_transfer_read_intro(struct obol_bytes in,
						 uint8_t opening[OBOL_TRANSFER_OPENING_LEN],
						 char name[OBOL_TRANSFER_NAME_MAX + 1])
{
	struct obol_reader r = obol_reader_over(in);
	struct obol_bytes view, padding;
	enum obol_status status;
	size_t i;

	obol_read_copy(&r, opening, OBOL_TRANSFER_OPENING_LEN);
	view = obol_read_vec8(&r, OBOL_TRANSFER_NAME_MAX);
	padding = obol_read_fixed(&r, OBOL_TRANSFER_NAME_MAX - view.len);
	status = obol_read_end(&r);
	if (status != OBOL_OK || !obol_transfer_name_is_sound(view))
	{
		return OBOL_ERR_FORMAT;
	}
	for (i = 0; i < padding.len; i++)
	{
		if (padding.ptr[i])
		{
			return OBOL_ERR_FORMAT;
		}
	}
	copy_name(name, view);
	return OBOL_OK;
}

/* Sizes that together are within bounds, names that differ. */
static bool items_are_sound(const struct obol_transfer_item *items, size_t n)
{
	uint64_t total = 0;
	size_t i, j;

	for (i = 0; i < n; i++)
	{
		if (!obol_transfer_name_is_sound(obol_bytes_str(items[i].name)) ||
			items[i].size > OBOL_TRANSFER_SIZE_MAX)
		{
			return false;
		}
		total += items[i].size;
		for (j = 0; j < i; j++)
		{
			if (strcmp(items[i].name, items[j].name) == 0)
			{
				return false;
			}
		}
	}
	return n >= 1 && n <= OBOL_TRANSFER_ITEMS_MAX &&
		   total <= OBOL_TRANSFER_SIZE_MAX;
}

void obol_transfer_write_offer(struct obol_writer *w,
							   const struct obol_transfer_item *items, size_t n)
{
	size_t i;

	if (n > OBOL_TRANSFER_ITEMS_MAX || !items_are_sound(items, n))
	{
		obol_writer_fail(w, OBOL_ERR_ARG);
		return;
	}
	obol_write_u8(w, OBOL_TRANSFER_OFFERED);
	obol_write_u8(w, (uint8_t)n);
	for (i = 0; i < n; i++)
	{
		obol_write_vec8(w, obol_bytes_str(items[i].name));
		obol_write_u16(w, items[i].format);
		obol_write_u64(w, items[i].size);
	}
}

enum obol_status obol_transfer_read_offer(
	struct obol_bytes in,
	struct obol_transfer_item items[OBOL_TRANSFER_ITEMS_MAX], size_t *n)
{
	struct obol_reader r = obol_reader_over(in);
	size_t count = obol_read_u8(&r), i;
	struct obol_bytes name;

	if (count > OBOL_TRANSFER_ITEMS_MAX)
	{
		return OBOL_ERR_FORMAT;
	}
	for (i = 0; i < count && obol_reader_ok(&r); i++)
	{
		name = obol_read_vec8(&r, OBOL_TRANSFER_NAME_MAX);
		if (!obol_transfer_name_is_sound(name))
		{
			return OBOL_ERR_FORMAT;
		}
		copy_name(items[i].name, name);
		items[i].format = obol_read_u16(&r);
		items[i].size = obol_read_u64(&r);
	}
	if (obol_read_end(&r) != OBOL_OK || !items_are_sound(items, count))
	{
		return OBOL_ERR_FORMAT;
	}
	*n = count;
	return OBOL_OK;
}

/* Their numbers on the wire, and what one side's reason is to the other. */
static const struct {
	uint8_t reason;
	enum obol_transfer_end here;
	enum obol_transfer_end there;
} reasons[] = {
	{ 1, OBOL_TRANSFER_CANCELLED, OBOL_TRANSFER_PEER_CANCELLED },
	{ 2, OBOL_TRANSFER_INTERNAL, OBOL_TRANSFER_PEER_CANCELLED },
	{ 3, OBOL_TRANSFER_WRONG_CODE, OBOL_TRANSFER_WRONG_CODE },
	{ 4, OBOL_TRANSFER_OTHER_CODE, OBOL_TRANSFER_OTHER_CODE },
	{ 5, OBOL_TRANSFER_SPENT, OBOL_TRANSFER_SPENT },
	{ 6, OBOL_TRANSFER_EXPIRED, OBOL_TRANSFER_EXPIRED },
	{ 7, OBOL_TRANSFER_VERSION, OBOL_TRANSFER_VERSION },
	{ 8, OBOL_TRANSFER_PROTOCOL, OBOL_TRANSFER_PROTOCOL },
	{ 9, OBOL_TRANSFER_REFLECTED, OBOL_TRANSFER_PROTOCOL },
	{ 10, OBOL_TRANSFER_ALTERED, OBOL_TRANSFER_ALTERED },
	{ 11, OBOL_TRANSFER_DECLINED, OBOL_TRANSFER_DECLINED },
	{ 12, OBOL_TRANSFER_NOT_STORED, OBOL_TRANSFER_NOT_STORED },
	{ 13, OBOL_TRANSFER_UNUSABLE, OBOL_TRANSFER_UNUSABLE },
};

uint8_t obol_transfer_reason_of(enum obol_transfer_end end)
{
	size_t i;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
	{
		if (reasons[i].here == end)
		{
			return reasons[i].reason;
		}
	}
	return 0;
}

enum obol_transfer_end obol_transfer_end_of(uint8_t reason)
{
	size_t i;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
	{
		if (reasons[i].reason == reason)
		{
			return reasons[i].there;
		}
	}
	return OBOL_TRANSFER_PEER_CANCELLED;
}

static const char *const end_names[] = {
	"running",        "done",       "internal",   "no-contact", "lost",
	"unconfirmed",    "wrong-code", "other-code", "spent",      "expired",
	"version",        "protocol",   "reflected",  "altered",    "cancelled",
	"peer-cancelled", "declined",   "not-stored", "unusable",
};

const char *obol_transfer_end_name(enum obol_transfer_end end)
{
	size_t i = (size_t)end;

	return i < sizeof(end_names) / sizeof(end_names[0]) ? end_names[i] : "?";
}
