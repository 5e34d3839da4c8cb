# SPDX-License-Identifier: GPL-2.0-or-later
TESTS += tests/spec/test-spec
EXTRA_DIST += tests/spec/test-spec
