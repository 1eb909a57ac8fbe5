import assert from "node:assert/strict";
import { test } from "node:test";
import { member } from "../../test/support/http.js";
import { startConsumer } from "../../test/support/processes.js";
import { lines, TestQueue } from "../../test/support/queue.js";
import { uniqueName } from "../../test/support/services.js";

const queue = await TestQueue.create();
const consumer = await startConsumer(queue);
await consumer.answers();
/** What was printed before the test that runs now. */
let printed = "";

/** Waits for what comes after all that was printed before, and compares all of it. */
async function prints(...ids: readonly string[]): Promise<void> {
  printed += lines(...ids);
  await consumer.prints(printed);
}

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `${uniqueName("o")}_${index}`);

test("When an order arrives, then exactly its line is printed", async () => {
  await queue.order("6650f1c2a1b2c3d4e5f60718");

  await prints("6650f1c2a1b2c3d4e5f60718");
});

test("When more orders arrive than are taken at once, then each has its line, in their order", async () => {
  const ids = names(450);
  await queue.order(...ids);

  await prints(...ids);
});

test("When an order comes several times in one burst, then it is printed once", async () => {
  const [first = "", second = ""] = names(2);
  await queue.order(first, first, second, first, second);

  await prints(first, second);
});

test("When an order comes again after it was printed, then it is not printed again", async () => {
  const [first = "", second = ""] = names(2);
  await queue.order(first);
  await prints(first);
  await queue.order(first, second);

  await prints(second);
});

test("When another producer writes a byte order mark before its JSON, then the order is printed", async () => {
  const [id = ""] = names(1);
  await queue.publish([`\ufeff${JSON.stringify({ order_id: id })}`]);

  await prints(id);
});

test("When another producer sends nothing but an order_id, without any property, then it is printed", async () => {
  await queue.publish(['{"order_id":"x"}']);

  await prints("x");
});

test("When a message has fields that are not known, then they are ignored", async () => {
  const [id = ""] = names(1);
  await queue.publish([`{"id":"no","__proto__":{"order_id":"no"},"toString":1,"order_id":"${id}","items":[["no"]]}`]);

  await prints(id);
});

test("When the JSON is written with white space and escapes, then it is read all the same", async () => {
  await queue.publish([' \r\n{ "\\u006frder_id" :\t"caf\\u0065" }\n']);

  await prints("cafe");
});

test("When order ids are as short and as long as they may be, of all their characters, then they are printed", async () => {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
  await queue.order("_", "-", alphabet);

  assert.equal(alphabet.length, 64);
  await prints("_", "-", alphabet);
});

test("When a message says that its schema version is 1 or less, then it is printed", async () => {
  const [first = "", second = ""] = names(2);
  await queue.publish([{ order_id: first }], { headers: { "x-schema-version": 1 } });
  await queue.publish([{ order_id: second }], { headers: { "x-schema-version": 0 } });

  await prints(first, second);
});

test("When an order was printed, then the log has its id and the request's, and is not on standard output", async () => {
  const [id = ""] = names(1);
  await queue.publish([{ order_id: id }], { correlationId: "request-42" });
  await prints(id);

  const line = await consumer.logs("notified", { order_id: id });
  assert.equal(member(line, "request_id"), "request-42");
  assert.equal(member(line, "level"), "info");
  assert.equal(member(line, "service"), "notifications_service");
  assert.equal(member(line, "possible_duplicate"), undefined);
});

test("When a correlation id holds line feeds, JSON and terminal codes, then it forges no line of the log", async () => {
  const [id = ""] = names(1);
  const correlationId = '\n{"level":"info","message":"forged"}\r\n\u001b[2J\u0085\u2028\u0000"';
  await queue.publish([{ order_id: id }], { correlationId });
  await prints(id);

  assert.equal(consumer.logged("forged").length, 0);
  const line = await consumer.logs("notified", { order_id: id });
  assert.equal(member(line, "request_id"), correlationId);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
  assert.doesNotMatch(consumer.errors, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]/);
});

test("When it stops after all that, then every message was acked and nothing was printed twice", async () => {
  const { code } = await consumer.end();

  assert.equal(code, 0);
  assert.equal(consumer.output, printed);
  assert.equal(await queue.waiting(), 0);
  assert.equal(await queue.waiting(queue.deadLetters), 0);
});
