#!/usr/bin/env bash
# Prints where helm is; where there is none, it is built once from its Go module.
set -euo pipefail
cd "$(dirname "$0")/../.."
if command -v helm; then exit; fi
if [ ! -x .cache/helm/helm ]; then
  command -v go >/dev/null || { echo "helm is missing, and so is go, which would build it: install helm" >&2; exit 1; }
  echo "building helm, once …" >&2
  GOBIN="$PWD/.cache/helm" go install helm.sh/helm/v3/cmd/helm@v3.17.3 >&2
fi
echo "$PWD/.cache/helm/helm"
