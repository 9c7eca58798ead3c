package io.understudy.plan;

import io.understudy.schema.Model;

/**
 * A deployment as its owner declares it.
 *
 * @param deployment the deployment's name
 * @param existing the live model
 */
public record DeploymentSpec(String deployment, Model existing) {}
