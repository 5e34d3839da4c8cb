#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs vectors-run over the published files, and over copies of them that were
# changed: in form alone, in every value, in ways that make them useless.
set -eu

run=$(pwd)/tests/vectors-run
dir=$(cd "${srcdir:-.}/tests/vectors" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
failed=0

# expect CODE TEXT KIND FILE: exit code, and what the output must hold
expect() {
	code=0
	(cd / && "$run" "$3" "$4") >"$tmp/out" 2>&1 || code=$?
	if [ "$code" -ne "$1" ] || ! grep -qF -- "$2" "$tmp/out"; then
		echo "FAILED: vectors-run $3 $4: exit code $code, not $1, or no '$2' in"
		cat "$tmp/out"
		failed=1
	fi
}

files="opaque:opaque-3dh-p256-sha256 oprf:oprf-p256-sha256
	hash-to-curve:hash-to-curve-p256-ro hash-to-curve:hash-to-curve-p256-nu
	expand-message:expand-message-xmd-sha256-short-dst
	expand-message:expand-message-xmd-sha256-long-dst
	cpace:cpace-p256"

for each in $files; do
	kind=${each%%:*}
	file=$dir/${each#*:}.txt
	expect 0 "ok" "$kind" "$file"

	# form: CRLF, blanks, upper case, keys in reverse order
	sed 's/$/  \r/' "$file" >"$tmp/crlf"
	expect 0 "ok" "$kind" "$tmp/crlf"
	awk '/^\[/ { for (i = n; i > 0; i--) print l[i]; n = 0; print; next }
		{ l[++n] = $0 } END { for (i = n; i > 0; i--) print l[i] }' \
		"$file" >"$tmp/reverse"
	expect 0 "ok" "$kind" "$tmp/reverse"

	# content: each value of the first vector changed in its last digit
	awk '/^\[/ && ++n > 1 { exit } { print }' "$file" >"$tmp/first"
	for key in $(sed -n 's/^\([A-Za-z0-9_.]*\) = .*[0-9a-f]$/\1/p' \
		"$tmp/first"); do
		sed "/^$key = /{s/0\$/1/;t;s/.\$/0/}" "$tmp/first" >"$tmp/changed"
		code=0
		"$run" "$kind" "$tmp/changed" >"$tmp/out" 2>&1 || code=$?
		if [ "$code" -eq 0 ]; then
			echo "FAILED: $kind: nobody noticed that $key was changed"
			failed=1
		fi
	done
done

# a changed result is named with its vector
sed 's/^session_key = .*/session_key = 00/' "$dir/opaque-3dh-p256-sha256.txt" \
	>"$tmp/session"
expect 1 "[OPAQUE-3DH Real Test Vector 6] session_key" opaque "$tmp/session"

# inputs alone, an unknown key, a broken line, no hexadecimal, a key twice
opaque=$dir/opaque-3dh-p256-sha256.txt
sed -n '1,/^oprf_key/p' "$opaque" >"$tmp/first"
grep -v '^server_nonce' "$tmp/first" >"$tmp/bad"
expect 2 "'server_nonce' is missing" opaque "$tmp/bad"
{ cat "$tmp/first"; echo "colour = 00"; } >"$tmp/bad"
expect 2 "'colour' is not known" opaque "$tmp/bad"
{ cat "$tmp/first"; echo "no value"; } >"$tmp/bad"
expect 2 "neither" opaque "$tmp/bad"
{ cat "$tmp/first"; echo "ke1 = xyz"; } >"$tmp/bad"
expect 2 "no hexadecimal" opaque "$tmp/bad"
{ cat "$tmp/first"; echo "context = 00"; } >"$tmp/bad"
expect 2 "is twice" opaque "$tmp/bad"
{ cat "$tmp/first"; echo "[open"; } >"$tmp/bad"
expect 2 "ends with ']'" opaque "$tmp/bad"
{ cat "$tmp/first"; echo "Context = 00"; } >"$tmp/bad"
expect 2 "is twice" opaque "$tmp/bad"

# a point that is good is not refused
valid=$(sed -n 's|^Valid/X = ||p' "$dir/cpace-p256.txt")
sed "s/^Invalid Y1 = .*/Invalid Y1 = $valid/" "$dir/cpace-p256.txt" >"$tmp/bad"
expect 1 "Invalid Y1" cpace "$tmp/bad"
grep -e '^context' -e seed -e nonce -e '^blind' -e '^password' \
	-e '^server_private_key' -e '^credential_id' "$tmp/first" >"$tmp/bad"
expect 2 "no result" opaque "$tmp/bad"
{ cat "$tmp/bad"; grep '^ke1 = ' "$opaque" | head -n 1; } >"$tmp/nameless"
expect 0 "vector without a name" opaque "$tmp/nameless"

# no vector, no file, no such kind, the wrong kind
: >"$tmp/empty"
expect 2 "no vector" opaque "$tmp/empty"
printf 'a = \000' >"$tmp/binary"
expect 2 "no text file" opaque "$tmp/binary"
expect 2 "cannot open" opaque "$tmp/absent"
expect 2 "cannot read" opaque "$tmp"
expect 2 "no such kind" spake2 "$opaque"
expect 2 "not known" oprf "$opaque"
code=0
"$run" >"$tmp/out" 2>&1 || code=$?
[ "$code" -eq 2 ] && grep -q usage "$tmp/out" || { echo "FAILED: usage"; failed=1; }

exit $failed
