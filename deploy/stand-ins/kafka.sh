#!/bin/bash
# Starts Kafka as its official image does: KAFKA_… variables become properties, the directory is formatted once, the broker runs.
set -euo pipefail
config=/tmp/kafka
mkdir -p "$config"/{default,mounted,final}
: > "$config/default/server.properties"
cp /stand-ins/log4j2.yaml /stand-ins/tools-log4j2.yaml "$config/default/"
export CLUSTER_ID="${CLUSTER_ID:-5L6g3nShT-eMCtK--X86sw}"
jvm=(-XX:+UseSerialGC -Dorg.slf4j.simpleLogger.defaultLogLevel=warn)
told=$("$(cat /stand-ins/java)" "${jvm[@]}" -cp "$(cat /stand-ins/kafka.cp)" kafka.docker.KafkaDockerWrapper setup \
  --default-configs-dir "$config/default" --mounted-configs-dir "$config/mounted" --final-configs-dir "$config/final" 2>&1) \
  || grep -q "already formatted" <<<"$told" || { echo "$told" >&2; exit 1; }
exec "$(cat /stand-ins/java)" ${KAFKA_HEAP_OPTS:--Xmx512m} "${jvm[@]}" -cp "$(cat /stand-ins/kafka.cp)" kafka.Kafka "$config/final/server.properties"
