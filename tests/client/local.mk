# SPDX-License-Identifier: GPL-2.0-or-later
if SERVER
check_PROGRAMS += tests/client/test-client
TESTS += tests/client/test-client
tests_client_test_client_SOURCES = \
	tests/exchange/fake_owner.c tests/exchange/fake_owner.h \
	tests/exchange/fake_owner_private.h \
	tests/exchange/fake_owner_request.c \
	tests/client/anchors_fixture.c tests/client/anchors_fixture.h \
	tests/client/gateway.c tests/client/gateway.h \
	tests/client/main.c \
	tests/client/test_anchors.c \
	tests/client/test_anchors_refused.c \
	tests/client/test_credentials.c \
	tests/client/test_device_file.c \
	tests/client/test_enrol.c \
	tests/client/test_error.c \
	tests/client/test_fail_over.c \
	tests/client/test_key_maker.c \
	tests/client/test_key_request.c \
	tests/client/test_login.c \
	tests/client/test_obtain.c \
	tests/client/test_options.c \
	tests/client/test_pins.c \
	tests/client/test_slots.c \
	tests/client/test_state_file.c
tests_client_test_client_CPPFLAGS = $(TESTS_CPPFLAGS)
tests_client_test_client_CFLAGS = $(TESTS_CFLAGS)
tests_client_test_client_LDADD = libtestsupport.la libobolserver.la $(CHECK_LIBS)

check_PROGRAMS += tests/client/story
TESTS += tests/client/end-to-end
tests_client_story_SOURCES = tests/client/story.c
tests_client_story_LDADD = libobol.la
endif
TESTS += tests/client/exports
EXTRA_DIST += tests/client/exports tests/client/end-to-end
