# SPDX-License-Identifier: GPL-2.0-or-later
# The protocol on paper; "make html" renders it with mmark.
SPEC_DOCUMENTS = \
	proto/spec/obol-protocol.md \
	proto/spec/obol-requirements.md \
	proto/spec/obol-transfer.md \
	proto/spec/operations.md
# transfer.txt by tests/transfer, the others by tests/spec/wire-vectors
SPEC_VECTORS = \
	proto/spec/vectors/activation.txt \
	proto/spec/vectors/issue.txt \
	proto/spec/vectors/later.txt \
	proto/spec/vectors/login-get.txt \
	proto/spec/vectors/password-change.txt \
	proto/spec/vectors/put.txt \
	proto/spec/vectors/refused.txt \
	proto/spec/vectors/transfer.txt \
	proto/spec/vectors/unknown-account.txt
EXTRA_DIST += $(SPEC_DOCUMENTS) $(SPEC_VECTORS) proto/spec/threats.md
CLEANFILES += $(SPEC_DOCUMENTS:.md=.html)

.PHONY: spec-html
html-local: spec-html
spec-html: $(SPEC_DOCUMENTS)
	@command -v mmark >/dev/null || { echo "html: mmark is missing" >&2; exit 1; }
	$(AM_V_GEN)$(MKDIR_P) proto/spec && \
	for document in $(SPEC_DOCUMENTS); do \
		mmark -html "$(srcdir)/$$document" >"$${document%.md}.html" || exit 1; \
	done
