package io.understudy.http;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A certificate with its private key, from PEM files. */
public final class TlsFiles {

    private static final Pattern PEM =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----\\s*([A-Za-z0-9+/=\\s]+?)\\s*-----END \\1-----");
    private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA");

    private final KeyStore keyStore;

    /**
     * Reads the files.
     *
     * @param certificate certificate of the server, followed by those of the authorities between it and the root
     * @param key its private key, PKCS #8 without a password
     * @throws IllegalArgumentException when a file cannot be read or is something else; the message names it
     */
    public TlsFiles(Path certificate, Path key) {
        Certificate[] chain = certificates(certificate);
        PrivateKey privateKey = privateKey(key);
        if (!chain[0].getPublicKey().getAlgorithm().equals(privateKey.getAlgorithm())) {
            throw new IllegalArgumentException("the key in '" + key + "' is for " + privateKey.getAlgorithm()
                    + ", but the first certificate in '" + certificate + "' is for "
                    + chain[0].getPublicKey().getAlgorithm());
        }
        try {
            keyStore = KeyStore.getInstance("PKCS12");
            keyStore.load(null, null);
            keyStore.setKeyEntry("console", privateKey, new char[0], chain);
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException(
                    "'" + certificate + "' and '" + key + "' cannot be used together: " + e.getMessage(), e);
        }
    }

    /** A store with the key and its certificates, whose password is empty. */
    KeyStore keyStore() {
        return keyStore;
    }

    private static Certificate[] certificates(Path file) {
        try {
            Certificate[] chain = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(read(file).getBytes(US_ASCII)))
                    .toArray(Certificate[]::new);
            if (chain.length > 0) {
                return chain;
            }
        } catch (CertificateException e) {
            throw new IllegalArgumentException(
                    "'" + file + "' is not a certificate in the PEM format: " + e.getMessage(), e);
        }
        throw new IllegalArgumentException("'" + file + "' contains no certificate in the PEM format");
    }

    private static PrivateKey privateKey(Path file) {
        Matcher pem = PEM.matcher(read(file));
        while (pem.find()) {
            String kind = pem.group(1);
            if (kind.equals("PRIVATE KEY")) {
                return privateKey(file, Base64.getMimeDecoder().decode(pem.group(2)));
            }
            if (kind.endsWith("PRIVATE KEY")) {
                throw new IllegalArgumentException("'" + file + "' has a key of the form " + kind
                        + "; it must be PKCS #8 without a password, which"
                        + " 'openssl pkcs8 -topk8 -nocrypt -in KEY -out NEW' makes of it");
            }
        }
        throw new IllegalArgumentException("'" + file + "' contains no private key in the PEM format");
    }

    private static PrivateKey privateKey(Path file, byte[] content) {
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(content));
            } catch (InvalidKeySpecException e) {
                // a key of another algorithm
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("the JDK has no keys of the kind " + algorithm, e);
            }
        }
        throw new IllegalArgumentException(
                "'" + file + "' has a key that is not for one of " + String.join(", ", ALGORITHMS));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, US_ASCII);
        } catch (IOException e) {
            throw new IllegalArgumentException("'" + file + "' cannot be read: " + e, e);
        }
    }
}
