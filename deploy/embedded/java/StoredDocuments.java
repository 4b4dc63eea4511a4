package de.bwaldvogel.mongo.backend.h2;

import de.bwaldvogel.mongo.backend.DocumentWithPosition;
import de.bwaldvogel.mongo.backend.KeyValue;
import de.bwaldvogel.mongo.backend.Missing;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import de.bwaldvogel.mongo.wire.BsonConstants;
import de.bwaldvogel.mongo.wire.bson.BsonDecoder;
import de.bwaldvogel.mongo.wire.bson.BsonEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Iterator;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.type.ByteArrayDataType;

/**
 * The documents of one collection in the file, as BSON, in the order of their {@code _id}.
 *
 * <p>Whoever reads one has it for himself. The library changes a document where it found it, field by field, and the
 * thread that tidies the file may write any page at that moment: what is in a page is never changed. And a page is
 * written whole for any document in it that changed, so that its others should cost no more than their bytes.
 */
final class StoredDocuments {
    private final MVMap<Object, byte[]> documents;

    StoredDocuments(MVStore file, String name) {
        documents = file.openMap(name, new MVMap.Builder<Object, byte[]>().valueType(ByteArrayDataType.INSTANCE));
    }

    /** Under what a document of this {@code _id} is stored: numbers that are equal are one, also of other types. */
    static Object key(Object id) {
        return id instanceof String ? id : Missing.ofNullable(new KeyValue(id).normalized().get(0));
    }

    boolean contains(Object id) {
        return documents.containsKey(id);
    }

    Document get(Object id) {
        byte[] found = documents.get(id);
        return found == null ? null : decoded(found);
    }

    /** False, and nothing is written, where there is one. */
    boolean add(Object id, Document document) {
        return documents.putIfAbsent(id, encoded(document)) == null;
    }

    void put(Object id, Document document) {
        documents.put(id, encoded(document));
    }

    void remove(Object id) {
        documents.remove(id);
    }

    int size() {
        return documents.size();
    }

    boolean isEmpty() {
        return documents.isEmpty();
    }

    Stream<Object> ids() {
        return documents.keySet().stream();
    }

    /** All from the first to the last id, both included; null: from the beginning, to the end. */
    Stream<DocumentWithPosition<Object>> range(Object first, Object last, boolean reverse) {
        Cursor<Object, byte[]> cursor = documents.cursor(first, last, reverse);
        Iterator<DocumentWithPosition<Object>> found = new Iterator<>() {
            @Override
            public boolean hasNext() {
                return cursor.hasNext();
            }

            @Override
            public DocumentWithPosition<Object> next() {
                Object id = cursor.next();
                return new DocumentWithPosition<>(decoded(cursor.getValue()), id);
            }
        };
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(found, Spliterator.ORDERED), false);
    }

    private static Document decoded(byte[] stored) {
        return BsonDecoder.decodeBson(Unpooled.wrappedBuffer(stored));
    }

    private static byte[] encoded(Document document) {
        ByteBuf encoded = Unpooled.buffer(2048);
        BsonEncoder.encodeDocument(document, encoded);
        if (encoded.readableBytes() > BsonConstants.MAX_BSON_OBJECT_SIZE) { // it could not be read again
            throw new MongoServerError(10334, "BSONObjectTooLarge", "the document would be larger than 16 MB");
        }
        byte[] bytes = new byte[encoded.readableBytes()];
        encoded.readBytes(bytes);
        return bytes;
    }
}
