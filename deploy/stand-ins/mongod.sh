#!/bin/bash
# Starts the document store on all of the container's addresses, at MongoDB's port; what mongod would be told is not needed.
set -euo pipefail
exec "$(cat /stand-ins/java)" -Xmx512m -XX:+UseSerialGC -Dorg.slf4j.simpleLogger.defaultLogLevel=warn \
  -Dorg.slf4j.simpleLogger.log.de.bwaldvogel.mongo.backend.AbstractMongoDatabase=error \
  -cp "$(cat /stand-ins/store.cp)" DocumentStore 0.0.0.0 27017 /data/db/data.mv
