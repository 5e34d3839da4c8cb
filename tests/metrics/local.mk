# SPDX-License-Identifier: GPL-2.0-or-later
if SERVER
check_PROGRAMS += tests/metrics/test-metrics
TESTS += tests/metrics/test-metrics
tests_metrics_test_metrics_SOURCES = \
	tests/metrics/main.c \
	tests/metrics/test_documents.c \
	tests/metrics/test_meter.c \
	tests/metrics/test_reading.c \
	tests/metrics/test_text.c \
	tests/support/exposition.c tests/support/exposition.h
tests_metrics_test_metrics_CPPFLAGS = $(TESTS_CPPFLAGS)
tests_metrics_test_metrics_CFLAGS = $(TESTS_CFLAGS)
tests_metrics_test_metrics_LDADD = libobolserver.la $(TESTS_LDADD)
endif
