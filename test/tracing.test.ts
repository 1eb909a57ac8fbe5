import assert from "node:assert/strict";
import { test } from "node:test";
import { testFolder } from "../scripts/runtime/run_folder.js";
import { ownBroker } from "../scripts/runtime/servers.js";
import { waitUntil } from "../scripts/runtime/wait.js";
import type { Span } from "../scripts/tracing/span.js";
import { relatedSpans, treeLines } from "../scripts/tracing/tree.js";
import { afterAll } from "./support/cleanup.js";
import { call, text } from "./support/http.js";
import { newOrder, place, stored } from "./support/orders.js";
import { ServiceProcess } from "./support/processes.js";
import { lines, TestQueue } from "./support/queue.js";
import { databaseUri, startOrdersService, testServers, uniqueName } from "./support/services.js";
import { SpanCollector } from "./support/spans.js";

const collector = await SpanCollector.start();
const remote = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" };
const traceparent = `00-${remote.traceId}-${remote.spanId}-01`;

type Settings = Readonly<Record<string, string>>;

async function start(service: "orders_service" | "notifications_service", settings: Settings): Promise<ServiceProcess> {
  const traced = { ...collector.settings, RABBITMQ_URL: testServers().rabbitmq, ...settings };
  const child = await ServiceProcess.start(service, traced);
  await child.answers("/health");
  return child;
}

/** Both services, connected. */
async function startBoth(settings: Settings) {
  const common = { MONGODB_URI: databaseUri(uniqueName("tracing")), ...settings };
  const both = [await start("orders_service", common), await start("notifications_service", common)] as const;
  for (const service of both) await service.answers();
  return both;
}

async function placeOn({ url }: ServiceProcess, headers: Settings = {}): Promise<string> {
  const { status, body } = await call(`${url}/orders`, { method: "POST", json: newOrder(), headers });
  assert.equal(status, 201);
  return text(body, "id");
}

const ofOrder = (name: string, id: string) =>
  collector.span(name, ({ attributes, failed }) => attributes["messaging.message.id"] === id && !failed);
const insertOf = (id: string) =>
  collector.span("insert orders", ({ attributes }) => attributes["order_flow.order_id"] === id);
const spanWithId = (spanId: string | undefined) =>
  waitUntil(() => collector.spans.some((span) => span.spanId === spanId), { what: "it is there", deadlineMs: 60_000 });

async function parentOf({ parentSpanId }: Span): Promise<Span> {
  await spanWithId(parentSpanId);
  return collector.spans.find(({ spanId }) => spanId === parentSpanId) ?? assert.fail();
}

/** The same for each of them: what conventions ask for. */
const kinds = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 };

