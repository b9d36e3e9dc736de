# Names, paths, addresses, and how to speak. Sourced first, not run.
# shellcheck shell=bash

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

NODES=${CLUSTER_NODES:-2}
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/evenkeel-cluster
VAR=/var/lib/evenkeel-cluster   # data: etcd, containerd, kubelet, keys
RUN=/run/evenkeel-cluster       # pid files, sockets, containerd state
LOG=/var/log/evenkeel-cluster   # one file per daemon
PKI=$VAR/pki
ETC=$VAR/etc
CGROUP=evenkeel-cluster         # every process of the cluster is below it
KUBECONFIG_OUT=$CACHE/kubeconfig

# All of these exist only between this machine and the nodes.
LINK=ekube0                     # this machine's end of the nodes' network
HOST_IP=10.90.0.254
NODE_NET=10.90.0                # node-N is 10.90.0.N
POD_NET=10.244                  # node-N's pods are 10.244.N.0/24
SERVICE_CIDR=10.96.0.0/16
API_SERVICE_IP=10.96.0.1
DNS_SERVICE_IP=10.96.0.10
API=https://$NODE_NET.1:6443

K8S_VERSION=v$(awk '$1 == "k8s.io/kubernetes" {sub("^v", "", $2); print $2}' "$HERE/go/go.mod")
HELM_VERSION=$(awk '$1 == "helm.sh/helm/v4" {print $2}' "$HERE/go/go.mod")
METRICS_SERVER_VERSION=v0.9.0   # of another Kubernetes release, so not in go/go.mod

die() { echo "evenkeel-cluster: $*" >&2; exit 1; }
say() { printf '%6.1fs  %s\n' "$(awk -v a="$START" -v b="$EPOCHREALTIME" 'BEGIN {print b - a}')" "$*"; }
START=$EPOCHREALTIME

[ "$(id -u)" = 0 ] || die "run as root"

# The directory of this version's programs: it is named after their source.
bin_dir() {
  local hash
  hash=$(cd "$HERE/go" && { find . -type f | LC_ALL=C sort | xargs sha256sum; echo "$METRICS_SERVER_VERSION"; } | sha256sum | cut -c1-16)
  echo "$CACHE/$hash"
}
BIN=$(bin_dir)

lock() { # one up or down at a time
  exec 9>/run/evenkeel-cluster.lock
  flock -n 9 || die "another up or down is at work"
}

nodes_there() { # how many nodes the cluster has
  cat "$VAR/configured" 2>/dev/null || die "no cluster: ./up first"
}
