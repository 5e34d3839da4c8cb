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
 * Ask what was revoked; answered at once. It is asked again at another server
 * when the connection is lost: it says itself how far the client has come.
 *
 * @param answer	set on OK; views in it hold until the client's next call
 * @return			as other requests: NOT_ALLOWED when the account is no
 *					gateway's
 */
enum obol_status
obol_client_follow(struct obol_client *client,
				   const struct obol_follow_request *request,
				   const struct obol_follow_answer **answer) OBOL_MUST_CHECK;

/** Tell of tunnels. What is told a second time changes nothing, so a server
 * that went away before it answered is no failure while there is another one.
 */
enum obol_status
obol_client_report(struct obol_client *client,
				   const struct obol_report_request *report) OBOL_MUST_CHECK;

#endif /* OBOL_CLIENT_FOLLOW_H_ */
