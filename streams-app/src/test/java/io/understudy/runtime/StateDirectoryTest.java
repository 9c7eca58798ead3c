package io.understudy.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateDirectoryTest {

    @TempDir
    private Path directory;

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void isCreatedForItsUserAlone() throws IOException {
        Path state = StateDirectory.keepPrivate(directory.resolve("parent").resolve("state"));
        assertThat(permissions(state)).isEqualTo("rwx------");
        assertThat(permissions(state.getParent())).isEqualTo("rwx------");
    }

    @Test
    void isTakenAwayFromOthersIfItExists() throws IOException {
        Path state = Files.createDirectory(directory.resolve("state"));
        Files.setPosixFilePermissions(state, PosixFilePermissions.fromString("rwxr-xr-x"));
        StateDirectory.keepPrivate(state);
        assertThat(permissions(state)).isEqualTo("rwx------");
    }

    @Test
    void isTakenAwayFromTheGroupToWhichKafkaStreamsOpensIt() throws IOException {
        Path state = Files.createDirectory(directory.resolve("state"));
        Files.setPosixFilePermissions(state, PosixFilePermissions.fromString("rwxr-x---"));
        StateDirectory.close(state);
        assertThat(permissions(state)).isEqualTo("rwx------");
        StateDirectory.close(directory.resolve("none"));
    }
}
