# SPDX-License-Identifier: GPL-2.0-or-later
# For testing/faults/run: obold, and who starts it again.

ctl()
{
	"$BUILD_DIR/obolctl" "$@" --config "$work/etc/obold.conf"
}

# unit KEY: what the shipped unit file says
unit()
{
	sed -n "s/^$1=//p" "$SOURCE_DIR/proto/daemon/obold.service.in"
}

# seconds TIME: of systemd, as in 200ms or 1s
seconds()
{
	case $1 in
		*ms) awk -v ms="${1%ms}" 'BEGIN { print ms / 1000 }' ;;
		*s) printf '%s' "${1%s}" ;;
		*) die "the unit has the time '$1', which is not understood" ;;
	esac
}

# of_role NAME: processes of a role, such as worker; all of obold's for none
of_role()
{
	local pid name
	for pid in /proc/[0-9]*; do
		{ read -r name <"$pid/comm"; } 2>/dev/null || continue
		case $name in
			obold-"$1") printf '%s\n' "${pid#/proc/}" ;;
			obold*) [[ $1 ]] || printf '%s\n' "${pid#/proc/}" ;;
		esac
	done
}

# What systemd does with the unit: KillMode=mixed leaves an ordinary end to the
# parent, and ends at once what a parent that was killed has left.
supervise()
{
	local parent status starts=() pause interval burst
	pause=$(seconds "$(unit RestartSec)")
	interval=$(seconds "$(unit StartLimitIntervalSec)")
	burst=$(unit StartLimitBurst)
	[[ $(unit KillMode) == mixed && $(unit Restart) == on-failure ]] ||
		die "the unit restarts in another way than this imitates"
	while :; do
		starts+=("$SECONDS")
		while ((SECONDS - starts[0] > interval)); do
			starts=("${starts[@]:1}")
		done
		((${#starts[@]} <= burst)) ||
			die "systemd would have given up: too many starts"
		STEP_CLOCK_FILE=$work/clock LD_PRELOAD=$BUILD_DIR/testing/faults/.libs/step-clock.so \
			"$BUILD_DIR/proto/daemon/obold" --config "$work/etc/obold.conf" \
			>>"$work/obold.log" 2>&1 &
		parent=$!
		printf '%s\n' "$parent" >"$work/parent"
		status=0
		wait "$parent" 2>/dev/null || status=$?
		kill -KILL $(of_role '') 2>/dev/null || true
		# as the unit says
		((status && status != $(unit RestartPreventExitStatus))) || break
		sleep "$pause"
	done
}

# The shim must not meet the tools that the harness runs: it is obold's alone.
start_server()
{
	(supervise) &
	supervisor=$!
	wait_for 60 'the server does not serve' grep -qs 'serves$' "$work/obold.log"
}

# wait_for SECONDS WHY COMMAND...
wait_for()
{
	local i why=$2
	for ((i = 0; i < 20 * $1; i++)); do
		! "${@:3}" || return 0
		sleep 0.05
	done
	tail -3 "$work/obold.log" >&2
	die "$why"
}

make_accounts()
{
	local i
	{
		echo 'name,mode'
		for ((i = 1; i <= n_accounts + n_targets; i++)); do
			printf '%s%03d,device\n' \
				"$( ((i > n_accounts)) && echo target || echo user)" "$i"
		done
	} >"$work/users.csv"
	ctl account import "$work/users.csv" >"$work/import.log" 2>&1 ||
		die "the import failed: $(tail -1 "$work/import.log")"
	awk -F , '/^user/ { print $1, $3 }' "$work/users.csv.codes.csv" \
		>"$work/accounts"
	# every other name is nobody's
	for ((i = 1; i <= n_targets; i++)); do
		printf 'target%03d\nnobody%03d\n' $((n_accounts + i)) "$i"
	done >"$work/targets"
}

put_up()
{
	local database
	chmod 755 "$work"
	database=$(store_put_up)
	truncate -s 4096 "$work/clock"
	"$BUILD_DIR/obolctl" init --config "$work/etc/obold.conf" --yes \
		--server-name vpn.example.org --listen 127.0.0.1:4501 \
		--user nobody --database "$database" >"$work/init.log" 2>&1 ||
		die "obolctl init: $(tail -1 "$work/init.log")"
	# few clients stand for many, all of them on one address
	cat >>"$work/etc/obold.conf" <<-'CONF'
		workers = 2
		keeper {
			per_slot = 1000000
		}
		signer {
			per_second = 1000
		}
		limits {
			failures_per_source = 100000
		}
		relay {
			listen = { "127.0.0.1:4503" }
		}
	CONF
	make_accounts
	start_server
}

take_down()
{
	trap '' INT TERM HUP
	stop_load || true
	[[ ! -s $work/parent ]] || kill -TERM "$(<"$work/parent")" 2>/dev/null ||
		true
	# not for all: bash waits for ever, now and then, where it has adopted what it
	# did not start
	[[ ! ${supervisor:-} ]] || wait "$supervisor" || true
	store_take_down
	if [[ $keep == yes ]]; then
		say "logs: $work"
	else
		rm -rf "$work"
	fi
}
