/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What a call can come to. Each code is a different action for the caller.
 */
#ifndef OBOL_STATUS_H_
#define OBOL_STATUS_H_

#ifdef __cplusplus
extern "C" {
#endif

/** The result must be looked at. */
#define OBOL_MUST_CHECK __attribute__((warn_unused_result))

/** Part of libobol's binary interface. */
#define OBOL_API __attribute__((visibility("default")))

enum obol_status {
	/** done */
	OBOL_OK = 0,
	/** memory ran out */
	OBOL_ERR_NOMEM,
	/** the caller broke the function's contract */
	OBOL_ERR_ARG,
	/** bytes from outside are not what they must be */
	OBOL_ERR_FORMAT,
	/** a version or suite that this build does not know */
	OBOL_ERR_VERSION,
	/** a proof failed: password, MAC, tag, signature */
	OBOL_ERR_AUTH,
	/** policy says no: limit, quota, disabled, not allowed */
	OBOL_ERR_DENIED,
	/** there is no such thing */
	OBOL_ERR_NOT_FOUND,
	/** it is there already, or a newer one is */
	OBOL_ERR_EXISTS,
	/** file or network failed */
	OBOL_ERR_IO,
	/** the deadline passed, or the wait was aborted */
	OBOL_ERR_TIMEOUT,
	/** the database failed */
	OBOL_ERR_STORE,
	/** the hardware token failed */
	OBOL_ERR_TOKEN,
	/** the cryptographic library failed */
	OBOL_ERR_CRYPTO,
};

/**
 * A short name for logs and tests.
 *
 * @param status	any code
 * @return			static text, never NULL
 */
OBOL_API const char *obol_status_name(enum obol_status status);

#ifdef __cplusplus
}
#endif

#endif /* OBOL_STATUS_H_ */
