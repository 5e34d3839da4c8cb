# SPDX-License-Identifier: GPL-2.0-or-later
# An obold for testing/bench/load and report: its database filled with accounts,
# its limits out of the way. Sourced; BUILD_DIR is the build tree.
#
# Another store is one more line in known_stores() and database_of(); one that
# needs a server of its own sets database_pid there.

server=vpn.example.org

die()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# Progress is for people who wait; the figures alone go to standard output.
say()
{
	printf '%s\n' "$*" >&2
}

# is_number WHAT NUMBER LEAST MOST
is_number()
{
	[[ $2 =~ ^[0-9]{1,8}$ ]] && ((10#$2 >= $3 && 10#$2 <= $4)) ||
		die "$1 wants $3 to $4"
}

prepare_build()
{
	[[ $BUILD_DIR ]] || {
		say "preparing the build (minutes at first)"
		BUILD_DIR=$("$SOURCE_DIR/testing/lib/build")
	}
	BUILD_DIR=$(cd "$BUILD_DIR" && pwd -P)
	make -s -C "$BUILD_DIR" obolctl proto/daemon/obold \
		testing/bench/measure-load testing/bench/load-fill >&2 ||
		die "the build failed"
}

# a free port: the first of some that nobody listens on
free_port()
{
	local port
	for port in $(seq $((20000 + $$ % 10000)) 3 60000); do
		if ! grep -qi ":$(printf %04X "$port") " /proc/net/tcp /proc/net/tcp6
		then
			printf '%s' "$port"
			return
		fi
	done
	die "no port is free"
}

# family PID: it and all that it has started
family()
{
	local child
	printf '%s\n' "$1"
	for child in $(cat "/proc/$1/task/$1/children"); do
		family "$child"
	done
}

# summary: of numbers on standard input, one a line: "MEDIAN LEAST GREATEST".
summary()
{
	sort -n | awk '
		{ x[NR] = $1 }
		END {
			m = NR % 2 ? x[(NR + 1) / 2] : (x[NR / 2] + x[NR / 2 + 1]) / 2
			printf "%.3f %.3f %.3f\n", m, x[1], x[NR]
		}'
}

# --- the server -------------------------------------------------------------

obold_conf()
{
	printf 'workers = %s\n' "$1"
	# one machine plays all clients
	printf 'keeper {\n\tper_slot = 1000000\n\tper_second = 1000000\n}\n'
	printf 'limits {\n\tconnections = 20000\n\tconnections_per_source = 20000\n'
	printf '\tfailures_per_source = 100000\n}\n'
}

# known_stores: what can be measured here
known_stores()
{
	printf 'sqlite'
	! compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null ||
		printf ' postgresql'
}

# make_database STORE: sets database, as obold.conf has it, and the process
# number of its server, if it has one
make_database()
{
	database_pid=
	case $1 in
		sqlite) database=$work/obol.db ;;
		postgresql)
			# its server is another user's
			chmod 0711 "$work"
			database=$("$SOURCE_DIR/testing/lib/start-postgresql" \
				-w $$ "$work/postgresql") || die "no PostgreSQL"
			database_pid=$(head -1 "$work/postgresql/data/postmaster.pid")
			;;
		*) die "there is no store '$1' in: $(known_stores)" ;;
	esac
}

# server_fill STORE ACCOUNTS LIVE KIND: a new database in a new folder
server_fill()
{
	work=$(mktemp -d "$BUILD_DIR/testing/bench/load.XXXXXX")
	port=$(free_port)
	make_database "$1"
	"$BUILD_DIR/obolctl" --config "$work/etc/obold.conf" init --yes \
		--server-name "$server" --listen "127.0.0.1:$port" \
		--user "$(id -un)" --database "$database" \
		>"$work/log" 2>&1 || die "obolctl init: $(tail -1 "$work/log")"
	cp "$work/etc/obold.conf" "$work/etc/obold.conf.init"
	"$BUILD_DIR/testing/bench/load-fill" "$database" "$work/etc/obold.keys" \
		"$2" "$3" "$4" ||
		die "the accounts could not be made"
}

# server_up WORKERS: starts obold; pids are its processes
server_up()
{
	local i
	{ cat "$work/etc/obold.conf.init" && obold_conf "$1"; } \
		>"$work/etc/obold.conf"
	"$BUILD_DIR/proto/daemon/obold" --config "$work/etc/obold.conf" \
		>"$work/obold.log" 2>&1 &
	obold=$!
	for ((i = 0; i < 600; i++)); do
		if grep -qs 'serves$' "$work/obold.log"; then
			pids=($(family "$obold"))
			return
		fi
		[[ -d /proc/$obold ]] || break
		sleep 0.1
	done
	die "obold does not serve: $(tail -1 "$work/obold.log")"
}

server_down()
{
	if [[ ${obold:-} ]]; then
		kill "$obold" 2>/dev/null || true
		wait "$obold" || true
	fi
	obold=
}

server_remove()
{
	trap '' INT TERM HUP
	server_down
	[[ -z ${database_pid:-} ]] ||
		"$SOURCE_DIR/testing/lib/stop-postgresql" "$work/postgresql" immediate \
			>/dev/null 2>&1 || true
	[[ -z ${work:-} ]] || rm -rf "$work"
	work=
}

# measure MODE OPTION...: of the obold that is up
measure()
{
	local mode=$1
	shift
	"$BUILD_DIR/testing/bench/measure-load" "$mode" -p "$port" \
		${database_pid:+-D "$database_pid"} \
		-C "$work/etc/tls.crt" -K "$work/etc/tls.key" "$@" "${pids[@]}"
}
