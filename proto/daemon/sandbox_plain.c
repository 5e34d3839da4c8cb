/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A build for use has no instruments. */
#include "daemon/sandbox.h"

const char *const obol_sandbox_instruments[] = { NULL };