test("When an order is placed in a caller's trace, then all that becomes of it is a part of that trace", async () => {
  const { name: queue } = await TestQueue.create(testServers().rabbitmq, uniqueName("traced"));
  const databaseName = uniqueName("tracing");
  const MONGODB_URI = databaseUri(databaseName);
  const [orders, notifications] = await startBoth({ ORDERS_QUEUE: queue, MONGODB_URI });
  const id = await placeOn(orders, { traceparent, "X-Request-Id": "req-traced" });
  const process = await ofOrder(`process ${queue}`, id);
  const [claim, print, mark] = [
    await collector.child(process, "claim"),
    await collector.child(process, "print"),
    await collector.child(process, "mark"),
  ];
  const [send, insert] = [await parentOf(process), await insertOf(id)];
  const request = await parentOf(send);

  assert.equal(request.parentSpanId, remote.spanId);
  assert.equal(insert.parentSpanId, request.spanId);
  for (const span of [request, insert, send, process, claim, print, mark]) {
    assert.equal(span.traceId, remote.traceId);
    assert.equal(span.failed, false);
    assert.deepEqual(span.links, []);
  }
  const shapes = [request, insert, send, process, claim, print, mark].map(({ service, name, kind }) => [
    service.split("_")[0],
    name,
    kind,
  ]);
  assert.deepEqual(shapes, [
    ["orders", "POST /orders", kinds.server],
    ["orders", "insert orders", kinds.client],
    ["orders", `send ${queue}`, kinds.producer],
    ["notifications", `process ${queue}`, kinds.consumer],
    ["notifications", "claim", kinds.internal],
    ["notifications", "print", kinds.internal],
    ["notifications", "mark", kinds.internal],
  ]);
  assert.deepEqual(request.attributes, {
    "http.request.method": "POST",
    "url.scheme": "http",
    "http.response.header.x-request-id": ["req-traced"],
    "http.route": "/orders",
    "http.response.status_code": 201,
  });
  assert.deepEqual(insert.attributes, {
    "db.system.name": "mongodb",
    "db.namespace": databaseName,
    "db.collection.name": "orders",
    "db.operation.name": "insert",
    "order_flow.order_id": id,
  });
  const message = (operation: string) => ({
    "messaging.system": "rabbitmq",
    "messaging.operation.name": operation,
    "messaging.operation.type": operation,
    "messaging.destination.name": queue,
    "messaging.rabbitmq.destination.routing_key": queue,
    "messaging.message.id": id,
    "messaging.message.conversation_id": "req-traced",
  });
  assert.deepEqual(send.attributes, message("send"));
  assert.deepEqual(process.attributes, {
    ...message("process"),
    "messaging.rabbitmq.message.delivery_tag": 1,
    "order_flow.redelivered": false,
    "order_flow.outcome": "printed",
  });
  for (const span of [claim, print, mark])
    assert.deepEqual(span.attributes, { "messaging.batch.message_count": 1 }, span.name);
  // The SDK cuts a start, not a duration, to whole milliseconds.
  assert.ok(request.start <= insert.start && Math.floor(insert.start + insert.duration) <= send.start);
  assert.ok(send.start <= process.start && claim.start <= print.start && print.start <= mark.start);

  const ids = { request_id: "req-traced", trace_id: remote.traceId };
  await orders.logs("request", { status: 201, ...ids });
  await notifications.logs("notified", { order_id: id, ...ids });
  assert.deepEqual(
    orders.logged("listening").map((line) => "trace_id" in line),
    [false],
  );

  const tree = treeLines(relatedSpans(id, collector.spans));
  const shown = tree.map((line) => line.replace(/(?<=\S) {2,}.*/, ""));
  assert.deepEqual(shown, [
    "",
    `trace ${remote.traceId}`,
    "POST /orders",
    "├─ insert orders",
    `└─ send ${queue}`,
    `   └─ process ${queue}: printed`,
    "      ├─ claim",
    "      ├─ print",
    "      └─ mark",
  ]);
  for (const line of tree) assert.ok(line.length <= 80, line);
  assert.deepEqual(treeLines(relatedSpans("req-traced", collector.spans)), tree);
});

test("When the broker is down or killed, then the sweep is linked to the request, and no order lacks its trace", async () => {
  const broker = await ownBroker(testFolder("tracing_broker"));
  afterAll(() => broker.remove());
  await broker.start();
  const queue = uniqueName("tracing");
  const [orders, notifications] = await startBoth({ RABBITMQ_URL: broker.url, ORDERS_QUEUE: queue });
  const ids = [await placeOn(orders)];
  const underLoad = Array.from({ length: 20 }, () => placeOn(orders));
  await broker.kill();
  ids.push(...(await Promise.all(underLoad)));
  await orders.logs("rabbitmq disconnected");
  const waiting = await placeOn(orders, { "X-Request-Id": "req-waiting" });
  await broker.start();

  const process = await ofOrder(`process ${queue}`, waiting);
  const send = await parentOf(process);
  const [sweep, request] = [await parentOf(send), await parentOf(await insertOf(waiting))];
  assert.equal(sweep.name, "sweep");
  assert.equal(sweep.parentSpanId, undefined);
  assert.equal(request.parentSpanId, undefined);
  assert.deepEqual(send.links, [{ traceId: request.traceId, spanId: request.spanId }]);
  assert.notEqual(sweep.traceId, request.traceId);
  assert.deepEqual(
    collector.spans.filter(({ traceId }) => traceId === request.traceId).map(({ name }) => name),
    ["insert orders", "POST /orders"],
  );
  await orders.logs("request", { request_id: "req-waiting", trace_id: request.traceId });
  await notifications.logs("notified", { order_id: waiting, request_id: "req-waiting", trace_id: process.traceId });
  const tree = treeLines(relatedSpans(waiting, collector.spans));
  assert.ok(
    tree.some((line) => /^ {6}linked to POST \/orders, [\d.]+ m?s before$/.test(line)),
    tree.join("\n"),
  );
  assert.deepEqual(treeLines(relatedSpans("req-waiting", collector.spans)), tree);

  for (const id of ids) {
    const printed = await collector.span(
      `process ${queue}`,
      ({ attributes }) => attributes["messaging.message.id"] === id && attributes["order_flow.outcome"] === "printed",
    );
    const [sent, placed] = [await parentOf(printed), await parentOf(await insertOf(id))];
    const isLinked = sent.links.some(({ spanId }) => spanId === placed.spanId);
    assert.ok(sent.parentSpanId === placed.spanId || isLinked, id);
  }
});

