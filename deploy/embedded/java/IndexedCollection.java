package de.bwaldvogel.mongo.backend.h2;

import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.backend.AbstractSynchronizedMongoCollection;
import de.bwaldvogel.mongo.backend.CollectionOptions;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.DocumentWithPosition;
import de.bwaldvogel.mongo.backend.QueryResult;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.DuplicateKeyError;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Reads no more of a collection than a query asks for: by the best of its {@link OrderedIndex}es, or by a range of
 * {@code _id}, in whose order documents are stored anyway.
 */
final class IndexedCollection extends AbstractSynchronizedMongoCollection<Object> {
    private static final Comparator<OrderedIndex.Plan> WORTH = Comparator.comparingInt(OrderedIndex.Plan::equal)
            .thenComparing(OrderedIndex.Plan::inOrder)
            .thenComparing(OrderedIndex.Plan::bounded);

    private final StoredDocuments documents;

    IndexedCollection(
            MongoDatabase database,
            String name,
            CollectionOptions options,
            StoredDocuments documents,
            CursorRegistry cursors) {
        super(database, name, options, cursors);
        this.documents = documents;
    }

    @Override
    protected QueryResult queryDocuments(
            Document query, Document orderBy, int skip, int limit, int batchSize, Document fields) {
        Object id = query.get("_id");
        Collection<String> named = query.size() == 1 ? named(id) : null;
        if (named != null) { // each found document would be held against each id that is asked for
            Stream<Document> found = named.stream().map(documents::get).filter(Objects::nonNull);
            return matchDocumentsFromStream(found, new Document(), orderBy, skip, limit, batchSize, fields);
        }
        Bounds ids = Bounds.of(id);
        if ((id != null && ids == Bounds.NONE) || (orderBy != null && orderBy.containsKey("$natural"))) {
            return super.queryDocuments(query, orderBy, skip, limit, batchSize, fields);
        }
        Optional<OrderedIndex.Plan> best = best(query, orderBy);
        boolean byId = isById(ids, orderBy);
        if (byId && (best.isEmpty() || best.get().equal() == 0)) {
            boolean reverse = orderBy != null && ((Number) orderBy.get("_id")).intValue() < 0;
            return matchDocumentsFromStream(query, range(ids, reverse), skip, limit, batchSize, null, fields);
        }
        if (best.isEmpty()) {
            return super.queryDocuments(query, orderBy, skip, limit, batchSize, fields);
        }
        Stream<Document> found = best.get().positions().map(this::getDocument);
        Comparator<Document> sorting = best.get().inOrder() ? null : deriveComparator(orderBy);
        return matchDocumentsFromStream(query, found, skip, limit, batchSize, sorting, fields);
    }

    /** Where an index knows all that the query asks, no document is read. */
    @Override
    public int count(Document query, int skip, int limit) {
        if (query != null && skip <= 0 && limit <= 0) {
            Optional<OrderedIndex.Plan> best = best(query, null);
            if (best.isPresent() && best.get().equal() == query.size()) {
                return best.get().found().size();
            }
        }
        return super.count(query, skip, limit);
    }

    private Optional<OrderedIndex.Plan> best(Document query, Document orderBy) {
        return getIndexes().stream()
                .filter(OrderedIndex.class::isInstance)
                .map(index -> ((OrderedIndex) index).plan(query, orderBy))
                .filter(Objects::nonNull)
                .max(WORTH);
    }

    /** The ids of a query that only names some, in their order; null where it is another. */
    private static Collection<String> named(Object id) {
        if (id instanceof String one) {
            return List.of(one);
        }
        if (!(id instanceof Document in) || in.size() != 1 || !(in.get("$in") instanceof Collection<?> some)) {
            return null;
        }
        TreeSet<String> named = new TreeSet<>();
        for (Object one : some) {
            if (!(one instanceof String text)) {
                return null;
            }
            named.add(text);
        }
        return named;
    }

    private static boolean isById(Bounds ids, Document orderBy) {
        boolean texts = ids.lower() instanceof String || ids.upper() instanceof String;
        return texts && (orderBy == null || orderBy.isEmpty() || orderBy.keySet().equals(Set.of("_id")));
    }

    private Stream<Document> range(Bounds ids, boolean reverse) {
        Object first = reverse ? ids.upper() : ids.lower();
        Object last = reverse ? ids.lower() : ids.upper();
        return documents.range(first, last, reverse).map(DocumentWithPosition::getDocument);
    }

    @Override
    protected QueryResult matchDocuments(
            Document query, Document orderBy, int skip, int limit, int batchSize, Document fields) {
        Stream<Document> all = documents.range(null, null, isNaturalDescending(orderBy))
                .map(DocumentWithPosition::getDocument);
        return matchDocumentsFromStream(all, query, orderBy, skip, limit, batchSize, fields);
    }

    @Override
    protected Stream<DocumentWithPosition<Object>> streamAllDocumentsWithPosition() {
        return documents.range(null, null, false);
    }

    @Override
    protected Document getDocument(Object position) {
        return documents.get(position);
    }

    @Override
    protected Object addDocumentInternal(Document document) {
        Object id = getIdField() == null ? UUID.randomUUID() : StoredDocuments.key(document.get(getIdField()));
        if (!documents.add(id, document)) { // whatever the index that was asked before says, none is overwritten
            throw new DuplicateKeyError(this, "_id_ dup key");
        }
        return id;
    }

    /** The library has told the indexes of it already; where it cannot be stored, they are told that it is not so. */
    @Override
    protected void handleUpdate(Object position, Document before, Document after) {
        try {
            documents.put(position, after);
        } catch (RuntimeException refused) {
            getIndexes().forEach(index -> index.updateInPlace(after, before, position, this));
            throw refused;
        }
    }

    @Override
    protected void removeDocument(Object position) {
        documents.remove(position);
    }

    @Override
    public int count() {
        return documents.size();
    }

    @Override
    public boolean isEmpty() {
        return documents.isEmpty();
    }

    /** Nobody asks how large a collection is, and each write would have to be measured. */
    @Override
    protected boolean tracksDataSize() {
        return false;
    }

    @Override
    protected void updateDataSize(int delta) {
        throw new UnsupportedOperationException();
    }

    @Override
    protected int getDataSize() {
        return 0;
    }
}
