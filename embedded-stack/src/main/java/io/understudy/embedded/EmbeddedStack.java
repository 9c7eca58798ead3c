package io.understudy.embedded;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** A broker and a registry that belong together. Either can be stopped and started again, on its port and with its data. */
public final class EmbeddedStack implements AutoCloseable {

    private final Path directory;
    private final boolean keepData;
    private FileChannel lock;
    private EmbeddedKafka kafka;
    private EmbeddedRegistry registry;

    private EmbeddedStack(Path directory, boolean keepData) {
        this.directory = directory;
        this.keepData = keepData;
    }

    /** Starts a stack whose data are in a new temporary directory and gone when it closes. */
    public static EmbeddedStack temporary() throws Exception {
        return start(Files.createTempDirectory("understudy-"), false);
    }

    /**
     * Starts a stack.
     *
     * @param directory where its data are; one that was used before is taken up again
     * @param keepData whether the directory outlives the stack
     */
    public static EmbeddedStack start(Path directory, boolean keepData) throws Exception {
        EmbeddedStack stack = new EmbeddedStack(directory.toAbsolutePath(), keepData);
        // Before anything is touched: what another stack has open would be broken for it.
        stack.lock();
        try {
            stack.startBoth();
        } catch (Exception e) {
            stack.close();
            throw e;
        }
        return stack;
    }

    private void lock() throws IOException {
        lock = FileChannel.open(directory.resolve("in-use"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        boolean ours;
        try {
            ours = lock.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            ours = false;
        }
        if (!ours) {
            lock.close();
            throw new IOException(
                    "a stack is running in " + directory + " already; use its addresses, or another directory");
        }
    }

    private void startBoth() throws Exception {
        ExecutorService side = Executors.newSingleThreadExecutor();
        try {
            Future<EmbeddedRegistry> starting =
                    side.submit(() -> EmbeddedRegistry.start(directory.resolve("registry"), Ports.free()));
            try {
                kafka = EmbeddedKafka.start(directory.resolve("kafka"), Ports.free());
            } finally {
                // Also when the broker failed: what was started must be known, to be stopped.
                registry = unwrapping(starting::get);
            }
        } finally {
            side.shutdown();
        }
    }

    private static <T> T unwrapping(Callable<T> call) throws Exception {
        try {
            return call.call();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    /** The broker's address, for {@code bootstrap.servers}. */
    public String bootstrapServers() {
        return kafka.bootstrapServers();
    }

    /** The registry's base URL. */
    public String registryUrl() {
        return registry.url();
    }

    /** Where the data are. */
    public Path directory() {
        return directory;
    }

    /** Stops the registry; its schemas stay. */
    public void stopRegistry() throws InterruptedException {
        registry.close();
    }

    /** Starts the registry again, where it was. */
    public void startRegistry() throws IOException, InterruptedException {
        registry = EmbeddedRegistry.start(directory.resolve("registry"), registry.port());
    }

    /** Stops the broker; its records stay. */
    public void stopKafka() {
        kafka.close();
    }

    /** Starts the broker again, where it was. */
    public void startKafka() throws Exception {
        kafka = EmbeddedKafka.start(directory.resolve("kafka"), kafka.port());
    }

    @Override
    public void close() throws IOException, InterruptedException {
        try {
            if (registry != null) {
                registry.close();
            }
        } finally {
            if (kafka != null) {
                kafka.close();
            }
            lock.close();
            if (!keepData) {
                delete(directory);
            }
        }
    }

    private static void delete(Path directory) throws IOException {
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, IOException failure) throws IOException {
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
