# Keys and certificates, and who has which. Sourced, not run.
# shellcheck shell=bash

authority() { # authority NAME
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -days 3650 \
    -subj "/CN=$1" -keyout "$PKI/$1.key" -out "$PKI/$1.crt" 2>/dev/null
}

certificate() { # certificate AUTHORITY NAME SUBJECT [SUBJECT-ALT-NAMES]
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -days 3650 \
    -CA "$PKI/$1.crt" -CAkey "$PKI/$1.key" -subj "$3" ${4:+-addext "subjectAltName=$4"} \
    -addext basicConstraints=critical,CA:FALSE -addext extendedKeyUsage=serverAuth,clientAuth \
    -keyout "$PKI/$2.key" -out "$PKI/$2.crt" 2>/dev/null
}

kubeconfig() { # kubeconfig NAME: of that certificate, on standard output
  cat <<EOF
apiVersion: v1
kind: Config
current-context: evenkeel-cluster
clusters: [{name: evenkeel-cluster, cluster: {server: "$API", certificate-authority-data: $(base64 -w0 "$PKI/ca.crt")}}]
contexts: [{name: evenkeel-cluster, context: {cluster: evenkeel-cluster, user: $1}}]
users: [{name: $1, user: {client-certificate-data: $(base64 -w0 "$PKI/$1.crt"), client-key-data: $(base64 -w0 "$PKI/$1.key")}}]
EOF
}

configure() {
  [ -e "$VAR/configured" ] && return
  local n name
  mkdir -p "$PKI" "$ETC" && chmod 700 "$VAR"
  authority ca
  authority front-proxy-ca
  openssl ecparam -name prime256v1 -genkey -noout -out "$PKI/service-accounts.key" 2>/dev/null
  certificate ca apiserver /CN=kube-apiserver "DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local,DNS:localhost,IP:127.0.0.1,IP:$API_SERVICE_IP,IP:${NODE_NET}.1"
  certificate ca apiserver-kubelet-client /O=system:masters/CN=kube-apiserver-kubelet-client
  certificate front-proxy-ca front-proxy-client /CN=front-proxy-client
  certificate ca admin /O=system:masters/CN=admin
  for name in kube-controller-manager kube-scheduler kube-proxy; do
    certificate ca $name "/CN=system:$name"
    kubeconfig $name >"$ETC/$name.kubeconfig"
  done
  for ((n = 1; n <= NODES; n++)); do
    certificate ca "node-$n" "/O=system:nodes/CN=system:node:node-$n" "DNS:node-$n,IP:$NODE_NET.$n"
    kubeconfig "node-$n" >"$ETC/node-$n.kubeconfig"
    configure_node "$n"
  done
  # Pods that take their node's resolver get the cluster's: nothing asks outside.
  echo "nameserver $DNS_SERVICE_IP" >"$ETC/resolv.conf"
  echo "$NODES" >"$VAR/configured"
}
