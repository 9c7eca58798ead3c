package io.understudy.runtime;

import io.understudy.access.PermissionCheck;
import io.understudy.http.Check;
import io.understudy.readiness.ReadinessFollower;
import java.util.Optional;

/** The controller: its topology, and a follower of what programs say about their readiness. */
final class ControllerRole implements Role {

    private final StreamsRole streams;
    private final ReadinessFollower follower;
    private final RoleThreads threads;

    ControllerRole(StreamsRole streams, ReadinessFollower follower, PermissionCheck permissions) {
        this.threads = new RoleThreads(permissions);
        this.streams = streams;
        this.follower = follower;
        threads.add(follower, "controller-model-readiness");
    }

    @Override
    public void start() {
        threads.start();
        streams.start();
    }

    @Override
    public Optional<String> failure() {
        return streams.failure().or(threads::failure);
    }

    @Override
    public Check readiness() {
        return streams.readiness();
    }

    @Override
    public void close() {
        follower.close();
        streams.close();
        threads.join();
    }
}
