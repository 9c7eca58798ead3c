/** Rollout events to webhooks: signed, offered again until taken, each webhook by itself. */
package io.understudy.notification;
