package io.understudy.console;

import io.javalin.router.JavalinDefaultRoutingApi;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** A browser library from the class path, in whatever version the build has put there. */
final class Webjar {

    private final String directory;

    Webjar(String name) {
        Properties properties = new Properties();
        try (InputStream in = resource("/META-INF/maven/org.webjars.npm/" + name + "/pom.properties")) {
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.directory = "/META-INF/resources/webjars/" + name + "/" + properties.getProperty("version") + "/";
    }

    private static InputStream resource(String path) {
        InputStream in = Webjar.class.getResourceAsStream(path);
        if (in == null) {
            throw new IllegalStateException("a library of the page is not on the class path: " + path);
        }
        return in;
    }

    /** Serves one file of the library. The file is read once. */
    void serve(JavalinDefaultRoutingApi routes, String path, String file, String contentType) {
        byte[] content;
        try (InputStream in = resource(directory + file)) {
            content = in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        routes.get(
                path,
                context -> context.contentType(contentType)
                        .header("Cache-Control", "max-age=86400")
                        .result(content));
    }
}
