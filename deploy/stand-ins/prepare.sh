#!/usr/bin/env bash
# Makes a machine able to run the containers: an engine where there is none, and images where no registry of images is reached.
#   deploy/stand-ins/prepare.sh engine   install and start Docker (Debian and Ubuntu, as root)
#   deploy/stand-ins/prepare.sh images   build our images; prints, as NAME=VALUE, the settings that name what is to be used
# From package registries alone: Debian's, PyPI and Maven Central. Ours are called rebilling/…, or as IMAGES says; the base image is
# called local/python:3.11, or as BASE_IMAGE says. One that is named otherwise (CUSTOMER_SVC_IMAGE …) is used as it is, and not built.
set -euo pipefail
cd "$(dirname "$0")/../.."
export DOCKER_BUILDKIT=0
ours=${IMAGES:-rebilling} base=${BASE_IMAGE:-local/python:3.11}
say() { echo "$*" >&2; }

engine() {
  docker info >/dev/null 2>&1 && return
  if ((EUID)); then
    say "no Docker answers to this user (docker info says why), and only root can install and start it here"
    exit 1
  fi
  if ! command -v dockerd >/dev/null; then
    command -v apt-get >/dev/null || { say "Docker is missing, and so is apt-get, which would install it: install Docker"; exit 1; }
    say "installing Docker …"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends docker.io iptables >/dev/null
  fi
  say "starting Docker …"
  setsid dockerd >"${TMPDIR:-/tmp}/rebilling-dockerd.log" 2>&1 &
  for _ in $(seq 60); do
    docker info >/dev/null 2>&1 && return
    sleep 0.5
  done
  say "Docker does not start; its log: ${TMPDIR:-/tmp}/rebilling-dockerd.log"
  exit 1
}

official() { docker pull --quiet "$1" >/dev/null 2>&1; }

base_image() {
  docker image inspect "$base" >/dev/null 2>&1 && return
  if ((EUID)); then
    say "no registry of images is reached, and only root can make a base image: name one that is there with PYTHON_IMAGE"
    exit 1
  fi
  say "no registry of images: making a base image from Debian's packages …"
  command -v debootstrap >/dev/null || DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends debootstrap >/dev/null
  local root ca=/etc/ssl/certs/ca-certificates.crt
  root=$(mktemp -d)
  debootstrap --variant=minbase --include=ca-certificates,python3,python3-venv bookworm "$root" >"$root.log" 2>&1 \
    || { tail -5 "$root.log" >&2; exit 1; }
  cp "$ca" "$root$ca"
  tar -C "$root" -c . | docker import -c "ENV SSL_CERT_FILE=$ca PIP_CERT=$ca REQUESTS_CA_BUNDLE=$ca" - "$base" >/dev/null
  rm -rf "$root" "$root.log"
}

build() { # name, Dockerfile, further arguments
  local name=$1 file=$2
  shift 2
  say "building $name …"
  docker build --network host -f "$file" --build-arg PYTHON_IMAGE="$python" "$@" -t "$name" . >"$log" 2>&1 \
    || { tail -20 "$log" >&2; exit 1; }
}

named() { # setting, what it names: whoever names an image of a service wants that one, and not what is built here
  docker image inspect "$2" >/dev/null 2>&1 || official "$2" && return
  say "$1 names $2, which is neither here nor can be pulled: name another, or none to have it built"
  exit 1
}

images() {
  local python=${PYTHON_IMAGE:-python:3.12-slim} kafka=${KAFKA_IMAGE:-apache/kafka:4.1.1} mongodb=${MONGODB_IMAGE:-mongo:8} service
  if ! docker image inspect "$python" >/dev/null 2>&1 && ! official "$python"; then
    base_image
    python=$base
  fi
  local simulated=${SIMULATED_IMAGE:-$ours/simulated} version revision log setting image
  local services=()
  log=$(mktemp)
  version=$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
  revision=$(git rev-parse --short HEAD 2>/dev/null || echo unknown)
  for service in customer-svc psa-sync-svc invoice-svc; do
    setting=${service//-/_}_IMAGE setting=${setting^^}
    image=${!setting:-$ours/$service}
    if [ "$image" != "$ours/$service" ]; then
      named "$setting" "$image"
    else
      build "$image" deploy/Dockerfile --build-arg SERVICE="$service" --build-arg VERSION="$version" --build-arg REVISION="$revision"
    fi
    services+=("$setting=$image")
  done
  if [ "$simulated" != "$ours/simulated" ]; then
    named SIMULATED_IMAGE "$simulated"
  else
    build "$simulated" deploy/stand-ins/Dockerfile --target simulated
  fi
  if ! docker image inspect "$kafka" >/dev/null 2>&1 && ! official "$kafka"; then
    kafka=$ours/stand-in-kafka
    build "$kafka" deploy/stand-ins/Dockerfile --target kafka
  fi
  if ! docker image inspect "$mongodb" >/dev/null 2>&1 && ! official "$mongodb"; then
    mongodb=$ours/stand-in-mongodb
    build "$mongodb" deploy/stand-ins/Dockerfile --target mongodb
  fi
  printf '%s\n' "PYTHON_IMAGE=$python" "KAFKA_IMAGE=$kafka" "MONGODB_IMAGE=$mongodb" "SIMULATED_IMAGE=$simulated" "${services[@]}"
}

secrets() { # into .secrets, once; they belong to the user that the services run as
  [ -e .secrets/partner-id ] && return
  say "making keys in .secrets …"
  mkdir -p .secrets
  docker run --rm --user 0 --volume "$PWD/.secrets:/made" "${SIMULATED_IMAGE:-$ours/simulated}" sh -ec '
    python -m ops.identity /made
    echo mongodb://mongodb:27017 > /made/identity/mongodb-uri
    chown -R 10001:10001 /made/identity' >.secrets/partner-id
}

files() { # what compose is told to read: with CLUSTER, three brokers, and three of the store where its image can be that
  printf -- '-f deploy/compose.yaml'
  [ -n "${CLUSTER:-}" ] || return 0
  printf -- ' -f deploy/compose.brokers.yaml'
  if grep -qs '^MONGODB_IMAGE=.*/stand-in-mongodb$' .cache/images.env; then
    say "the stand-in for MongoDB knows no replica sets: the store stays one"
  else
    printf -- ' -f deploy/compose.replica-set.yaml'
  fi
}

compose() { # the plugin, where it is missing, from its Go module
  docker compose version >/dev/null 2>&1 && return
  command -v go >/dev/null || { say "docker compose is missing: install Docker's compose plugin"; exit 1; }
  say "building docker compose …"
  local bin
  bin=$(mktemp -d)
  GOBIN=$bin go install github.com/docker/compose/v2/cmd@v2.32.4 >&2
  mkdir -p ~/.docker/cli-plugins
  mv "$bin/cmd" ~/.docker/cli-plugins/docker-compose
}

for step in "$@"; do
  case $step in
    engine | images | secrets | compose | files) "$step" ;;
    *) say "engine, images, secrets, compose or files; not $step"; exit 2 ;;
  esac
done