test("When another replica sweeps what one has left, then it is linked to that one's request, if it was traced", async () => {
  const queue = await TestQueue.create();
  const settings = { MONGODB_URI: databaseUri(uniqueName("tracing")), ORDERS_QUEUE: queue.name };
  const away = { ...settings, RABBITMQ_URL: "amqp://127.0.0.1:1" };
  // What is not exported when it stops is lost.
  const traced = await start("orders_service", { ...away, OTEL_BSP_SCHEDULE_DELAY: "60000" });
  const untraced = await start("orders_service", { ...away, OTEL_EXPORTER_OTLP_ENDPOINT: "" });
  const ids: string[] = [];
  for (const replica of [traced, untraced]) {
    await replica.logs("mongodb up");
    ids.push(await placeOn(replica));
    assert.deepEqual(await replica.end(), { code: 0, signal: null });
  }
  await start("orders_service", settings);
  const [[linked, other], request] = [
    await Promise.all(ids.map((id) => ofOrder(`send ${queue.name}`, id))),
    await parentOf(await insertOf(ids[0] ?? "")),
  ];
  assert.deepEqual(linked?.links, [{ traceId: request.traceId, spanId: request.spanId }]);
  assert.notEqual(linked?.instance, request.instance);
  assert.deepEqual(other?.links, []);
  for (const span of [linked, other]) {
    const { properties } = await queue.next();
    assert.ok(span);
    assert.equal((await parentOf(span)).name, "sweep");
    const sent: Span | undefined = [linked, other].find(
      (one) => one?.attributes["messaging.message.id"] === properties.messageId,
    );
    assert.equal(properties.headers?.["traceparent"], `00-${sent?.traceId}-${sent?.spanId}-01`);
  }
});

const consume = async (settings: Settings = {}) => {
  const queue = await TestQueue.create();
  const begin = () => start("notifications_service", { ORDERS_QUEUE: queue.name, LOG_LEVEL: "debug", ...settings });
  const processed = (outcome: string) =>
    collector.span(`process ${queue.name}`, ({ attributes }) => attributes["order_flow.outcome"] === outcome);
  return { queue, begin, processed };
};

test("When a message comes twice, then each delivery has a span, and the second says duplicate", async () => {
  const { queue, begin, processed } = await consume();
  const consumer = await begin();
  for (const outcome of ["printed", "duplicate"]) {
    await queue.publish([{ order_id: "twice" }], { headers: { traceparent } });
    const { traceId, parentSpanId, failed } = await processed(outcome);
    assert.deepEqual({ traceId, spanId: parentSpanId, failed }, { ...remote, failed: false });
  }
  await consumer.logs("printed before", { order_id: "twice", trace_id: remote.traceId });
});

test("When a message can't be read, then its span has failed, and the dead letter carries the trace on", async () => {
  const { queue, begin } = await consume();
  await queue.publish(["not JSON"], { headers: { traceparent }, messageId: "broken" });
  const consumer = await begin();
  const process = await collector.span(`process ${queue.name}`);
  // An attempt fails, and has a span too, while the connection for dead letters is not open yet.
  const isSent: (span: Span) => boolean = ({ parentSpanId, failed }) => parentSpanId === process.spanId && !failed;
  const send = await collector.span(`send ${queue.deadLetters}`, isSent);
  const { properties } = await queue.deadLetter();

  assert.equal(process.parentSpanId, remote.spanId);
  assert.equal(process.failed, true);
  assert.equal(process.attributes["error.type"], "dead_lettered");
  assert.equal(properties.headers?.["traceparent"], `00-${remote.traceId}-${send.spanId}-01`);
  await consumer.logs("dead-lettered", { trace_id: remote.traceId });
});

test("When messages are printed in batches, then a batch is linked to each of its members", async () => {
  const { queue, begin } = await consume();
  const ids = Array.from({ length: 9 }, (_, index) => `order_${index}`);
  await queue.order(...ids);
  const consumer = await begin();
  await consumer.prints(lines(...ids));
  const members = () => collector.spans.filter(({ name }) => name === `process ${queue.name}`);
  await waitUntil(() => members().length === ids.length, { what: "all are processed", deadlineMs: 60_000 });

  assert.equal(new Set(members().map(({ traceId }) => traceId)).size, ids.length, "others' messages have no trace yet");
  for (const name of ["claim", "print", "mark"])
    for (const member of members())
      await collector.span(name, ({ links, parentSpanId, attributes }) => {
        const count = attributes["messaging.batch.message_count"];
        if (links.length === 0) return parentSpanId === member.spanId && count === 1;
        return (
          parentSpanId === undefined && count === links.length && links.some(({ spanId }) => spanId === member.spanId)
        );
      });
  assert.ok(collector.spans.some(({ links }) => links.length > 1));
});

