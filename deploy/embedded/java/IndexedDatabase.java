package de.bwaldvogel.mongo.backend.h2;

import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.backend.CollectionOptions;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import java.util.List;
import org.h2.mvstore.MVStore;

/**
 * Stores documents under their {@code _id}, as {@link StoredDocuments} does, and makes the plain indexes that are
 * declared.
 */
public final class IndexedDatabase extends H2Database {
    private static MVStore opening; // the parent's constructor asks for indexes before a field could be set

    private IndexedDatabase(String name, MVStore store, CursorRegistry cursors) {
        super(name, store, cursors);
    }

    public static synchronized IndexedDatabase open(String name, MVStore store, CursorRegistry cursors) {
        opening = store;
        return new IndexedDatabase(name, store, cursors);
    }

    @Override
    protected Index<Object> openOrCreateUniqueIndex(
            String collection, String index, List<IndexKey> keys, boolean sparse) {
        if (keys.size() != 1 || !keys.get(0).getKey().equals("_id")) {
            return super.openOrCreateUniqueIndex(collection, index, keys, sparse);
        }
        return new IdIndex(index, keys, sparse, documents(collection));
    }

    @Override
    protected Index<Object> openOrCreateSecondaryIndex(
            String collection, String index, List<IndexKey> keys, boolean sparse) {
        return new OrderedIndex(index, keys);
    }

    /** With the index of {@code _id} from the beginning: the library declares it by a write of its own, after the first. */
    @Override
    protected MongoCollection<Object> openOrCreateCollection(String collection, CollectionOptions options) {
        StoredDocuments documents = documents(collection);
        IndexedCollection made = new IndexedCollection(this, collection, options, documents, cursorRegistry);
        if ("_id".equals(options.getIdField())) {
            made.addIndex(new IdIndex("_id_", List.of(new IndexKey("_id", true)), false, documents));
        }
        return made;
    }

    /** One map, however often it is opened. */
    private StoredDocuments documents(String collection) {
        return new StoredDocuments(opening, DATABASES_PREFIX + getFullCollectionNamespace(collection));
    }
}
