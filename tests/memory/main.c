/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happens when memory runs out, at any place. */
#include "memory/failing_malloc.h"
#include "support/run.h"

Suite *memory_anchors_suite(void);
Suite *memory_exchange_suite(void);
Suite *memory_seal_suite(void);
Suite *memory_store_suite(void);
Suite *memory_transfer_suite(void);

int main(void)
{
	failing_malloc_install();
	return run_suites(memory_seal_suite(), memory_store_suite(),
					  memory_exchange_suite(), memory_anchors_suite(),
					  memory_transfer_suite(), NULL);
}
