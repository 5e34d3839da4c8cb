# SPDX-License-Identifier: GPL-2.0-or-later
# Shell tests of the tools: each works in a directory of its own, which is gone
# afterwards, and runs the programs of the build directory it is started in.

DIR=$(mktemp -d)
OBOLD_PID=
trap '[ -z "$OBOLD_PID" ] || kill $OBOLD_PID; rm -rf "$DIR"' EXIT
trap 'exit 1' INT TERM
CONF=$DIR/etc/obold.conf
ME=$(id -un)
TESTS_FAILED=0
TESTS_RUN=0

ctl() {
	./obolctl --config "$CONF" "$@"
}

# a server in $DIR; more options of init may follow
new_server() {
	ctl init --yes --server-name vpn.example.org --user "$ME" \
		--database "$DIR/var/obol.db" "$@" >"$DIR/init.out"
}

# a free port: the first of some that nobody listens on
port() {
	for p in $(seq $((20000 + $$ % 10000)) 3 60000)
	do
		if ! grep -qi ":$(printf %04X "$p") " /proc/net/tcp /proc/net/tcp6
		then
			echo "$p"
			return
		fi
	done
}

# new_server, and obold that serves it at 127.0.0.1:$PORT
start_server() {
	PORT=$(port)
	new_server --listen "127.0.0.1:$PORT" || return 1
	./proto/daemon/obold --config "$CONF" --debug >"$DIR/obold.log" 2>&1 &
	OBOLD_PID=$!
	for _ in $(seq 600)
	do
		grep -qs serves "$DIR/obold.log" && return
		sleep 0.1
	done
	cat "$DIR/obold.log"
	return 1
}

report() { # ok|FAILED what
	TESTS_RUN=$((TESTS_RUN + 1))
	[ "$1" = ok ] || TESTS_FAILED=$((TESTS_FAILED + 1))
	printf '%-6s %s\n' "$1" "$2"
	if [ "$1" != ok ]
	then
		sed 's/^/       | /' "$DIR/out" "$DIR/err" 2>/dev/null
	fi
}

# run WHAT CODE COMMAND...: it must exit with the code; output in $DIR/out, err
run() {
	what=$1 want=$2
	shift 2
	"$@" >"$DIR/out" 2>"$DIR/err" </dev/null
	got=$?
	if [ "$got" = "$want" ]
	then
		report ok "$what"
	else
		report FAILED "$what (exit $got, not $want)"
	fi
}

# with LINES WHAT CODE COMMAND...: as run, the lines on descriptor 3
with() {
	lines=$1
	shift
	echo "$lines" >>"$DIR/told"
	run "$@" 3<<EOF
$lines
EOF
}

# says/errs/lacks WHAT PATTERN: in the last output, error output, either
says() {
	if grep -q -e "$2" "$DIR/out"; then report ok "$1"; else report FAILED "$1"; fi
}
errs() {
	if grep -q -e "$2" "$DIR/err"; then report ok "$1"; else report FAILED "$1"; fi
}
lacks() {
	if grep -q -e "$2" "$DIR/out" "$DIR/err"
	then report FAILED "$1"; else report ok "$1"; fi
}
# is WHAT A B
is() {
	if [ "$2" = "$3" ]; then report ok "$1"; else report FAILED "$1: '$2' is not '$3'"; fi
}
mode() {
	stat -c %a "$1"
}
# field NAME: the first of this name in the last output, JSON
field() {
	grep -o "\"$1\": \(\"[^\"]*\"\|[^,}]*\)" "$DIR/out" | head -1 |
		sed 's/^"[^"]*": //; s/^"//; s/"$//'
}

# jfield NAME: of obol's JSON in the last output
jfield() {
	grep -o "\"$1\":\(\"[^\"]*\"\|[^,}]*\)" "$DIR/out" | head -1 |
		sed 's/^"[^"]*"://; s/^"//; s/"$//'
}

# whatever was told to a command, and codes, are not in obold's log
log_is_clean() {
	grep -a -e '......' "$DIR/told" >"$DIR/secrets"
	is "no secret in obold's log" "$(grep -a -F -f "$DIR/secrets" "$DIR/obold.log")" ''
	is "no code in obold's log" "$(grep -a -E \
		'[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}' "$DIR/obold.log")" ''
}

finish() {
	[ ! -s "$DIR/obold.log" ] || [ ! -s "$DIR/told" ] || log_is_clean
	echo "$TESTS_RUN checks, $TESTS_FAILED failed"
	[ "$TESTS_FAILED" = 0 ]
	exit
}
