# SPDX-License-Identifier: GPL-2.0-or-later
# What testing/hostile/flood and morning share: a network of their own with an
# obold as it is shipped, its processes on one core, everybody else on another,
# attackers in a control group with little of it. Sourced; BUILD_DIR is the
# build tree.

source "$SOURCE_DIR/testing/bench/load-server.sh"

prepare_build()
{
	local tool
	[[ $BUILD_DIR ]] || {
		say "preparing the build (minutes at first)"
		BUILD_DIR=$("$SOURCE_DIR/testing/lib/build")
	}
	BUILD_DIR=$(cd "$BUILD_DIR" && pwd -P)
	make -s -C "$BUILD_DIR" obolctl proto/daemon/obold \
		testing/bench/load-fill testing/hostile/attack \
		testing/hostile/users >&2 || die "the build failed"
	for tool in ip taskset unshare; do
		command -v "$tool" >/dev/null || die "there is no $tool"
	done
}

# enter_network ARGUMENT...: runs this command once more, alone on a loopback
# device with many addresses; returns in there.
enter_network()
{
	((EUID == 0)) || die "this wants root: a network of its own, control groups"
	[[ ${HOSTILE_NETWORK-} != $PPID ]] || {
		ip link set lo up
		ip -6 route add local 2001:db8::/32 dev lo
		return
	}
	HOSTILE_NETWORK=$$ unshare --net "$0" -b "$BUILD_DIR" "$@"
	exit
}

# --- cores and control groups -----------------------------------------------

# group_root CONTROLLER: where its hierarchy is; fails when there is none
group_root()
{
	if grep -qsw "$1" /sys/fs/cgroup/cgroup.controllers; then
		echo +"$1" >/sys/fs/cgroup/cgroup.subtree_control 2>/dev/null &&
			printf /sys/fs/cgroup
	else
		awk -v c="$1" '$3 == "cgroup" && "," $4 "," ~ "," c "," { print $2; f = 1; exit }
			END { exit !f }' /proc/mounts
	fi
}

# group_add NAME WEIGHT PERCENT: of one core, 0 for no bound; its folder in
# groups[NAME]. Weights are of 100 for everybody else on the machine. Ends the
# command with 77 where there are no such groups.
declare -A groups=()

group_add()
{
	local root folder
	root=$(group_root cpu) && folder=$root/obol-$1.$$ &&
		mkdir "$folder" 2>/dev/null || {
		say "no control group for CPU time can be made here"
		exit 77
	}
	groups[$1]=$folder
	if [[ -e $folder/cpu.weight ]]; then
		echo "$2" >"$folder/cpu.weight"
		(($3 == 0)) || echo "$(($3 * 1000)) 100000" >"$folder/cpu.max"
	else
		echo $(($2 * 1024 / 100)) >"$folder/cpu.shares"
		(($3 == 0)) || echo $(($3 * 100)) >"$folder/cpu.cfs_quota_us"
		(($3 == 0)) || echo 10000 >"$folder/cpu.cfs_period_us"
	fi
}

groups_remove()
{
	local name
	for name in "${!groups[@]}"; do
		rmdir "${groups[$name]}" 2>/dev/null || true
	done
	groups=()
}

# in_group NAME CORE COMMAND...: becomes it
in_group()
{
	local name=$1 core=$2
	shift 2
	echo "$BASHPID" >"${groups[$name]}/cgroup.procs"
	exec taskset -c "$core" "$@"
}

# The first two cores that this command may use; the same one where there is one.
find_cores()
{
	local allowed
	allowed=($(taskset -cp $$ | sed 's/.*: //' | tr , '\n' |
		awk -F- '{ for (i = $1; i <= ($2 == "" ? $1 : $2); i++) print i }'))
	server_core=${allowed[0]}
	other_core=${allowed[1]:-${allowed[0]}}
}

# --- the server -------------------------------------------------------------

# obold_conf WORKERS: what is shipped, but for what extra_conf says
obold_conf()
{
	printf 'workers = %s\n%s\n' "$1" "${extra_conf-}"
}

database_of()
{
	printf '%s' "${fast:-$work}/obol.db"
}

# hostile_fill ACCOUNTS: a database in memory where that can be had, since a
# disk's own time would hide what is looked for
hostile_fill()
{
	fast=
	[[ ! -w /dev/shm ]] || fast=$(mktemp -d /dev/shm/obol-hostile.XXXXXX)
	server_fill sqlite "$1" "$1" device
	sed -i "s/\"127.0.0.1:$port\"/\"[::]:$port\"/" "$work/etc/obold.conf.init"
	grep -q "\"\[::\]:$port\"" "$work/etc/obold.conf.init" ||
		die "obold does not listen where it should"
}

# hostile_up: two workers, all on one core
hostile_up()
{
	local pid
	# what one before it has said is not this one's
	rm -f "$work/obold.log"
	server_up 2
	for pid in "${pids[@]}"; do
		echo "$pid" >"${groups[measured]}/cgroup.procs"
		taskset -cp "$server_core" "$pid" >/dev/null
	done
}

# memory_kib: of all of obold's processes (PSS)
memory_kib()
{
	local pid
	for pid in $(family "$obold"); do
		cat "/proc/$pid/smaps_rollup" 2>/dev/null
	done | awk '/^Pss:/ { n += $2 } END { print n + 0 }'
}

hostile_remove()
{
	[[ -z ${obold-} ]] || server_down
	[[ -z ${work-} ]] || rm -rf "$work"
	[[ -z ${fast-} ]] || rm -rf "$fast"
	groups_remove
}

# value NAME LINE: of "NAME=VALUE ..."
value()
{
	[[ " $2 " =~ \ $1=([0-9.]+)\  ]] || die "there is no $1 in: $2"
	printf '%s' "${BASH_REMATCH[1]}"
}
