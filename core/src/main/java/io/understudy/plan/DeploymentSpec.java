package io.understudy.plan;

import io.understudy.schema.Model;

/**
 * A deployment as its owner writes it.
 *
 * @param deployment the deployment's name
 * @param existing the model that is live
 */
public record DeploymentSpec(String deployment, Model existing) {}
