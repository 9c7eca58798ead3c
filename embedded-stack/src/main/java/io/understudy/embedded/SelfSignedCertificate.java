package io.understudy.embedded;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;

/**
 * A certificate of {@code localhost} and {@code 127.0.0.1} for tests, which the JDK's {@code keytool} makes, as PEM.
 *
 * @param certificate file with the certificate
 * @param key file with its private key, PKCS #8
 * @param keyAndCertificate file with both
 */
public record SelfSignedCertificate(Path certificate, Path key, Path keyAndCertificate) {

    private static final String PASSWORD = "a-password-of-a-test";
    private static final String ALIAS = "localhost";
    private static final int LINE_LENGTH = 64;

    /** Makes a certificate that is valid for a day. */
    public static SelfSignedCertificate create(Path directory) throws IOException, InterruptedException {
        Path store = Files.createTempDirectory(directory, "keytool").resolve("store.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        ALIAS,
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-validity",
                        "1",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=dns:localhost,ip:127.0.0.1",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        PASSWORD,
                        "-keystore",
                        store.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(keytool.getInputStream().readAllBytes(), US_ASCII);
        if (keytool.waitFor() != 0) {
            throw new IOException("keytool failed: " + output);
        }
        try (InputStream in = Files.newInputStream(store)) {
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(in, PASSWORD.toCharArray());
            String certificate = pem("CERTIFICATE", keys.getCertificate(ALIAS).getEncoded());
            String key = pem(
                    "PRIVATE KEY", keys.getKey(ALIAS, PASSWORD.toCharArray()).getEncoded());
            return new SelfSignedCertificate(
                    Files.writeString(store.resolveSibling("certificate.pem"), certificate),
                    Files.writeString(store.resolveSibling("key.pem"), key),
                    Files.writeString(store.resolveSibling("both.pem"), key + certificate));
        } catch (GeneralSecurityException e) {
            throw new IOException("the certificate that keytool made cannot be read", e);
        }
    }

    private static String pem(String kind, byte[] content) {
        String base64 = Base64.getMimeEncoder(LINE_LENGTH, new byte[] {'\n'}).encodeToString(content);
        return "-----BEGIN " + kind + "-----\n" + base64 + "\n-----END " + kind + "-----\n";
    }
}
