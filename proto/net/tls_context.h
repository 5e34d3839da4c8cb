/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What is inside struct obol_tls_context, for tls.c.
 */
#ifndef OBOL_NET_TLS_CONTEXT_H_
#define OBOL_NET_TLS_CONTEXT_H_

#include "net/tls.h"

struct obol_tls_context {
	OSSL_LIB_CTX *library;
	SSL_CTX *ssl_ctx;
	struct obol_clock *clock;
	bool verifies;
};

#endif /* OBOL_NET_TLS_CONTEXT_H_ */
