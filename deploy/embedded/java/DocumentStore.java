import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.backend.h2.IndexedDatabase;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.message.MongoMessage;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.h2.mvstore.MVStore;

/**
 * The embedded document store: {@code DocumentStore ADDRESS PORT FILE}.
 *
 * <p>Every write is handed to the operating system before it is answered, so a killed process loses nothing that was
 * acknowledged. One thread handles and encodes all commands, so no answer shows a later state than its own.
 */
public final class DocumentStore {
    private static final Set<String> READS = Set.of(
        "find", "count", "distinct", "getmore", "hello", "ismaster", "ping", "buildinfo", "listcollections",
        "listdatabases", "listindexes", "killcursors", "endsessions", "serverstatus", "getparameter", "whatsmyuri");

    /** Percent. To free a chunk its wanted pages are written again: the fuller, the more of them for each page freed. */
    private static final int FULL_ENOUGH = 40;
    private static final int TIDIED_AT_ONCE = 8 << 20; // bytes

    /** Bytes. A page is written whole for any document in it that changed; most documents are some 600 to 3,000. */
    private static final int PAGE = 4096;

    private DocumentStore() {}

    private static final class DurableBackend extends H2Backend {
        DurableBackend(MVStore store) {
            super(store);
        }

        @Override
        protected de.bwaldvogel.mongo.MongoDatabase openOrCreateDatabase(String name) {
            return IndexedDatabase.open(name, getMvStore(), getCursorRegistry());
        }

        @Override
        public Document handleMessage(MongoMessage message) {
            String command = message.getDocument().keySet().iterator().next().toLowerCase(Locale.ROOT);
            if (command.equals("hello")) {
                return hello();
            }
            try {
                return super.handleMessage(message);
            } finally {
                if (!READS.contains(command)) {
                    commit();
                }
            }
        }

        /** The library knows only the older greeting; current drivers ask with this one. */
        private Document hello() {
            Document answer = super.handleCommand(null, "admin", "isMaster", new Document("isMaster", 1));
            answer.put("isWritablePrimary", true);
            return answer;
        }
    }

    /** Claims the wire version that current drivers ask for. */
    private static final class CurrentVersion implements MongoVersion {
        @Override
        public int getWireVersion() {
            return 13;
        }

        @Override
        public List<Integer> getVersionArray() {
            return List.of(5, 0, 0);
        }
    }

    /** Pages that are still wanted move out of chunks that mostly hold old ones, whose place is used again. */
    private static void tidy(MVStore file) {
        ScheduledExecutorService tidying = Executors.newSingleThreadScheduledExecutor(work -> {
            Thread thread = new Thread(work, "tidy");
            thread.setDaemon(true);
            return thread;
        });
        tidying.scheduleWithFixedDelay(() -> tidyOnce(file), 1, 1, TimeUnit.SECONDS);
    }

    private static void tidyOnce(MVStore file) {
        try {
            file.compact(FULL_ENOUGH, TIDIED_AT_ONCE);
        } catch (RuntimeException error) { // an escape would end all tidying, without a word
            if (!file.isClosed()) {
                error.printStackTrace();
            }
        }
    }

    public static void main(String[] arguments) {
        System.setProperty("io.netty.eventLoopThreads", "1");
        // no automatic commit: it would have every commit handed through two threads, and nothing is left to it here
        MVStore file = new MVStore.Builder()
                .fileName(arguments[2])
                .cacheSize(64)
                .pageSplitSize(PAGE)
                .autoCommitDisabled()
                .open();
        file.setRetentionTime(0); // reuse freed chunks at once: with a commit per write the file would balloon
        tidy(file);
        DurableBackend backend = new DurableBackend(file);
        backend.version(new CurrentVersion());
        MongoServer server = new MongoServer(backend);
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
        server.bind(arguments[0], Integer.parseInt(arguments[1]));
        System.out.println("listening");
    }
}
