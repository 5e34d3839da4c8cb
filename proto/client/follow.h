/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What a VPN gateway asks and tells the server, over a client that has logged
 * in as its device. Not for users, and not among the installed headers.
 */
#ifndef OBOL_CLIENT_FOLLOW_H_
#define OBOL_CLIENT_FOLLOW_H_

#include <obol/client.h>

#include "wire/follow.h"

/**
 * Ask what was revoked; answered at once.
 *
 * @param answer	set on OK; views in it hold until the client's next call
 * @return			as other requests: NOT_ALLOWED when the account is no
 *					gateway's
 */
enum obol_status
obol_client_follow(struct obol_client *client,
				   const struct obol_follow_request *request,
				   const struct obol_follow_answer **answer) OBOL_MUST_CHECK;

/** Tell of tunnels. */
enum obol_status
obol_client_report(struct obol_client *client,
				   const struct obol_report_request *report) OBOL_MUST_CHECK;

#endif /* OBOL_CLIENT_FOLLOW_H_ */
