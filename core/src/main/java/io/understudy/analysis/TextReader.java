package io.understudy.analysis;

import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.util.HexFormat;

/**
 * Decodes a file: as its byte order mark says, or else as UTF-8. No byte is guessed: the first one that does not fit
 * leads to an {@link InvalidDataException} with its place.
 */
final class TextReader extends Reader {

    private static final int CAPACITY = 1 << 16;
    private static final byte[] MARK_OF_UTF_8 = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};
    private static final byte[] MARK_OF_UTF_16LE = {(byte) 0xFF, (byte) 0xFE};
    private static final byte[] MARK_OF_UTF_16BE = {(byte) 0xFE, (byte) 0xFF};

    private final InputStream in;
    private final CharsetDecoder decoder;
    private final ByteBuffer bytes = ByteBuffer.allocate(CAPACITY).limit(0);
    private final CharBuffer chars = CharBuffer.allocate(CAPACITY).limit(0);
    private long bytesBefore;
    private long line = 1;
    private char last;
    private boolean ended;

    /** Reads the beginning of {@code in}, which {@link #close} closes. */
    TextReader(InputStream in) throws IOException {
        this.in = in;
        fill();
        this.decoder = charset().newDecoder();
    }

    private Charset charset() {
        if (skip(MARK_OF_UTF_8)) {
            return UTF_8;
        }
        return skip(MARK_OF_UTF_16LE) ? UTF_16LE : skip(MARK_OF_UTF_16BE) ? UTF_16BE : UTF_8;
    }

    private boolean skip(byte[] mark) {
        if (bytes.remaining() < mark.length || !bytes.slice(0, mark.length).equals(ByteBuffer.wrap(mark))) {
            return false;
        }
        bytes.position(mark.length);
        return true;
    }

    @Override
    public int read(char[] buffer, int offset, int length) throws IOException {
        while (!chars.hasRemaining()) {
            if (ended && !bytes.hasRemaining()) {
                return -1;
            }
            decode();
        }
        int count = Math.min(length, chars.remaining());
        chars.get(buffer, offset, count);
        return count;
    }

    private void decode() throws IOException {
        if (!ended) {
            fill();
        }
        chars.clear();
        CoderResult result = decoder.decode(bytes, chars, ended);
        chars.flip();
        countLines();
        if (result.isError()) {
            throw new InvalidDataException("line " + line + ", byte " + (bytesBefore + bytes.position() + 1)
                    + " of the file (0x" + HexFormat.of().withUpperCase().toHexDigits(bytes.get(bytes.position()))
                    + ") is not "
                    + decoder.charset() + "; the data must be in UTF-8, or in UTF-16 with a byte order mark");
        }
    }

    private void countLines() {
        for (int i = 0; i < chars.limit(); i++) {
            char next = chars.get(i);
            if (next == 0) {
                throw new InvalidDataException("line " + line
                        + " has a null character; the data must be text in UTF-8, or in UTF-16 with a byte order mark");
            }
            if (next == '\r' || next == '\n' && last != '\r') {
                line++;
            }
            last = next;
        }
    }

    /** Reads until the buffer is full or the input ends. */
    private void fill() throws IOException {
        bytesBefore += bytes.position();
        bytes.compact();
        while (bytes.hasRemaining() && !ended) {
            int count = in.read(bytes.array(), bytes.position(), bytes.remaining());
            if (count < 0) {
                ended = true;
            } else {
                bytes.position(bytes.position() + count);
            }
        }
        bytes.flip();
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
