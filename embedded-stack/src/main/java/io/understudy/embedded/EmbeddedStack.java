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
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** A broker and a registry. Each can be stopped and started again, on the same port and with the same data. */
public final class EmbeddedStack implements AutoCloseable {

    private final Path directory;
    private final boolean keepData;
    private final Optional<AccessControl> accessControl;
    private FileChannel lock;
    private EmbeddedKafka kafka;
    private EmbeddedRegistry registry;

    private EmbeddedStack(Path directory, boolean keepData, Optional<AccessControl> accessControl) {
        this.directory = directory;
        this.keepData = keepData;
        this.accessControl = accessControl;
    }

    /** Starts a stack with its data in a new temporary directory, which is deleted when the stack closes. */
    public static EmbeddedStack temporary() throws Exception {
        return start(Files.createTempDirectory("understudy-"), false);
    }

    /**
     * Starts a stack.
     *
     * @param directory directory of the data; data from an earlier start is used again
     * @param keepData whether the directory is kept when the stack closes
     */
    public static EmbeddedStack start(Path directory, boolean keepData) throws Exception {
        return start(new EmbeddedStack(directory.toAbsolutePath(), keepData, Optional.empty()));
    }

    /**
     * Starts a stack with access control and with its data in a new temporary directory. {@link #bootstrapServers} is for
     * its superuser, who needs no password; {@link #accessControl} has the address for everybody else.
     */
    public static EmbeddedStack withAccessControl() throws Exception {
        Path directory = Files.createTempDirectory("understudy-");
        return start(new EmbeddedStack(directory, false, Optional.of(AccessControl.create(directory))));
    }

    private static EmbeddedStack start(EmbeddedStack stack) throws Exception {
        // Lock before any other access: a second stack on the same files would corrupt the data of the first.
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
        boolean locked;
        try {
            locked = lock.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            locked = false;
        }
        if (!locked) {
            lock.close();
            throw new IOException(
                    "a stack is already running in " + directory + "; use its addresses, or another directory");
        }
    }

    private void startBoth() throws Exception {
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try {
            Future<EmbeddedRegistry> starting =
                    executor.submit(() -> EmbeddedRegistry.start(directory.resolve("registry"), Ports.free()));
            try {
                kafka = EmbeddedKafka.start(directory.resolve("kafka"), Ports.free(), accessControl);
            } finally {
                // Also when the broker failed, because close() must stop a registry that was started.
                registry = unwrapping(starting::get);
            }
        } finally {
            executor.shutdown();
        }
    }

    private static <T> T unwrapping(Callable<T> call) throws Exception {
        try {
            return call.call();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    /** The address of the broker, for {@code bootstrap.servers}. */
    public String bootstrapServers() {
        return kafka.bootstrapServers();
    }

    /** The listener for clients that log in. */
    public AccessControl accessControl() {
        return accessControl.orElseThrow();
    }

    /** The base URL of the registry. */
    public String registryUrl() {
        return registry.url();
    }

    /** The directory of the data. */
    public Path directory() {
        return directory;
    }

    /** Stops the registry and keeps its schemas. */
    public void stopRegistry() throws InterruptedException {
        registry.close();
    }

    /** Starts the registry again, on the same port. */
    public void startRegistry() throws IOException, InterruptedException {
        registry = EmbeddedRegistry.start(directory.resolve("registry"), registry.port());
    }

    /** Stops the broker and keeps its records. */
    public void stopKafka() {
        kafka.close();
    }

    /** Starts the broker again, on the same port. */
    public void startKafka() throws Exception {
        kafka = EmbeddedKafka.start(directory.resolve("kafka"), kafka.port(), accessControl);
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
