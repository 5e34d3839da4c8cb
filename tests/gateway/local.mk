# SPDX-License-Identifier: GPL-2.0-or-later
check_PROGRAMS += tests/gateway/test-gateway
TESTS += tests/gateway/test-gateway
tests_gateway_test_gateway_SOURCES = \
	proto/gateway/files.c \
	proto/gateway/limit.c \
	proto/gateway/pause.c \
	proto/gateway/tunnels.c \
	tests/gateway/main.c \
	tests/gateway/test_files.c \
	tests/gateway/test_limit.c \
	tests/gateway/test_pause.c \
	tests/gateway/test_tunnels.c
tests_gateway_test_gateway_CPPFLAGS = $(TESTS_CPPFLAGS)
tests_gateway_test_gateway_CFLAGS = $(TESTS_CFLAGS) -pthread
tests_gateway_test_gateway_LDADD = $(TESTS_LDADD)
if GATEWAY
tests_gateway_test_gateway_SOURCES += \
	proto/gateway/vici.c \
	proto/gateway/vici_message.c \
	tests/gateway/test_vici.c
tests_gateway_test_gateway_CPPFLAGS += -DTEST_VICI $(VICI_CFLAGS)
# as obol-gateway's
tests_gateway_test_gateway_CFLAGS += -Wno-write-strings
tests_gateway_test_gateway_LDADD += $(VICI_LIBS) $(OPENSSL_LIBS)
endif
EXTRA_DIST += tests/gateway/test-enrol tests/gateway/test-follow
if SERVER
if GATEWAY
TESTS += tests/gateway/test-enrol tests/gateway/test-follow
endif
endif
