package io.understudy.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.kustomize.v1beta1.Kustomization;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1Job;
import io.kubernetes.client.openapi.models.V1PersistentVolumeClaim;
import io.kubernetes.client.openapi.models.V1PodDisruptionBudget;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1StatefulSet;
import io.understudy.runtime.Environment;
import io.understudy.runtime.RoleName;
import io.understudy.runtime.SettingsTable;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The Kubernetes manifests, by two models of the API: one knows every type, the other what must be there. */
class ManifestsTest {

    private static final Path MANIFESTS = Path.of("../deploy/kubernetes");

    /** Refuses what the model does not know, and what it would have to turn into another type. */
    private static final YAMLMapper STRICT = YAMLMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(
                    DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
                    DeserializationFeature.FAIL_ON_IGNORED_PROPERTIES)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .annotationIntrospector(new JacksonAnnotationIntrospector() {
                private static final long serialVersionUID = 1L;

                @Override
                public Boolean hasAnySetter(Annotated annotated) {
                    return false;
                }
            })
            .withCoercionConfig(
                    LogicalType.Textual,
                    text -> text.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
            .build();

    private record Models(Class<?> types, Class<?> required) {}

    private static final Map<String, Models> KINDS = Map.of(
            "v1/ConfigMap", new Models(ConfigMap.class, V1ConfigMap.class),
            "v1/Service", new Models(Service.class, V1Service.class),
            "v1/PersistentVolumeClaim", new Models(PersistentVolumeClaim.class, V1PersistentVolumeClaim.class),
            "batch/v1/Job", new Models(Job.class, V1Job.class),
            "policy/v1/PodDisruptionBudget", new Models(PodDisruptionBudget.class, V1PodDisruptionBudget.class),
            "apps/v1/Deployment", new Models(Deployment.class, V1Deployment.class),
            "apps/v1/StatefulSet", new Models(StatefulSet.class, V1StatefulSet.class),
            "kustomize.config.k8s.io/v1beta1/Kustomization", new Models(Kustomization.class, null));

    private static List<JsonNode> documents(String yaml) throws IOException {
        try (var parser = STRICT.getFactory().createParser(yaml)) {
            return STRICT.readerFor(JsonNode.class).<JsonNode>readValues(parser).readAll();
        }
    }

    private static void check(JsonNode document) throws JsonProcessingException, ReflectiveOperationException {
        String kind = document.path("apiVersion").asText() + "/"
                + document.path("kind").asText();
        Models models = KINDS.get(kind);
        if (models == null) {
            throw new IllegalArgumentException("no model of " + kind);
        }
        STRICT.treeToValue(document, models.types());
        if (models.required() != null) {
            try {
                models.required()
                        .getMethod("validateJsonElement", JsonElement.class)
                        .invoke(null, JsonParser.parseString(document.toString()));
            } catch (InvocationTargetException e) {
                throw new IllegalArgumentException(e.getCause());
            }
        }
        for (JsonNode resources : document.findValues("resources")) {
            resources.forEach(
                    group -> group.forEach(amount -> Quantity.getAmountInBytes(new Quantity(amount.asText()))));
        }
    }

    private static Map<String, List<JsonNode>> manifests() throws IOException {
        Map<String, List<JsonNode>> manifests = new HashMap<>();
        try (Stream<Path> files = Files.list(MANIFESTS)) {
            for (Path file : files.toList()) {
                manifests.put(file.getFileName().toString(), documents(Files.readString(file)));
            }
        }
        return manifests;
    }

    @Test
    void everyManifestIsWhatKubernetesKnows() throws Exception {
        for (List<JsonNode> file : manifests().values()) {
            for (JsonNode document : file) {
                check(document);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "replicas: 2, replica: 2",
        "replicas: 2, replicas: two",
        "path: /health, pth: /health",
        "memory: 512Mi, memory: 512Megs",
        "  selector:, '  selectors:'"
    })
    void wouldRefuseWhatKubernetesDoesNotKnow(String right, String wrong) throws IOException {
        String yaml = Files.readString(MANIFESTS.resolve("router.yaml"));
        assertThat(yaml).contains(right);
        assertThatThrownBy(() -> {
                    for (JsonNode document : documents(yaml.replace(right, wrong))) {
                        check(document);
                    }
                })
                .isInstanceOfAny(JsonProcessingException.class, IllegalArgumentException.class);
    }

    @Test
    void theKustomizationNamesEveryManifest() throws IOException {
        Map<String, List<JsonNode>> manifests = manifests();
        Set<String> named = new TreeSet<>();
        manifests.remove("kustomization.yaml").get(0).get("resources").forEach(name -> named.add(name.asText()));
        assertThat(named).isEqualTo(manifests.keySet());
    }

    @Test
    void everyRoleHasAWorkloadWithProbesAndResourcesAndSettingsThatExist() throws IOException {
        Set<String> variables = SettingsTable.reference().stream()
                .map(setting -> Environment.variable(setting.name()))
                .collect(Collectors.toSet());
        // Read by the container's launcher.
        variables.add("UNDERSTUDY_JAVA_OPTIONS");
        List<String> roles = new ArrayList<>();
        for (List<JsonNode> file : manifests().values()) {
            for (JsonNode document : file) {
                JsonNode container = document.at("/spec/template/spec/containers/0");
                for (JsonNode variable : container.path("env")) {
                    assertThat(variables).contains(variable.get("name").asText());
                }
                if (container.path("args").path(0).asText().equals("run")) {
                    assertThat(file)
                            .as("a disruption budget beside %s", document.at("/metadata/name"))
                            .anyMatch(other -> other.path("kind").asText().equals("PodDisruptionBudget")
                                    && other.at("/spec/selector").equals(document.at("/spec/selector")));
                    roles.add(container.path("args").path(2).asText());
                    assertThat(container.fieldNames())
                            .toIterable()
                            .contains(
                                    "startupProbe", "livenessProbe", "readinessProbe", "resources", "securityContext");
                }
            }
        }
        assertThat(new TreeSet<>(roles))
                .isEqualTo(Arrays.stream(RoleName.values())
                        .map(RoleName::code)
                        .collect(Collectors.toCollection(TreeSet::new)));
        manifests()
                .get("settings.yaml")
                .get(0)
                .get("data")
                .fieldNames()
                .forEachRemaining(name -> assertThat(variables.contains(name) || name.startsWith("UNDERSTUDY_KAFKA_"))
                        .as(name)
                        .isTrue());
    }
}
