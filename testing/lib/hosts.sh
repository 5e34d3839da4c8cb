# SPDX-License-Identifier: GPL-2.0-or-later
# Test hosts: make them, run commands in them, remove them. To be sourced.
#
# A host has its own network, mount, process, hostname and IPC namespaces, held
# by its process 1 (host-init), and its changes to files in a folder of its own.
# Set before use:
#
#	SOURCE_DIR BUILD_DIR	Obol's source and build trees
#	RUN_DIR				an empty folder on a tmpfs
#	RUN_ID				begins the names of the network namespaces
#	STAGE_DIR			what make install installed, or an empty folder
#	ESP					kernel or user: who does ESP (esp_support)
#	HOSTS_STAY			yes if hosts survive the calling process

# Plugins of strongSwan that the hosts load; a scenario switches others on with
# a file of its own in etc/strongswan.d/charon/.
STRONGSWAN_PLUGINS="constraints drbg gcm hmac kdf kernel-netlink mgf1 nonce
	openssl pem pkcs1 pkcs12 pkcs7 pkcs8 pubkey random revocation sha2
	socket-default updown vici x509"

host_dir()
{
	printf '%s/hosts/%s' "$RUN_DIR" "$1"
}

host_pid()
{
	cat "$(host_dir "$1")/pid"
}

# esp_support: prints "kernel" if this kernel can do ESP, else "user": then
# strongSwan's kernel-libipsec does it in user space.
esp_support()
{
	if unshare --net ip xfrm state add src 192.0.2.1 dst 192.0.2.2 \
		proto esp spi 0x1000 mode tunnel \
		aead 'rfc4106(gcm(aes))' 0x000102030405060708090a0b0c0d0e0f10111213 128 \
		2>/dev/null; then
		echo kernel
	else
		echo user
	fi
}

# spawn_holder PIDFILE LOG COMMAND...: starts a process in new namespaces and
# writes the pid of the process that holds them.
spawn_holder()
{
	local pidfile=$1 log=$2 tether=(setpriv --pdeathsig KILL)
	shift 2
	[[ ${HOSTS_STAY:-no} != yes ]] || tether=(setsid)
	"${tether[@]}" unshare --fork --kill-child=KILL "$@" \
		</dev/null >"$log" 2>&1 &
	local parent=$! child= tries
	for ((tries = 0; tries < 3000; tries++)); do
		child=$(cat "/proc/$parent/task/$parent/children" 2>/dev/null) || true
		child=${child%% *}
		[[ -z $child ]] || break
		sleep 0.01
	done
	disown "$parent"
	[[ $child ]] || {
		cat "$log" >&2
		return 1
	}
	printf '%s\n' "$child" >"$pidfile"
}

# host_configure HOST FOLDER...: what the host finds at its first start; later
# folders win.
host_configure()
{
	local host=$1 etc conf plugin load
	etc=$(host_dir "$host")/files/etc
	shift
	mkdir -p "$etc/strongswan.d/charon" "$etc/obol"
	for conf in /etc/strongswan.d/charon/*.conf; do
		plugin=$(basename "$conf" .conf)
		load=no
		[[ " ${STRONGSWAN_PLUGINS//[$'\n\t']/ } " != *" $plugin "* ]] || load=yes
		[[ $plugin != kernel-libipsec || $ESP == kernel ]] || load=yes
		printf '%s {\n\tload = %s\n}\n' "$plugin" "$load" \
			>"$etc/strongswan.d/charon/$plugin.conf"
	done
	printf '%s\n' "$host" >"$etc/hostname"
	for conf; do
		[[ ! -d $conf ]] ||
			cp -R --no-preserve=ownership "$conf/." "${etc%/etc}/"
	done
}

# host_create HOST FOLDER...: makes and starts a host.
host_create()
{
	local host=$1 dir tries
	dir=$(host_dir "$host")
	mkdir -p "$dir" "$RUN_DIR/shared"
	host_configure "$@"
	spawn_holder "$dir/pid" "$dir/host-init.log" --pid --mount --net --uts \
		--ipc --propagation private \
		"$SOURCE_DIR/testing/lib/host-init" "$host" "$dir" "$SOURCE_DIR" \
		"$BUILD_DIR" "$RUN_DIR/shared" "$STAGE_DIR" || return 1
	for ((tries = 0; tries < 6000; tries++)); do
		[[ ! -e $dir/files/run/host-is-up ]] || break
		[[ -d /proc/$(host_pid "$host") ]] || break
		sleep 0.01
	done
	if [[ ! -e $dir/files/run/host-is-up ]]; then
		printf 'host %s does not start:\n' "$host" >&2
		cat "$dir/host-init.log" >&2
		return 1
	fi
	ip netns attach "$RUN_ID-$host" "$(host_pid "$host")"
}

# host_run HOST COMMAND: runs a bash command line in a host; "runner" is this
# machine itself, in RUN_DIR.
host_run()
{
	local host=$1 command=$2 enter=()
	local path=$SOURCE_DIR/testing/lib:$BUILD_DIR/testing/lib
	path+=:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
	if [[ $host == runner ]]; then
		enter=(env -C "$RUN_DIR")
	else
		[[ -e $(host_dir "$host")/pid ]] || {
			printf "there is no host '%s'\n" "$host" >&2
			return 125
		}
		enter=(nsenter --target "$(host_pid "$host")" --mount --net --uts
			--ipc --pid --wdns=/root)
	fi
	timeout --kill-after=5 "${COMMAND_TIMEOUT_S:-60}" \
		"${enter[@]}" env -i PATH="$path" HOME=/root LANG=C.UTF-8 TERM=dumb \
		HOST="$host" RUN_DIR="$RUN_DIR" SOURCE_DIR="$SOURCE_DIR" \
		BUILD_DIR="$BUILD_DIR" bash -c "$command" </dev/null &
	# waiting, unlike a command in the foreground, ends at once for a trap
	wait $!
}

# host_remove HOST: ends all processes of a host, politely first.
host_remove()
{
	local dir pid tries
	dir=$(host_dir "$1")
	[[ -e $dir/pid ]] || return 0
	pid=$(<"$dir/pid")
	if [[ -d /proc/$pid ]]; then
		nsenter --target "$pid" --mount --pid bash -c 'kill -TERM -1' \
			2>/dev/null || true
		for ((tries = 0; tries < 30; tries++)); do
			(($(host_processes "$pid") > 1)) || break
			sleep 0.1
		done
		kill -KILL "$pid" 2>/dev/null || true
		while [[ -d /proc/$pid ]]; do
			sleep 0.02
		done
	fi
	ip netns delete "$RUN_ID-$1" 2>/dev/null || true
	rm -f "$dir/pid"
}

# host_processes PID: how many processes a host has, but for the sleep of its
# process 1 and this question.
host_processes()
{
	nsenter --target "$1" --mount --pid bash -c '
		n=0
		for p in /proc/[0-9]*; do
			[[ $p == /proc/$$ || $(cat $p/comm 2>/dev/null) == @(sleep|) ]] ||
				((++n))
		done
		echo $n' 2>/dev/null || echo 0
}
