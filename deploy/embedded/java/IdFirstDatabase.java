package de.bwaldvogel.mongo.backend.h2;

import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.backend.CollectionOptions;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.KeyValue;
import de.bwaldvogel.mongo.bson.Document;
import java.util.List;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;

/**
 * Lets the {@code _id} index answer every query that names {@code _id}, and makes the plain indexes that are declared.
 *
 * <p>The library's own index answers only a query of exactly its fields, so a guarded write ({@code _id} and
 * {@code rev}) would read the whole collection. The collection still matches what the index finds against the whole
 * query.
 */
public final class IdFirstDatabase extends H2Database {
    private static MVStore opening; // the parent's constructor asks for indexes before a field could be set

    private IdFirstDatabase(String name, MVStore store, CursorRegistry cursors) {
        super(name, store, cursors);
    }

    public static synchronized IdFirstDatabase open(String name, MVStore store, CursorRegistry cursors) {
        opening = store;
        return new IdFirstDatabase(name, store, cursors);
    }

    @Override
    protected Index<Object> openOrCreateUniqueIndex(
            String collection, String index, List<IndexKey> keys, boolean sparse) {
        if (keys.size() != 1 || !keys.get(0).getKey().equals("_id")) {
            return super.openOrCreateUniqueIndex(collection, index, keys, sparse);
        }
        MVMap<KeyValue, Object> map = opening.openMap(getFullCollectionNamespace(collection) + "._index_" + index);
        return new H2UniqueIndex(map, index, keys, sparse) {
            @Override
            public synchronized boolean canHandle(Document query) {
                return query.containsKey("_id") && super.canHandle(new Document("_id", query.get("_id")));
            }
        };
    }

    @Override
    protected Index<Object> openOrCreateSecondaryIndex(
            String collection, String index, List<IndexKey> keys, boolean sparse) {
        return new OrderedIndex(index, keys);
    }

    @Override
    protected MongoCollection<Object> openOrCreateCollection(String collection, CollectionOptions options) {
        String name = getFullCollectionNamespace(collection);
        MVMap<Object, Document> documents = opening.openMap(DATABASES_PREFIX + name);
        MVMap<String, Object> meta = opening.openMap("meta." + name);
        return new IndexedCollection(this, collection, options, documents, meta, cursorRegistry);
    }
}
