/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Why a call of libobol did not work, for programs and for people.
 */
#ifndef OBOL_ERROR_H_
#define OBOL_ERROR_H_

#include <stdint.h>

#include <obol/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Why something did not work, each needing another next step. Their order is
 * part of the binary interface: new ones go to the end.
 */
enum obol_cause {
	OBOL_CAUSE_NONE,
	/** out of memory, library failure, caller's mistake */
	OBOL_CAUSE_INTERNAL,
	/** an option, server name or account name is not usable */
	OBOL_CAUSE_CONFIG,
	/** the server's name does not resolve */
	OBOL_CAUSE_RESOLVE,
	/** no address answers */
	OBOL_CAUSE_UNREACHABLE,
	/** the deadline passed */
	OBOL_CAUSE_TIMEOUT,
	/** the caller's abort descriptor became readable */
	OBOL_CAUSE_ABORTED,
	/** something answers that is no obold: TLS fails or no ALPN (a portal) */
	OBOL_CAUSE_PORTAL,
	/** the server's TLS certificate is not signed by the CA that was given */
	OBOL_CAUSE_TLS_CA,
	/** the server is not the one that was pinned: nothing was sent to it */
	OBOL_CAUSE_PIN,
	/** name or password wrong, or another machine is answering */
	OBOL_CAUSE_AUTH,
	/** three failures in a row without pins: the user must act first */
	OBOL_CAUSE_STOPPED,
	/** too many failed logins: try again in retry_after_s */
	OBOL_CAUSE_LATER,
	/** the account is disabled or has expired */
	OBOL_CAUSE_DISABLED,
	/** this slot may not do that, or the login is too old */
	OBOL_CAUSE_NOT_ALLOWED,
	/** a quota is used up */
	OBOL_CAUSE_QUOTA,
	/** no such credential, device */
	OBOL_CAUSE_NOT_FOUND,
	/** somebody else changed it meanwhile */
	OBOL_CAUSE_STALE,
	/** the server gave an older version than was seen before */
	OBOL_CAUSE_ROLLBACK,
	/** a sealed credential or the wrap does not open: changed at the server */
	OBOL_CAUSE_SEAL,
	/** the credential is no use: key and certificate, chain */
	OBOL_CAUSE_CREDENTIAL,
	/** the certificate has expired, or is not valid yet */
	OBOL_CAUSE_EXPIRED,
	/** this device's clock and the server's differ too much */
	OBOL_CAUSE_CLOCK,
	/** key stretching parameters out of bounds */
	OBOL_CAUSE_KSF,
	/** the server broke the protocol, or speaks another version of it */
	OBOL_CAUSE_PROTOCOL,
	/** the server has a failure of its own; try again */
	OBOL_CAUSE_SERVER,
	/** a local file cannot be read or written */
	OBOL_CAUSE_FILE,
	/** the password is too weak, or not in a form that can be used */
	OBOL_CAUSE_PASSWORD,
	/** a code was mistyped: its check character does not fit */
	OBOL_CAUSE_CODE,
	/** direct transfer: all was sent, but the receipt has not come */
	OBOL_CAUSE_UNCONFIRMED,
	/** direct transfer: the other device stopped, declined, or was lost */
	OBOL_CAUSE_PEER,
	/** the name that was to be enrolled belongs to another account */
	OBOL_CAUSE_TAKEN,
	/** the account waits for its operator's approval */
	OBOL_CAUSE_WAITING,
	/** the server does not let this user enrol, or not under this name */
	OBOL_CAUSE_NO_ENROLMENT,
	/** no code, and nothing to verify the server by: nothing was sent */
	OBOL_CAUSE_UNVERIFIED,
	/** no more enrolments for now: try again in retry_after_s */
	OBOL_CAUSE_BUSY,
	/** CA certificates that none of those trusted before vouches for */
	OBOL_CAUSE_ANCHORS,
	/** a key in a hardware token cannot be made or used */
	OBOL_CAUSE_TOKEN,
};

/** What went wrong with the last call. */
struct obol_error {
	enum obol_cause cause;
	enum obol_status status;
	/** the server's reply number, 0 when it said none */
	uint16_t reply;
	/** with LATER: when to try again */
	uint32_t retry_after_s;
	/** server's clock minus ours, once known */
	int64_t clock_off_s;
	/** plain sentence with the next step; no secret in it */
	char text[512];
};

/** A short name of the cause, for logs and machine output, such as "auth". */
OBOL_API const char *obol_cause_name(enum obol_cause cause);

#ifdef __cplusplus
}
#endif

#endif /* OBOL_ERROR_H_ */
