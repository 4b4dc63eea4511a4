#!/bin/bash
# Starts Kafka as its official image does: KAFKA_… variables become properties, the directory is formatted once, the broker runs.
set -euo pipefail
config=/tmp/kafka
jvm=(-XX:+UseSerialGC -Dorg.slf4j.simpleLogger.defaultLogLevel=warn)
set_up() {
  mkdir -p "$config"/{default,mounted,final}
  : > "$config/default/server.properties"
  cp /stand-ins/log4j2.yaml /stand-ins/tools-log4j2.yaml "$config/default/"
  export CLUSTER_ID="${CLUSTER_ID:-5L6g3nShT-eMCtK--X86sw}"
  local told
  told=$("$(cat /stand-ins/java)" "${jvm[@]}" -XX:TieredStopAtLevel=1 -cp "$(cat /stand-ins/kafka.cp)" kafka.docker.KafkaDockerWrapper setup \
    --default-configs-dir "$config/default" --mounted-configs-dir "$config/mounted" --final-configs-dir "$config/final" 2>&1) \
    || grep -q "already formatted" <<<"$told" || { echo "$told" >&2; exit 1; }
  touch "$config/done"
}
# A container that is started again has the same variables: what it was told is written down already.
[ -e "$config/done" ] || set_up
exec "$(cat /stand-ins/java)" ${KAFKA_HEAP_OPTS:--Xmx512m} "${jvm[@]}" -cp "$(cat /stand-ins/kafka.cp)" kafka.Kafka "$config/final/server.properties"
