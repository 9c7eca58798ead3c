package io.understudy.runtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Directories of local state, which holds requests and answers: only the user of the process may look into them. */
final class StateDirectory {

    private static final Logger LOG = LoggerFactory.getLogger(StateDirectory.class);
    private static final Set<PosixFilePermission> OWNER = PosixFilePermissions.fromString("rwx------");

    private StateDirectory() {}

    /** Creates a directory and its parents if they are missing, and takes it away from others if it exists. */
    static Path keepPrivate(Path directory) {
        try {
            if (!FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
                return Files.createDirectories(directory);
            }
            Files.createDirectories(directory, PosixFilePermissions.asFileAttribute(OWNER));
            Set<PosixFilePermission> before = Files.getPosixFilePermissions(directory);
            Set<PosixFilePermission> after = EnumSet.copyOf(OWNER);
            after.retainAll(before);
            if (!after.equals(before)) {
                restrict(directory, before);
            }
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException("state.directory: cannot use " + directory, e);
        }
    }

    /** Takes a directory that Kafka Streams has just opened to the group away from it again. */
    static void close(Path directory) {
        try {
            if (Files.exists(directory) && Files.getFileStore(directory).supportsFileAttributeView("posix")) {
                Files.setPosixFilePermissions(directory, OWNER);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("state.directory: cannot use " + directory, e);
        }
    }

    private static void restrict(Path directory, Set<PosixFilePermission> before) {
        try {
            Files.setPosixFilePermissions(directory, OWNER);
            LOG.info(
                    "State was open to other users and is not any more: directory={} before={}",
                    directory,
                    PosixFilePermissions.toString(before));
        } catch (IOException e) {
            // For example the mount point of a volume, which belongs to another user.
            LOG.warn(
                    "State is open to other users, and this process may not change that: directory={} permissions={}"
                            + " cause={}",
                    directory,
                    PosixFilePermissions.toString(before),
                    e.toString());
        }
    }
}
