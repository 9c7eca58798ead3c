package io.understudy.runtime;

import io.understudy.access.Party;
import io.understudy.http.Check;
import io.understudy.notification.Format;
import io.understudy.notification.NotificationMeters;
import io.understudy.notification.Notifier;
import io.understudy.notification.Webhook;
import io.understudy.registry.Registry;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** The notifier: one worker per webhook. Without webhooks, it does nothing. */
final class NotifierRole implements Role {

    private static final Duration FIRST_RETRY_DELAY = Duration.ofSeconds(1);

    private final Settings settings;
    private final List<Notifier> notifiers = new ArrayList<>();
    private final RoleThreads threads;

    NotifierRole(Settings settings, Registry registry, NotificationMeters meters, InstantSource clock) {
        this.settings = settings;
        this.threads = new RoleThreads(settings.permissions(Party.NOTIFIER));
        settings.notifier().slack().forEach(url -> add(Format.SLACK, url, registry, meters, clock));
        settings.notifier().cloudEvents().forEach(url -> add(Format.CLOUDEVENTS, url, registry, meters, clock));
    }

    private void add(Format format, URI url, Registry registry, NotificationMeters meters, InstantSource clock) {
        Settings.NotifierSettings own = settings.notifier();
        Webhook webhook = new Webhook(format, url);
        Map<String, Object> configs = consumer(webhook);
        Notifier notifier = new Notifier(
                webhook,
                new Notifier.Policy(
                        own.secret().map(Secret::value),
                        settings.outboundHosts(),
                        own.events(),
                        own.codes(),
                        own.giveUpAfter(),
                        FIRST_RETRY_DELAY),
                settings.topics(),
                registry,
                () -> new KafkaConsumer<>(configs, new ByteArrayDeserializer(), new ByteArrayDeserializer()),
                meters,
                clock);
        notifiers.add(notifier);
        threads.add(notifier, "notifier-" + webhook.id());
    }

    private Map<String, Object> consumer(Webhook webhook) {
        Map<String, Object> configs = settings.clients();
        configs.put(
                ConsumerConfig.GROUP_ID_CONFIG,
                settings.topics().application(RoleName.NOTIFIER.code()) + "-" + webhook.id());
        configs.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        configs.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        configs.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "latest");
        configs.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1);
        return configs;
    }

    @Override
    public void start() {
        threads.start();
    }

    @Override
    public Optional<String> failure() {
        return threads.failure();
    }

    @Override
    public Check readiness() {
        return new Check(RoleName.NOTIFIER.code(), threads.failure().isEmpty(), threads.count() + " webhooks");
    }

    @Override
    public void close() {
        notifiers.forEach(Notifier::close);
        threads.join();
    }
}
