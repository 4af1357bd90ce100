#!/usr/bin/env bash
# Installs kind of the version that our node images are made for, in the PATH of the steps that follow. What was downloaded must
# have the sum that KIND_SHA256 names or, without it, the sum that lies beside it in its release.
set -euo pipefail
version=v0.33.0
case $(uname -m) in
  x86_64) arch=amd64 ;;
  aarch64) arch=arm64 ;;
  *) echo "kind is not made for $(uname -m)" >&2 && exit 1 ;;
esac
url=https://github.com/kubernetes-sigs/kind/releases/download/$version/kind-linux-$arch

fetch() { curl --fail --silent --show-error --location --retry 3 --max-time 180 --output "$1" "$2"; }

folder=$RUNNER_TEMP/kind-$version
mkdir -p "$folder"
cd "$folder"
fetch kind "$url"
if [[ -z ${KIND_SHA256:-} ]]; then
  fetch kind.sha256sum "$url.sha256sum"
  read -r KIND_SHA256 _ <kind.sha256sum
fi
echo "$KIND_SHA256  kind" | sha256sum --check
chmod +x kind
./kind version
echo "$folder" >>"$GITHUB_PATH"
