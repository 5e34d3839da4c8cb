/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests and answers: finds the family that knows the body. */
#include "wire/request.h"
#include "wire/family.h"
#include "wire/frame.h"

static const struct obol_request_codec *const request_families[] = {
	obol_credential_requests, obol_slot_requests,   obol_issue_requests,
	obol_history_requests,    obol_info_requests,   obol_anchors_requests,
	obol_account_requests,    obol_follow_requests,
};

static const struct obol_answer_codec *const answer_families[] = {
	obol_credential_answers, obol_slot_answers,   obol_issue_answers,
	obol_history_answers,    obol_info_answers,   obol_anchors_answers,
	obol_account_answers,    obol_follow_answers,
};

static const struct obol_request_codec *find_request(unsigned type)
{
	const struct obol_request_codec *codec;
	size_t i;

	for (i = 0; i < sizeof(request_families) / sizeof(*request_families); i++)
	{
		for (codec = request_families[i]; codec->type; codec++)
		{
			if (codec->type == type)
			{
				return codec;
			}
		}
	}
	return NULL;
}

static const struct obol_answer_codec *find_answer(unsigned type)
{
	const struct obol_answer_codec *codec;
	size_t i;

	for (i = 0; i < sizeof(answer_families) / sizeof(*answer_families); i++)
	{
		for (codec = answer_families[i]; codec->type; codec++)
		{
			if (codec->type == type)
			{
				return codec;
			}
		}
	}
	return NULL;
}

void obol_request_encode(struct obol_writer *w, const struct obol_request *msg)
{
	const struct obol_request_codec *codec = find_request(msg->type);
	size_t mark;

	if (!codec)
	{
		obol_writer_fail(w, OBOL_ERR_ARG);
		return;
	}
	mark = obol_frame_open(w, msg->type);
	if (codec->write)
	{
		codec->write(w, msg);
	}
	obol_frame_close(w, mark);
}

enum obol_status obol_request_decode(uint8_t type, struct obol_bytes body,
									 struct obol_request *msg)
{
	const struct obol_request_codec *codec = find_request(type);
	struct obol_reader r = obol_reader_over(body);

	if (!codec)
	{
		return OBOL_ERR_NOT_FOUND;
	}
	msg->type = (enum obol_frame_type)type;
	if (codec->read)
	{
		codec->read(&r, msg);
	}
	return obol_read_end(&r);
}

void obol_answer_encode(struct obol_writer *w, const struct obol_answer *msg)
{
	const struct obol_answer_codec *codec = find_answer(msg->type);
	size_t mark;

	if (!codec)
	{
		obol_writer_fail(w, OBOL_ERR_ARG);
		return;
	}
	mark = obol_frame_open(w, msg->type);
	if (codec->write)
	{
		codec->write(w, msg);
	}
	obol_frame_close(w, mark);
}

enum obol_status obol_answer_decode(uint8_t type, struct obol_bytes body,
									struct obol_answer *msg)
{
	const struct obol_answer_codec *codec = find_answer(type);
	struct obol_reader r = obol_reader_over(body);

	if (!codec)
	{
		return OBOL_ERR_NOT_FOUND;
	}
	msg->type = (enum obol_frame_type)type;
	if (codec->read)
	{
		codec->read(&r, msg);
	}
	return obol_read_end(&r);
}
