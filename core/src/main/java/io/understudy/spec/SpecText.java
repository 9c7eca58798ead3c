package io.understudy.spec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Parses the text of a specification and hands the document to a reader. */
public final class SpecText {

    private SpecText() {}

    /**
     * Parses {@code yaml} and passes the document's root to {@code reader}.
     *
     * @throws InvalidSpecException when the document cannot be used, with every fault
     */
    public static <T> T read(String yaml, Function<SpecNode, T> reader) {
        return read(yaml, Mappers.YAML, "YAML", root -> {
            aliases(yaml).forEach(root::fault);
            return reader.apply(root);
        });
    }

    /** A fault for each alias, which a tree would have as the text of its name. */
    private static List<String> aliases(String yaml) {
        List<String> faults = new ArrayList<>();
        try (YAMLParser parser = Mappers.YAML.getFactory().createParser(yaml)) {
            while (parser.nextToken() != null) {
                if (parser.isCurrentAlias()) {
                    faults.add("the alias *" + parser.getText() + " at line "
                            + parser.currentTokenLocation().getLineNr() + " is not read; write out what it stands for");
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return faults;
    }

    /**
     * Parses {@code json} and passes the document's root to {@code reader}.
     *
     * @throws InvalidSpecException when the document cannot be used, with every fault
     */
    public static <T> T readJson(String json, Function<SpecNode, T> reader) {
        return read(json, Mappers.JSON, "JSON", reader);
    }

    private static <T> T read(String text, ObjectMapper mapper, String language, Function<SpecNode, T> reader) {
        Faults faults;
        JsonNode document;
        try {
            document = mapper.readTree(text);
            faults = Faults.none(text, mapper);
        } catch (JsonProcessingException e) {
            String line =
                    e.getLocation() == null ? "" : " at line " + e.getLocation().getLineNr();
            throw new InvalidSpecException(
                    List.of("the document: not valid " + language + line + ": " + e.getOriginalMessage()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        T value = reader.apply(new SpecNode("", document == null ? MissingNode.getInstance() : document, faults));
        if (!faults.messages().isEmpty()) {
            throw new InvalidSpecException(faults.messages());
        }
        return value;
    }
}
