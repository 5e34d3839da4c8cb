# SPDX-License-Identifier: GPL-2.0-or-later
EXTRA_DIST += \
	testing/lib/packages \
	testing/lib/strongswan-headers
