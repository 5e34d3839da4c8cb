/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Follow and Report, for VPN gateways. */
#include "client/follow.h"
#include "client/fail_over.h"
#include "client/internal.h"

#include <stdlib.h>

enum obol_status obol_client_follow(struct obol_client *client,
									const struct obol_follow_request *follow,
									const struct obol_follow_answer **out)
{
	struct obol_request request;
	const struct obol_answer *answer;
	enum obol_status status;

	obol_client_begin(client);
	memset(&request, 0, sizeof(request));
	request.type = OBOL_FOLLOW;
	request.follow = *follow;
	obol_fail_over_begin(client);
	do
	{
		status = obol_client_ask(client, &request, &answer);
	} while (obol_fail_over(client, &status));
	/* not settled: that may ask for more, and the answer has to stay */
	obol_fail_over_end(client);
	if (status == OBOL_OK)
	{
		*out = &answer->follow;
	}
	return status;
}

enum obol_status obol_client_report(struct obol_client *client,
									const struct obol_report_request *report)
{
	struct obol_request *request = calloc(1, sizeof(*request));
	enum obol_status status;

	obol_client_begin(client);
	if (!request)
	{
		return obol_client_fail_internal(client, OBOL_ERR_NOMEM);
	}
	request->type = OBOL_REPORT;
	request->report = *report;
	obol_fail_over_begin(client);
	do
	{
		status = obol_client_tell(client, request);
	} while (obol_fail_over(client, &status));
	obol_fail_over_end(client);
	free(request);
	return status;
}
