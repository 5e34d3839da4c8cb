# SPDX-License-Identifier: GPL-2.0-or-later
# The network between the test hosts (drawn in do-tests). To be sourced after
# hosts.sh.
#
# All bridges are in a namespace of their own, the switch; nothing is changed in
# the machine's own network. Each host's interface is one end of a veth pair
# whose other end is a port of its network's bridge; a delayed host has
# delay-bridge between two pairs.

switch_ip()
{
	ip -n "$RUN_ID-switch" "$@"
}

network_table()
{
	grep -v '^#' "$SOURCE_DIR/testing/hosts/network" | grep .
}

network_create()
{
	local network
	mkdir -p "$RUN_DIR/switch"
	! mountpoint -q /run/netns || : >"$RUN_DIR/switch/netns-was-mounted"
	spawn_holder "$RUN_DIR/switch/pid" "$RUN_DIR/switch/log" --net \
		sleep infinity || return 1
	ip netns attach "$RUN_ID-switch" "$(<"$RUN_DIR/switch/pid")"
	switch_ip link set lo up
	for network in $(network_table | awk '{ print $2 }' | sort -u); do
		switch_ip link add "$network" type bridge forward_delay 0
		switch_ip link set "$network" up
	done
	# the far end of the road warriors' default route
	switch_ip addr add 192.0.2.254/24 dev internet
	switch_ip addr add 2001:db8::254/64 dev internet nodad
}

# network_attach HOST [DELAY_MS]: gives a host its interfaces.
network_attach()
{
	local host=$1 delay=${2:-0} network interface ipv4 ipv6 gateway
	local port peer sysctl="net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1"
	while read -r _ network interface ipv4 ipv6 gateway; do
		port=$host-$interface
		peer=$RUN_ID-$host
		if ((delay)); then
			switch_ip link add "$port" type veth peer name "$port-a"
			switch_ip link add "$port-b" type veth peer name "$interface" \
				netns "$peer"
			switch_ip link set "$port-a" up
			switch_ip link set "$port-b" up
			delay_start "$port" "$delay"
		else
			switch_ip link add "$port" type veth peer name "$interface" \
				netns "$peer"
		fi
		switch_ip link set "$port" master "$network" up
		ip -n "$peer" link set "$interface" up
		ip -n "$peer" addr add "$ipv4" dev "$interface"
		ip -n "$peer" addr add "$ipv6" dev "$interface" nodad
		if [[ $gateway == router ]]; then
			ip netns exec "$peer" sysctl -q -w $sysctl
		fi
	done < <(network_table | awk -v host="$host" '$1 == host')
	# routes last: they need all interfaces
	while read -r _ network interface ipv4 ipv6 gateway; do
		[[ $gateway && $gateway != router && $gateway != - ]] || continue
		ip -n "$peer" route add default via "${gateway%,*}"
		ip -n "$peer" -6 route add default via "${gateway#*,}"
	done < <(network_table | awk -v host="$host" '$1 == host')
	host_run "$host" "packets start"
}

# delay_start PORT DELAY_MS: every frame waits that long, each way.
delay_start()
{
	[[ -x $BUILD_DIR/testing/lib/delay-bridge ]] || {
		echo "delay-bridge is not built; run 'make check' first" >&2
		return 1
	}
	setpriv --pdeathsig KILL nsenter --target "$(<"$RUN_DIR/switch/pid")" \
		--net "$BUILD_DIR/testing/lib/delay-bridge" "$2" "$1-a" "$1-b" \
		</dev/null >>"$RUN_DIR/switch/log" 2>&1 &
	printf '%s\n' $! >>"$RUN_DIR/switch/helpers"
}

network_remove()
{
	local pid
	[[ -e $RUN_DIR/switch/pid ]] || return 0
	for pid in $(cat "$RUN_DIR/switch/helpers" "$RUN_DIR/switch/pid" 2>/dev/null); do
		kill -KILL "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	ip netns delete "$RUN_ID-switch" 2>/dev/null || true
	# ip mounts this folder for its first name
	[[ -e $RUN_DIR/switch/netns-was-mounted || $(ls /run/netns) ]] ||
		umount /run/netns
	rm -rf "$RUN_DIR/switch"
}
