/** Delivery of rollout events to webhooks: signed, with retries, independently for each webhook. */
@NullMarked
package io.understudy.notification;

import org.jspecify.annotations.NullMarked;
