import { batchBuckets, histogramMetric, registerGauge } from "@order-flow/common/http/metrics.js";
import type { Registry } from "prom-client";
import type { PasswordHasher } from "../services/password_hasher.js";

/** Adds the hashing queue and the histogram of reads; returns the function that observes one. */
export function registerUserMetrics(registry: Registry, hasher: PasswordHasher) {
  registerGauge(registry, "password_hashing_queue_length", "Passwords that wait to be hashed", () => hasher.waiting);
  return histogramMetric(registry, "users_read_batch_size", "Users that one query has asked for", batchBuckets);
}
