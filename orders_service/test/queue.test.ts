import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { afterAll } from "../../test/support/cleanup.js";
import { text } from "../../test/support/http.js";
import { place, published } from "../../test/support/orders.js";
import { PlainQueue } from "../../test/support/plain_queue.js";
import { recordingLogger } from "../../test/support/recording_logger.js";
import { type RunningOrders, startOrdersService, testServers, uniqueName } from "../../test/support/services.js";

const { rabbitmq } = testServers();
let service: RunningOrders;
let queue: PlainQueue;

before(async () => {
  service = await startOrdersService();
  queue = await PlainQueue.open(rabbitmq, service.queue);
});

after(async () => {
  await queue.close();
  await service.stop();
});

test("When the queue is deleted, then the next order makes it again and arrives", async () => {
  await queue.channel.deleteQueue(service.queue);
  const answer = await place(service);
  const id = text(answer.body, "id");

  assert.equal(answer.status, 201);
  await published(service, id);
  assert.deepEqual(await queue.copiesOf(id), [id]);
  await queue.channel.assertQueue(service.queue, { durable: true });
});

test("When the queue is deleted and orders come in a burst, then each of them arrives, once", async () => {
  await queue.channel.deleteQueue(service.queue);
  const answers = await Promise.all(Array.from({ length: 100 }, () => place(service)));
  const ids = answers.map(({ body }) => text(body, "id")).sort();

  for (const id of ids) await published(service, id);
  assert.deepEqual(await queue.copiesOf(...ids), ids);
});

const peers = [
  ["with a dead-letter exchange", { durable: true, deadLetterExchange: "somewhere" }],
  ["with a length limit", { durable: true, maxLength: 1_000 }],
  ["as a quorum queue", { durable: true, arguments: { "x-queue-type": "quorum" } }],
  ["not durable", { durable: false }],
] as const;
for (const [how, options] of peers)
  test(`When a peer has declared the queue ${how}, then it is used as it is, with a warning`, async () => {
    const name = uniqueName("orders");
    const peer = await PlainQueue.open(rabbitmq, name);
    afterAll(() => peer.close());
    await peer.channel.assertQueue(name, options);
    const { logger, lines } = recordingLogger();
    const ofPeer = await startOrdersService({ ORDERS_QUEUE: name }, logger);
    afterAll(() => ofPeer.stop());
    const id = text((await place(ofPeer)).body, "id");

    await published(ofPeer, id);
    assert.deepEqual(await peer.copiesOf(id), [id]);
    await peer.channel.assertQueue(name, options);
    const warnings = lines.filter((line) => line.includes("declared with other arguments"));
    assert.equal(warnings.length, 1);
    assert.match(String(warnings[0]), /"level":"warn"/);
    assert.match(String(warnings[0]), new RegExp(`"queue":"${name}"`));
  });
