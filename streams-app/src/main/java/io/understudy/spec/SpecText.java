package io.understudy.spec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.Function;

/** A specification's text. */
public final class SpecText {

    private static final YAMLMapper YAML = new YAMLMapper(YAMLFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build());

    private SpecText() {}

    /**
     * Reads {@code yaml} by {@code reader}, which is given the document.
     *
     * @throws InvalidSpecException when it cannot be used, with every fault
     */
    public static <T> T read(String yaml, Function<SpecNode, T> reader) {
        Faults faults;
        JsonNode document;
        try {
            document = YAML.readTree(yaml);
            faults = Faults.in(yaml, YAML);
        } catch (JsonProcessingException e) {
            String where =
                    e.getLocation() == null ? "" : " at line " + e.getLocation().getLineNr();
            throw new InvalidSpecException(
                    List.of("the document: no valid YAML" + where + ": " + e.getOriginalMessage()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        T spec = reader.apply(new SpecNode("", document == null ? MissingNode.getInstance() : document, faults));
        if (!faults.found().isEmpty()) {
            throw new InvalidSpecException(faults.found());
        }
        return spec;
    }
}
