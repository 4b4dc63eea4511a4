package de.bwaldvogel.mongo.backend.h2;

import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.Missing;
import de.bwaldvogel.mongo.backend.Utils;
import de.bwaldvogel.mongo.backend.ValueComparator;
import de.bwaldvogel.mongo.bson.Document;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A plain index: where documents are, in the order of its fields and then of {@code _id}.
 *
 * <p>It is kept in memory and made anew at each start, so a write costs the file nothing more. The library makes none of
 * its own and reads the whole collection instead. What an index finds may be too much, never too little: the collection
 * matches each document against the whole query.
 */
final class OrderedIndex extends Index<Object> {
    private static final Object LAST = new Object(); // comes after every value

    private final List<String> fields = new ArrayList<>();
    private final TreeMap<Object[], Object> positions = new TreeMap<>(OrderedIndex::compare);
    private boolean usable;

    /**
     * How a query can be answered: positions by key, in the order that is wanted where {@code inOrder}. {@code equal}
     * fields have one value each, and the next one is between two where {@code bounded}. What is not {@code possible}
     * by its key alone need not be read.
     */
    record Plan(
            NavigableMap<Object[], Object> found,
            int equal,
            boolean bounded,
            boolean inOrder,
            Predicate<Object[]> possible) {
        Stream<Object> positions() {
            return found.entrySet().stream()
                    .filter(entry -> possible.test(entry.getKey()))
                    .map(Map.Entry::getValue);
        }
    }

    /** Declared sparse, which is how the library is told that positions are not to be had from it. */
    OrderedIndex(String name, List<IndexKey> keys) {
        super(name, keys, true);
        usable = keys.stream().allMatch(IndexKey::isAscending);
        keys.forEach(key -> fields.add(key.getKey()));
    }

    /** How this index would answer a query; null where it cannot. */
    Plan plan(Document query, Document orderBy) {
        List<Object> from = new ArrayList<>();
        while (from.size() < fields.size() && Bounds.isScalar(query.get(fields.get(from.size())))) {
            from.add(query.get(fields.get(from.size())));
        }
        int equal = from.size();
        List<Object> to = new ArrayList<>(from);
        Bounds bounds = equal < fields.size() ? Bounds.of(query.get(fields.get(equal))) : Bounds.NONE;
        if (!usable || (equal == 0 && bounds == Bounds.NONE)) {
            return null;
        }
        if (bounds.lower() != null || bounds.exists()) {
            from.add(bounds.lower());
        }
        if (bounds.upper() != null) {
            to.add(bounds.upper());
        }
        to.add(LAST);
        int direction = direction(orderBy, equal);
        NavigableMap<Object[], Object> found = between(from.toArray(), to.toArray());
        NavigableMap<Object[], Object> wanted = direction < 0 ? found.descendingMap() : found;
        return new Plan(wanted, equal, bounds != Bounds.NONE, direction != 0, possible(query));
    }

    /** A search in a text that stands in the key, as MongoDB does it too: only the documents found are read. */
    private Predicate<Object[]> possible(Document query) {
        Predicate<Object[]> possible = key -> true;
        for (int at = 0; at < fields.size(); at++) {
            if (query.get(fields.get(at)) instanceof Document condition
                    && condition.size() == 1
                    && condition.get("$regex") instanceof String regex) {
                int place = at;
                Predicate<String> found = search(regex);
                possible = possible.and(key -> key[place] instanceof String text && found.test(text));
            }
        }
        return possible;
    }

    /** What somebody typed is a text whose marks are escaped: that is looked for as it is. */
    private static Predicate<String> search(String regex) {
        StringBuilder literal = new StringBuilder();
        for (int at = 0; at < regex.length(); at++) {
            char letter = regex.charAt(at);
            if (letter == '\\' && at + 1 < regex.length() && !Character.isLetterOrDigit(regex.charAt(at + 1))) {
                literal.append(regex.charAt(++at));
            } else if ("\\.^$*+?()[]{}|".indexOf(letter) >= 0) {
                return Pattern.compile(regex).asPredicate();
            } else {
                literal.append(letter);
            }
        }
        String wanted = literal.toString();
        return text -> text.contains(wanted);
    }

    private NavigableMap<Object[], Object> between(Object[] from, Object[] to) {
        boolean empty = compare(from, to) > 0;
        return empty ? Collections.emptyNavigableMap() : positions.subMap(from, true, to, true);
    }

    /** 1 or -1 where what is found stands in this order or in its reverse, 0 where it has to be sorted. */
    private int direction(Document orderBy, int equal) {
        List<String> wanted = new ArrayList<>(orderBy == null ? List.of() : orderBy.keySet());
        wanted.removeAll(fields.subList(0, equal));
        List<String> order = new ArrayList<>(fields.subList(equal, fields.size()));
        order.add("_id");
        if (wanted.isEmpty()) {
            return 1;
        }
        if (wanted.size() > order.size() || !order.subList(0, wanted.size()).equals(wanted)) {
            return 0;
        }
        int first = ((Number) orderBy.get(wanted.get(0))).intValue();
        return wanted.stream().allMatch(name -> ((Number) orderBy.get(name)).intValue() == first) ? first : 0;
    }

    @Override
    public synchronized void add(Document document, Object position, MongoCollection<Object> collection) {
        Object[] key = key(document, position);
        if (usable) {
            positions.put(key, position);
        }
    }

    @Override
    public synchronized Object remove(Document document) {
        positions.remove(key(document, StoredDocuments.key(document.get("_id"))));
        return null;
    }

    @Override
    public synchronized void updateInPlace(
            Document before, Document after, Object position, MongoCollection<Object> collection) {
        Object[] old = key(before, position);
        if (compare(old, key(after, position)) != 0) {
            positions.remove(old);
            add(after, position, collection);
        }
    }

    /** A list would be found under each of its values: with one in it this index is of no use any more. */
    private Object[] key(Document document, Object position) {
        Object[] key = new Object[fields.size() + 1];
        for (int at = 0; at < fields.size(); at++) {
            key[at] = Utils.getSubdocumentValueCollectionAware(document, fields.get(at));
            usable = usable && (Missing.isNullOrMissing(key[at]) || Bounds.isScalar(key[at]));
        }
        key[fields.size()] = position;
        if (!usable) {
            positions.clear();
        }
        return key;
    }

    private static int compare(Object[] a, Object[] b) {
        int shared = Math.min(a.length, b.length);
        int at = Arrays.mismatch(a, 0, shared, b, 0, shared, OrderedIndex::compareValues);
        return at < 0 ? Integer.compare(a.length, b.length) : compareValues(a[at], b[at]);
    }

    private static int compareValues(Object a, Object b) {
        int order = Integer.compare(rank(a), rank(b));
        return order != 0 || rank(a) != rank("") ? order : ValueComparator.asc().compare(a, b);
    }

    /** What is missing comes before what is null, so that asking whether a field exists is a range. */
    private static int rank(Object value) {
        return value == LAST ? 3 : value == null ? 1 : value instanceof Missing ? 0 : 2;
    }

    @Override
    public Object getPosition(Document document) {
        return null;
    }

    @Override
    public boolean canHandle(Document query) {
        return false; // asked by the collection itself, with the order that is wanted
    }

    @Override
    public Iterable<Object> getPositions(Document query) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void checkAdd(Document document, MongoCollection<Object> collection) {}

    @Override
    public void checkUpdate(Document before, Document after, MongoCollection<Object> collection) {}

    @Override
    public long getCount() {
        return positions.size();
    }

    @Override
    public long getDataSize() {
        return getCount();
    }

    @Override
    public void drop() {
        positions.clear();
    }
}
