package io.understudy.runtime;

import io.understudy.http.Check;
import java.util.Optional;
import java.util.function.Supplier;

/** A role that can only be made when the cluster can be reached, because it depends on what is there. */
final class LateRole implements Role {

    private final String name;
    private final Supplier<Role> factory;
    private volatile Optional<Role> role = Optional.empty();

    /** Creates a role that calls {@code factory} when it starts. */
    LateRole(String name, Supplier<Role> factory) {
        this.name = name;
        this.factory = factory;
    }

    @Override
    public void start() {
        Role made = factory.get();
        role = Optional.of(made);
        made.start();
    }

    @Override
    public Optional<String> failure() {
        return role.flatMap(Role::failure);
    }

    @Override
    public Check readiness() {
        return role.map(Role::readiness).orElseGet(() -> new Check(name, false, "is not started"));
    }

    @Override
    public void close() {
        role.ifPresent(Role::close);
    }
}
