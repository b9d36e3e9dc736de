# The programs: what Debian has, and what is built of Go modules. Sourced, not run.
# shellcheck shell=bash

install_packages() {
  local missing=() p
  for p in containerd:containerd runc:runc containernetworking-plugins:/usr/lib/cni/ptp \
      iptables:iptables iproute2:ip util-linux:nsenter openssl:openssl procps:sysctl; do
    command -v "${p#*:}" >/dev/null || missing+=("${p%%:*}")
  done
  [ ${#missing[@]} = 0 ] && return
  say "installing ${missing[*]}"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

build() {
  [ -e "$BIN/complete" ] && return
  command -v go >/dev/null || die "Go 1.26 is needed to build the cluster's programs; install it, or Go 1.21 or later, which fetches it"
  say "building the programs into $BIN (many minutes the first time)"
  mkdir -p "$BIN"
  local k8s="-s -w" pkg minor=${K8S_VERSION#v1.}
  for pkg in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    k8s+=" -X $pkg.gitVersion=$K8S_VERSION -X $pkg.gitMajor=1 -X $pkg.gitMinor=${minor%%.*} -X $pkg.gitTreeState=clean"
  done
  (
    cd "$HERE/go"
    export CGO_ENABLED=0 GOFLAGS="-trimpath -buildvcs=false -mod=readonly"
    go build -ldflags "$k8s" -tags providerless -o "$BIN/kube" .
    go build -ldflags "-s -w" -o "$BIN/pause" ./pause
    go build -ldflags "-s -w" -o "$BIN/coredns" ./coredns
    GOBIN=$BIN GOFLAGS="-trimpath" go install -ldflags "-s -w" "sigs.k8s.io/metrics-server/cmd/metrics-server@$METRICS_SERVER_VERSION"
    go build -ldflags "-s -w -X helm.sh/helm/v4/internal/version.version=$HELM_VERSION" -o "$BIN/helm" helm.sh/helm/v4/cmd/helm
  )
  local part
  for part in etcd kube-apiserver kube-controller-manager kube-scheduler kube-proxy kubelet kubectl; do
    ln -sf kube "$BIN/$part"
  done
  local image
  for image in pause coredns metrics-server; do scratch_image "$image"; done
  touch "$BIN/complete"
  find "$CACHE" -mindepth 1 -maxdepth 1 -type d -name '????????????????' ! -path "$BIN" -exec rm -r {} +
}

# An image with nothing in it but one program, as a `docker save` archive.
scratch_image() {
  local name=$1 dir digest
  dir=$(mktemp -d)
  tar -C "$BIN" --owner=0 --group=0 --mtime=@0 -cf "$dir/layer.tar" "$name"
  digest=$(sha256sum "$dir/layer.tar" | cut -d' ' -f1)
  cat >"$dir/config.json" <<EOF
{"architecture": "$(go env GOARCH)", "os": "linux",
 "config": {"Entrypoint": ["/$name"], "User": "65532:65532"},
 "rootfs": {"type": "layers", "diff_ids": ["sha256:$digest"]}}
EOF
  cat >"$dir/manifest.json" <<EOF
[{"Config": "config.json", "RepoTags": ["cluster.local/$name:1"], "Layers": ["layer.tar"]}]
EOF
  tar -C "$dir" -cf "$BIN/$name.tar" manifest.json config.json layer.tar
  rm -r "$dir"
}
