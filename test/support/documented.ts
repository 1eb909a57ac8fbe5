import assert from "node:assert/strict";
import { orderOpenApi } from "@order-flow/orders_service/config/openapi.js";
import { userOpenApi } from "@order-flow/user_service/config/openapi.js";
import { ApiDocument } from "./api_document.js";
import type { Answer } from "./http.js";

const makers = { user_service: userOpenApi, orders_service: orderOpenApi };
const made = new Map<string, ApiDocument>();
/** The service behind each address that tests have started one at. */
const services = new Map<string, keyof typeof makers>();

/** Says which service answers at `url`, so that what it answers can be held against its document. */
export function isServedBy(url: string, service: string): void {
  // Some tests start one at a port that there can't be.
  if (!URL.canParse(url)) return;
  if (service === "user_service" || service === "orders_service") services.set(new URL(url).origin, service);
}

/** The document of a service, as it is with an API key: without one it says less. */
export function documentOf(service: keyof typeof makers): ApiDocument {
  const document = made.get(service) ?? new ApiDocument(makers[service](true));
  made.set(service, document);
  return document;
}

/** The documentation itself, and what is none of an API. */
const otherPaths = /^\/(docs(\/.*)?|openapi\.json|metrics)\/?$/;

/**
 * Asserts that a response of one of our services is documented: its status, its headers, its body. What is asked for
 * by a path or method that is not documented may only be refused, with a problem document.
 */
export function assertDocumented(url: string, method: string, received: Answer): void {
  const { origin, pathname } = new URL(url);
  const service = services.get(origin);
  if (service === undefined) return;
  const document = documentOf(service);
  const operation = document.operationOf(method, pathname);
  const what = `${method} ${pathname}`;
  if (operation !== undefined) {
    // HEAD has the head of GET alone.
    if (method !== "HEAD") document.assertResponse(operation, received, what);
  } else if (!otherPaths.test(pathname) || received.status >= 400) {
    assert.ok(received.status >= 400, `${what} was answered ${received.status} and is not documented`);
    if (method !== "HEAD") document.assertValid("/components/schemas/Problem", received.body, what);
  }
  if (received.status >= 400 && method !== "HEAD")
    assert.equal(Object(received.body).status, received.status, `${what}: the problem has the status of the response`);
}
