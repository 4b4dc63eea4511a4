// Makes one set of the three members, once: a set that is there stays as it is. Ends when it has a primary, which may be any of
// them. The members are JSON, so that a test can hold them against the address that the services are told.
const set = {
  "_id": "rebilling",
  "members": [
    {"_id": 0, "host": "mongodb:27017"},
    {"_id": 1, "host": "mongodb-2:27017"},
    {"_id": 2, "host": "mongodb-3:27017"}
  ]
};

try {
  rs.initiate(set);
} catch (error) {
  if (error.codeName !== "AlreadyInitialized") throw error;
}
while (!db.hello().primary) sleep(200);
