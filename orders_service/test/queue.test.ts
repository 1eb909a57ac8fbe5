import assert from "node:assert/strict";
import { test } from "node:test";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { call, member, text } from "../../test/support/http.js";
import { place, published } from "../../test/support/orders.js";
import { addUser, testBroker } from "../../test/support/own_servers.js";
import { TestQueue } from "../../test/support/queue.js";
import { recordingLogger } from "../../test/support/recording_logger.js";
import { ready, startOrdersService, testServers, uniqueName } from "../../test/support/services.js";

const { rabbitmq } = testServers();

const service = await startOrdersService();
const queue = await TestQueue.open(rabbitmq, service.queue);

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

type Declaration = readonly [string, Parameters<TestQueue["channel"]["assertQueue"]>[1]];

const deliveryLimit = (limit: number) => ({ "x-queue-type": "quorum", "x-delivery-limit": limit });

const rejects = { "x-overflow": "reject-publish" };

/** Queues that keep what they confirm. */
const kept: readonly Declaration[] = [
  ["with a dead-letter exchange", { deadLetterExchange: "somewhere" }],
  ["as a quorum queue", { arguments: { "x-queue-type": "quorum" } }],
  ["as a lazy queue", { arguments: { "x-queue-mode": "lazy" } }],
  ["with priorities", { maxPriority: 5 }],
  ["for a single active consumer", { arguments: { "x-single-active-consumer": true } }],
  ["with a limit beyond which it refuses", { maxLength: 1_000, arguments: rejects }],
  ["with deliveries that end in a dead-letter exchange", { deadLetterExchange: "x", arguments: deliveryLimit(3) }],
  [
    "with three of these",
    { maxLength: 99, deadLetterExchange: "it's", arguments: { ...rejects, "x-queue-mode": "lazy" } },
  ],
];
for (const [how, options] of kept)
  test(`When a peer has declared the queue ${how}, then it is used as it is, with a warning`, async () => {
    const name = uniqueName("orders");
    const peer = await TestQueue.open(rabbitmq, name);
    await peer.channel.assertQueue(name, options);
    const { logger, lines } = recordingLogger();
    const ofPeer = await startOrdersService({ ORDERS_QUEUE: name }, logger);
    const id = text((await place(ofPeer)).body, "id");

    await published(ofPeer, id);
    assert.deepEqual(await peer.copiesOf(id), [id]);
    await peer.channel.assertQueue(name, options);
    const warnings = lines.filter((line) => line.includes("declared with other arguments"));
    assert.equal(warnings.length, 1);
    assert.match(String(warnings[0]), /"level":"warn"/);
    assert.match(String(warnings[0]), new RegExp(`"queue":"${name}"`));
  });

/** Queues that do not, and what is said of them. */
const unsafe: readonly (readonly [...Declaration, string])[] = [
  ["not durable", { durable: false }, "durable false"],
  ["to go with its last consumer", { autoDelete: true }, "auto_delete true"],
  ["for itself", { exclusive: true }, "exclusive true"],
  ["as a stream", { arguments: { "x-queue-type": "stream" } }, "x-queue-type stream"],
  ["with a limit", { maxLength: 1_000 }, "x-max-length 1000 and without x-overflow reject-publish"],
  [
    "with a limit in bytes that drops the oldest",
    { arguments: { "x-max-length-bytes": 1_000_000, "x-overflow": "drop-head" } },
    "x-max-length-bytes 1000000 and without x-overflow reject-publish",
  ],
  ["with a time to live", { messageTtl: 60_000 }, "x-message-ttl 60000"],
  [
    "with a limit of deliveries",
    { arguments: deliveryLimit(3) },
    "x-delivery-limit 3 and without x-dead-letter-exchange",
  ],
  ["with an expiry", { expires: 3_600_000 }, "x-expires 3600000"],
  [
    "with several, one of them unsafe",
    { maxPriority: 5, messageTtl: 300, deadLetterExchange: "x" },
    "x-message-ttl 300",
  ],
];
for (const [how, options, reason] of unsafe)
  test(`When a peer has declared the queue ${how}, then orders wait, and /ready and the log say why`, async () => {
    const name = uniqueName("orders");
    const peer = await TestQueue.open(rabbitmq, name);
    await peer.channel.assertQueue(name, options);
    await refusesQueue({ ORDERS_QUEUE: name }, reason, async () => {
      await peer.channel.deleteQueue(name);
    });
  });

