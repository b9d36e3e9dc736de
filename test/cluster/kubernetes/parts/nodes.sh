# Nodes and the network between them. Sourced, not run.
# shellcheck shell=bash

in_node() { # in_node N: the command prefix that enters a node
  echo nsenter --target "$(pid_of "node-$1")" --net --mount --uts --
}

ctr_of() { # ctr_of N ARGUMENT...: ctr on node N's containerd
  local n=$1; shift
  ctr -a "$RUN/node-$n/containerd/containerd.sock" -n k8s.io "$@"
}

# A node is a sleeping process with its own network, mounts and host name.
start_node() {
  local n=$1 i
  pid_of "node-$n" >/dev/null && return
  mkdir -p "$VAR/node-$n/kubelet" "$VAR/node-$n/log" "$VAR/node-$n/cni" "$RUN/node-$n/containerd" \
    /var/lib/kubelet /var/lib/cni /run/containerd
  rm -f "$RUN/node-$n/ready"
  start "node-$n" unshare --net --mount --uts sh -euc '
    hostname "$1"
    for m in $(cut -d" " -f2 /proc/self/mounts | grep -E "^/(var/lib|run)/docker/" | sort -r); do umount -l "$m" || :; done
    mount --make-rshared /
    mount --bind "$2/kubelet" /var/lib/kubelet
    mount --bind "$2/cni" /var/lib/cni
    mount --bind "$2/log" /var/log
    mount --bind "$3/containerd" /run/containerd
    ip link set lo up
    sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
    : >"$3/ready"
    exec sleep infinity' sh "node-$n" "$VAR/node-$n" "$RUN/node-$n"
  for ((i = 0; i < 100; i++)); do [ -e "$RUN/node-$n/ready" ] && break; sleep 0.05; done
  [ -e "$RUN/node-$n/ready" ] || die "node-$n did not start; see $LOG/node-$n.log"
}

# node-1 has a bridge; this machine and the other nodes are plugged into it. No
# node has a default route, so no packet of a pod can leave the machine.
connect_nodes() {
  [ -e "/sys/class/net/$LINK" ] && return
  local n m ns1 ns
  ns1=$(pid_of node-1)
  $(in_node 1) sh -euc '
    sysctl -qw net.bridge.bridge-nf-call-iptables=0 net.bridge.bridge-nf-call-ip6tables=0 2>/dev/null || :
    ip link add nodes type bridge
    ip addr add "$1" dev nodes
    ip link set nodes up' sh "$NODE_NET.1/24"
  ip link add "$LINK" type veth peer name host netns "$ns1"
  $(in_node 1) ip link set host master nodes up
  ip addr add "$HOST_IP/24" dev "$LINK"
  ip link set "$LINK" up
  for ((n = 2; n <= NODES; n++)); do
    ns=$(pid_of "node-$n")
    $(in_node "$n") ip link add nodes type veth peer name "node-$n" netns "$ns1"
    $(in_node 1) ip link set "node-$n" master nodes up
    $(in_node "$n") sh -euc 'ip addr add "$1" dev nodes; ip link set nodes up' sh "$NODE_NET.$n/24"
  done
  ip route add "$SERVICE_CIDR" via "$NODE_NET.1"
  ip route add unreachable "$POD_NET.0.0/16"
  for ((n = 1; n <= NODES; n++)); do
    ip route add "$POD_NET.$n.0/24" via "$NODE_NET.$n"
    # A service's address is replaced before it is looked for on this link.
    $(in_node "$n") ip route add "$SERVICE_CIDR" dev nodes src "$NODE_NET.$n"
    for ((m = 1; m <= NODES; m++)); do
      [ $m = $n ] || $(in_node "$n") ip route add "$POD_NET.$m.0/24" via "$NODE_NET.$m"
    done
  done
}
