# The daemons of Kubernetes. Sourced, not run.
# shellcheck shell=bash

start_control_plane() {
  local on1
  on1=$(in_node 1)
  start etcd $on1 "$BIN/etcd" --name=node-1 --data-dir="$VAR/etcd" --unsafe-no-fsync --log-level=warn \
    --listen-client-urls=http://127.0.0.1:2379 --advertise-client-urls=http://127.0.0.1:2379 \
    --listen-peer-urls=http://127.0.0.1:2380 --initial-advertise-peer-urls=http://127.0.0.1:2380 \
    --initial-cluster=node-1=http://127.0.0.1:2380
  start kube-apiserver $on1 "$BIN/kube-apiserver" \
    --advertise-address="$NODE_NET.1" --secure-port=6443 --etcd-servers=http://127.0.0.1:2379 \
    --service-cluster-ip-range="$SERVICE_CIDR" --allow-privileged=true \
    --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction \
    --client-ca-file="$PKI/ca.crt" --tls-cert-file="$PKI/apiserver.crt" --tls-private-key-file="$PKI/apiserver.key" \
    --kubelet-certificate-authority="$PKI/ca.crt" --kubelet-preferred-address-types=InternalIP \
    --kubelet-client-certificate="$PKI/apiserver-kubelet-client.crt" --kubelet-client-key="$PKI/apiserver-kubelet-client.key" \
    --service-account-issuer=https://kubernetes.default.svc.cluster.local \
    --service-account-key-file="$PKI/service-accounts.key" --service-account-signing-key-file="$PKI/service-accounts.key" \
    --requestheader-client-ca-file="$PKI/front-proxy-ca.crt" --requestheader-allowed-names=front-proxy-client \
    --requestheader-username-headers=X-Remote-User --requestheader-group-headers=X-Remote-Group \
    --requestheader-extra-headers-prefix=X-Remote-Extra- \
    --proxy-client-cert-file="$PKI/front-proxy-client.crt" --proxy-client-key-file="$PKI/front-proxy-client.key"
}

start_controllers() {
  local on1 c
  on1=$(in_node 1)
  c=$ETC/kube-controller-manager.kubeconfig
  start kube-controller-manager $on1 "$BIN/kube-controller-manager" \
    --kubeconfig="$c" --authentication-kubeconfig="$c" --authorization-kubeconfig="$c" --leader-elect=false \
    --use-service-account-credentials --service-account-private-key-file="$PKI/service-accounts.key" \
    --root-ca-file="$PKI/ca.crt" --cluster-signing-cert-file="$PKI/ca.crt" --cluster-signing-key-file="$PKI/ca.key" \
    --requestheader-client-ca-file="$PKI/front-proxy-ca.crt" --service-cluster-ip-range="$SERVICE_CIDR"
  c=$ETC/kube-scheduler.kubeconfig
  start kube-scheduler $on1 "$BIN/kube-scheduler" --leader-elect=false \
    --kubeconfig="$c" --authentication-kubeconfig="$c" --authorization-kubeconfig="$c"
}

start_containerd() {
  start "node-$1-containerd" $(in_node "$1") containerd --config "$ETC/node-$1/containerd.toml" --log-level warn
}

import_images() {
  local n=$1 image
  for image in pause coredns metrics-server; do
    ctr_of "$n" images ls -q | grep -qx "cluster.local/$image:1" ||
      ctr_of "$n" images import "$BIN/$image.tar" >/dev/null
  done
}

start_kubelet() {
  local n=$1
  start "node-$n-kubelet" $(in_node "$n") "$BIN/kubelet" --config="$ETC/node-$n/kubelet.yaml" \
    --kubeconfig="$ETC/node-$n.kubeconfig" --hostname-override="node-$n" --node-ip="$NODE_NET.$n" \
    --node-labels="topology.kubernetes.io/region=here,topology.kubernetes.io/zone=zone-$n"
  start "node-$n-kube-proxy" $(in_node "$n") "$BIN/kube-proxy" --config="$ETC/node-$n/kube-proxy.yaml"
}
