import assert from "node:assert/strict";
import { STATUS_CODES } from "node:http";
import { type Answer, member, text } from "./http.js";

const allowed = ["type", "title", "status", "detail", "instance", "request_id", "errors", "checks"];

/** Asserts that `answer` is a problem document (RFC 9457) of that status, and shows nothing of what is inside. */
export function assertProblem(answer: Answer, status: number, instance?: string): void {
  const shown = JSON.stringify(answer.body);
  assert.equal(answer.status, status, shown);
  assert.equal(answer.headers.get("Content-Type")?.split(";")[0], "application/problem+json");
  assert.equal(member(answer.body, "status"), status);
  assert.equal(member(answer.body, "type"), "about:blank");
  assert.equal(member(answer.body, "title"), STATUS_CODES[status]);
  assert.match(text(answer.body, "detail"), /^\S.*\.$/);
  assert.equal(member(answer.body, "request_id"), answer.headers.get("X-Request-Id"));
  if (instance !== undefined) assert.equal(member(answer.body, "instance"), instance);
  for (const name of Object.keys(Object(answer.body))) assert.ok(allowed.includes(name), name);
  assert.doesNotMatch(shown, /node_modules|\bat [\w.]+ \(|\.[jt]s:\d/);
}

/** The mistakes that a problem document lists, each as `in field`. */
export function mistakes(answer: Answer): readonly string[] {
  const errors = member(answer.body, "errors");
  return Array.isArray(errors) ? errors.map((error) => `${text(error, "in")} ${text(error, "field")}`) : [];
}

/** The `field` of each mistake that a problem document lists. */
export function mistakenFields(problem: unknown): unknown[] {
  const errors = member(problem, "errors");
  return Array.isArray(errors) ? errors.map((error) => member(error, "field")) : [];
}