/** Orders are taken and wait, with the reason; once `mend` has run they arrive. */
async function refusesQueue(
  settings: Record<string, string>,
  reason: string,
  mend: () => Promise<void>,
): Promise<void> {
  const { logger, lines } = recordingLogger();
  const refusing = await startOrdersService(settings, logger, { untilReady: false });
  await waitUntil(() => refusing.database.probe(), { what: "the database is up", deadlineMs: 60_000 });
  const answer = await place(refusing);
  assert.equal(answer.status, 201);
  const said = `the queue ${refusing.queue} would lose messages: it was declared with ${reason}`;
  const saysSo = async () => JSON.stringify((await call(`${refusing.url}/ready`)).body).includes(said);
  await waitUntil(saysSo, { what: `/ready says "${said}"`, deadlineMs: 60_000 });
  assert.equal(lines.filter((line) => line.includes(said)).length, 1);
  assert.equal(member(answer.body, "published_at"), null);
  await mend();
  await published(refusing, text(answer.body, "id"));
  await ready(refusing);
}

test("When streams are the virtual host's default type, then orders wait, and /ready and the log say why", async () => {
  const broker = await testBroker();
  await broker.start();
  await broker.ctl("add_vhost", "streams", "--default-queue-type", "stream");
  await broker.ctl("set_permissions", "--vhost", "streams", "guest", ".*", ".*", ".*");
  const url = `${broker.url}/streams`;
  const name = uniqueName("orders");
  // The service may declare it again, as a stream, between the two calls.
  const replaceQueue = async () => {
    const peer = await TestQueue.open(url, name);
    await peer.channel.deleteQueue(name);
    const declared = peer.channel.assertQueue(name, { arguments: { "x-queue-type": "classic" } });
    const isClassic = await declared.then(
      () => true,
      () => false,
    );
    await peer.close();
    return isClassic;
  };
  await refusesQueue({ RABBITMQ_URL: url, ORDERS_QUEUE: name }, "x-queue-type stream", () =>
    waitUntil(replaceQueue, { what: "the queue is a classic one", deadlineMs: 60_000 }),
  );
});

test("When a policy of the broker makes the queue refuse orders, then the log says why they wait", async () => {
  const broker = await testBroker();
  await broker.start();
  const { logger, lines } = recordingLogger();
  const refused = await startOrdersService({ RABBITMQ_URL: broker.url }, logger);
  const policy = JSON.stringify({ "max-length": 0, overflow: "reject-publish" });
  await broker.ctl("set_policy", "full", `^${refused.queue}$`, policy);
  const id = text((await place(refused)).body, "id");
  const warnings = () => lines.filter((line) => line.includes('"message":"orders wait in the outbox"'));
  await waitUntil(() => warnings().length > 0, { what: "it is logged that orders wait", deadlineMs: 60_000 });
  assert.match(String(warnings()[0]), /"reason":"PublishError: (message nacked|the queue \S+ refuses all messages)"/);
  await broker.ctl("clear_policy", "full");
  await published(refused, id);
});

test("When the user may not declare queues, then existing ones are used", async () => {
  const broker = await testBroker();
  await broker.start();
  const name = uniqueName("orders");
  const peer = await TestQueue.open(broker.url, name);
  await peer.channel.assertQueue(name);
  const url = await addUser(broker, { configure: "^$", write: ".*" });
  const permitted = await startOrdersService({ RABBITMQ_URL: url, ORDERS_QUEUE: name });
  const id = text((await place(permitted)).body, "id");
  await published(permitted, id);
  assert.deepEqual(await peer.copiesOf(id), [id]);
  // So that it can delete the queue as it stops.
  await broker.ctl("set_permissions", new URL(url).username, ".*", ".*", ".*");
});
