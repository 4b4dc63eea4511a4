package de.bwaldvogel.mongo.backend.h2;

import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.backend.CollectionOptions;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.QueryResult;
import de.bwaldvogel.mongo.bson.Document;
import java.util.Comparator;
import java.util.Iterator;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.MVMap;

/**
 * Reads no more of a collection than a query asks for: by the best of its {@link OrderedIndex}es, or by a range of
 * {@code _id}, in whose order documents are stored anyway.
 */
final class IndexedCollection extends H2Collection {
    private static final Comparator<OrderedIndex.Plan> WORTH = Comparator.comparingInt(OrderedIndex.Plan::equal)
            .thenComparing(OrderedIndex.Plan::inOrder)
            .thenComparing(OrderedIndex.Plan::bounded);

    private final MVMap<Object, Document> documents;

    IndexedCollection(
            MongoDatabase database,
            String name,
            CollectionOptions options,
            MVMap<Object, Document> documents,
            MVMap<String, Object> meta,
            CursorRegistry cursors) {
        super(database, name, options, documents, meta, cursors);
        this.documents = documents;
    }

    @Override
    protected QueryResult queryDocuments(
            Document query, Document orderBy, int skip, int limit, int batchSize, Document fields) {
        Object id = query.get("_id");
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

    private static boolean isById(Bounds ids, Document orderBy) {
        boolean texts = ids.lower() instanceof String || ids.upper() instanceof String;
        return texts && (orderBy == null || orderBy.isEmpty() || orderBy.keySet().equals(Set.of("_id")));
    }

    private Stream<Document> range(Bounds ids, boolean reverse) {
        Object first = reverse ? ids.upper() : ids.lower();
        Object last = reverse ? ids.lower() : ids.upper();
        Cursor<Object, Document> cursor = documents.cursor(first, last, reverse);
        Iterator<Document> values = new Iterator<>() {
            @Override
            public boolean hasNext() {
                return cursor.hasNext();
            }

            @Override
            public Document next() {
                cursor.next();
                return cursor.getValue();
            }
        };
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(values, Spliterator.ORDERED), false);
    }
}
