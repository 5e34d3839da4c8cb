# SPDX-License-Identifier: GPL-2.0-or-later
# Shell tests of the command line tools.
EXTRA_DIST += tests/tools/lib.sh
if SERVER
TESTS += \
	tests/tools/test-obolctl-account \
	tests/tools/test-obolctl-init
endif
EXTRA_DIST += \
	tests/tools/test-obolctl-account \
	tests/tools/test-obolctl-init