test("When probes, mistakes and unknown paths are requested, then spans have routes and no personal data", async () => {
  const settings = { MONGODB_URI: databaseUri(uniqueName("tracing")), METRICS: "open" };
  const orders = await start("orders_service", { ...settings, ORDERS_QUEUE: (await TestQueue.create()).name });
  await orders.logs("mongodb up");
  for (const path of ["/health", "/ready", "/metrics", "/Metrics/", "/ada@example.com"])
    await (await fetch(`${orders.url}${path}`)).text();
  await call(`${orders.url}/orders/ada@example.com?email=ada@example.com`, {
    headers: { "User-Agent": "ada@example.com" },
  });
  const { instance, failed, attributes } = await collector.span("GET /orders/:id");

  assert.equal(attributes["http.response.status_code"], 422);
  assert.equal(failed, false);
  const ours = collector.spans.filter((span) => span.instance === instance);
  assert.deepEqual(
    ours.map(({ name }) => name),
    ["GET", "GET /orders/:id"],
  );
  assert.doesNotMatch(JSON.stringify(ours), /ada@|127\.0\.0\.1/);
});

test("When nothing is set, then no SDK is loaded, and no header, field or log field is added", async () => {
  const queue = await TestQueue.create();
  const list = "Object.keys(createRequire(import.meta.url).cache)";
  const onExit = `import { createRequire } from "node:module"; process.on("exit", () => console.error(${list}.join()));`;
  const shell = `exec "$0" --import 'data:text/javascript,${onExit.replace("import.meta.url", '"/"')}' "$1"`;
  const modules = async (settings: Settings) => {
    const child = await ServiceProcess.start(
      "orders_service",
      {
        MONGODB_URI: databaseUri(uniqueName("tracing")),
        ORDERS_QUEUE: queue.name,
        RABBITMQ_URL: testServers().rabbitmq,
        ...settings,
      },
      { shell },
    );
    await child.answers();
    const id = await placeOn(child, { traceparent });
    const { properties } = await queue.messageOf(id);
    await child.logs("request", { status: 201 });
    await child.end();
    const found = new Set([...child.errors.matchAll(/@opentelemetry\/([\w-]+)/g)].map(([, name]) => name));
    return { found: [...found], headers: properties.headers, log: child.output };
  };
  const { found, headers, log } = await modules({});
  assert.deepEqual(found, ["api"]);
  assert.deepEqual(headers, { "x-schema-version": 1 });
  assert.doesNotMatch(log, /trace/);
  assert.ok((await modules(collector.settings)).found.includes("sdk-trace"), "with it the SDK would be seen");

  const untraced = await startOrdersService({ RABBITMQ_URL: "amqp://127.0.0.1:1" }, undefined, { untilReady: false });
  await waitUntil(() => untraced.database.probe(), { what: "the database is up", deadlineMs: 60_000 });
  const { body } = await place(untraced, newOrder(), { traceparent });
  const { outbox } = await stored(untraced, text(body, "id"));
  assert.deepEqual(Object.keys(outbox), ["due_at", "tries", "request_id"]);
});

test("When nobody takes the spans, then one line says so, orders go on, and one says when it is over", async () => {
  const own = await SpanCollector.start();
  own.isRefusing = true;
  const settings = { MONGODB_URI: databaseUri(uniqueName("tracing")), ORDERS_QUEUE: (await TestQueue.create()).name };
  const orders = await start("orders_service", { ...settings, ...own.settings });
  await orders.answers();
  for (let before = -1; own.exports < 3; before = own.exports) {
    await placeOn(orders);
    await waitUntil(() => own.exports > before, { what: "spans were sent", deadlineMs: 60_000 });
  }
  await orders.logs("spans can't be exported; they are dropped");
  own.isRefusing = false;
  await placeOn(orders);
  await orders.logs("spans are exported again");

  assert.equal(orders.logged("spans can't be exported; they are dropped").length, 1);
  const nobody = await start("orders_service", { ...settings, OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1" });
  await nobody.answers();
  await placeOn(nobody);
  assert.deepEqual(await nobody.end(), { code: 0, signal: null });
});

test("When the sampler takes no trace, then nothing is exported, and the message says so", async () => {
  const queue = await TestQueue.create();
  const sampled = { OTEL_TRACES_SAMPLER: "always_off", ORDERS_QUEUE: queue.name };
  const own = await SpanCollector.start();
  const orders = await start("orders_service", {
    MONGODB_URI: databaseUri(uniqueName("tracing")),
    ...sampled,
    ...own.settings,
  });
  await orders.answers();
  const { properties } = await queue.messageOf(await placeOn(orders));
  await orders.end();

  assert.match(String(properties.headers?.["traceparent"]), /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  assert.equal(own.exports, 0);
});
