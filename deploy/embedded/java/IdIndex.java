package de.bwaldvogel.mongo.backend.h2;

import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.backend.AbstractUniqueIndex;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.KeyValue;
import de.bwaldvogel.mongo.bson.Document;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;

/**
 * The index of {@code _id}, which is the documents themselves, since they are stored by it: no write of the file can come
 * between a document and its index.
 *
 * <p>It answers every query that names {@code _id}. The library's own answers only a query of exactly its fields, so a
 * guarded write ({@code _id} and {@code rev}) would read the whole collection. The collection still matches what the
 * index finds against the whole query.
 */
final class IdIndex extends AbstractUniqueIndex<Object> {
    private final StoredDocuments documents;

    IdIndex(String name, List<IndexKey> keys, boolean sparse, StoredDocuments documents) {
        super(name, keys, sparse);
        this.documents = documents;
    }

    @Override
    public synchronized boolean canHandle(Document query) {
        return query.containsKey("_id") && super.canHandle(new Document("_id", query.get("_id")));
    }

    @Override
    public synchronized void add(Document document, Object position, MongoCollection<Object> collection) {
        // it is there, since the document is
    }

    @Override
    protected boolean putKeyPosition(KeyValue key, Object position) {
        throw new UnsupportedOperationException();
    }

    @Override
    protected Object removeDocument(KeyValue key) {
        return getPosition(key); // it goes with the document
    }

    @Override
    protected Object getPosition(KeyValue key) {
        Object id = StoredDocuments.key(key.get(0));
        return documents.contains(id) ? id : null;
    }

    @Override
    protected Iterable<Entry<KeyValue, Object>> getIterable() {
        return () -> documents.ids().map(id -> Map.entry(new KeyValue(id), id)).iterator();
    }

    @Override
    public long getCount() {
        return documents.size();
    }

    @Override
    public boolean isEmpty() {
        return documents.isEmpty();
    }

    @Override
    public long getDataSize() {
        return getCount();
    }
}
