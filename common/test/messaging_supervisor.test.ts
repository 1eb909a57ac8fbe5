import assert from "node:assert/strict";
import { after, type TestContext, test } from "node:test";
import type { Session } from "@order-flow/common/messaging/session.js";
import { RabbitSupervisor, type SupervisorState } from "@order-flow/common/messaging/supervisor.js";
import getPort from "get-port";
import { waitUntil } from "../../scripts/runtime/wait.js";
import { PlainQueue } from "../../test/support/plain_queue.js";
import { recordingLogger } from "../../test/support/recording_logger.js";
import { testServers, uniqueName } from "../../test/support/services.js";

const { rabbitmq } = testServers();
const name = uniqueName("supervised");

after(async () => {
  const queue = await PlainQueue.open(rabbitmq, name);
  await queue.remove();
});

interface Supervised {
  readonly supervisor: RabbitSupervisor;
  readonly states: readonly SupervisorState[];
  readonly lines: readonly string[];
}

function supervise(
  t: TestContext,
  options: { url?: string; setup?: (session: Session) => Promise<void> } = {},
): Supervised {
  const { logger, lines } = recordingLogger();
  const supervisor = new RabbitSupervisor({ url: rabbitmq, queues: [name], logger, ...options });
  const states: SupervisorState[] = [];
  supervisor.on("state", (state) => states.push(state));
  t.after(() => supervisor.close());
  supervisor.start();
  return { supervisor, states, lines };
}

const isUp = (supervisor: RabbitSupervisor) =>
  waitUntil(() => supervisor.session !== undefined, { what: "the session is up", deadlineMs: 15_000 });

/** The next session after `lost`. */
async function nextSession(supervisor: RabbitSupervisor, lost: Session | undefined): Promise<Session> {
  const there = () => supervisor.session !== undefined && supervisor.session !== lost;
  await waitUntil(there, { what: "there is another session", deadlineMs: 15_000 });
  assert.ok(supervisor.session);
  return supervisor.session;
}

test("When it has connected, then it is up, its queue is there, and both are told once", async (t) => {
  const { supervisor, states, lines } = supervise(t);
  await isUp(supervisor);
  const queue = await PlainQueue.open(rabbitmq, name);

  assert.equal((await queue.channel.checkQueue(name)).queue, name);
  assert.deepEqual(states, ["connecting", "up"]);
  assert.equal(lines.filter((line) => line.includes("rabbitmq up")).length, 1);
  await queue.close();
});

const losses: readonly (readonly [string, (session: Session) => unknown])[] = [
  ["the connection is closed", ({ connection }) => connection.close()],
  ["the channel is closed", ({ channel }) => channel.close()],
  ["the broker closes the channel", ({ channel }) => channel.publish("no-such-exchange", "", Buffer.from(""))],
  ["its user gives it up", (session) => session.fail(new Error("the consumer was cancelled"))],
];
for (const [what, lose] of losses)
  test(`When ${what}, then a new session is opened, and the old one stays dead`, async (t) => {
    const { supervisor, states } = supervise(t);
    await isUp(supervisor);
    const old = supervisor.session;
    assert.ok(old);
    await lose(old);
    const session = await nextSession(supervisor, old);

    assert.equal(old.alive, false);
    assert.equal(session.alive, true);
    assert.notEqual(session.connection, old.connection);
    assert.deepEqual(states, ["connecting", "up", "waiting", "connecting", "up"]);
  });

test("When a session is replaced, then its set-up runs again before the new one counts as up", async (t) => {
  const prepared: Session[] = [];
  const upDuringSetup: boolean[] = [];
  let told: RabbitSupervisor | undefined;
  const { supervisor } = supervise(t, {
    setup: async (session) => {
      prepared.push(session);
      upDuringSetup.push(told?.session !== undefined);
    },
  });
  told = supervisor;
  await isUp(supervisor);
  const first = supervisor.session;
  first?.fail(new Error("lost"));
  const second = await nextSession(supervisor, first);

  assert.deepEqual(prepared, [first, second]);
  assert.deepEqual(upDuringSetup, [false, false]);
});

test("When its set-up fails, then it tries again until it does not", async (t) => {
  let tries = 0;
  const { supervisor, lines } = supervise(t, {
    setup: async () => {
      tries += 1;
      if (tries < 3) throw new Error("not yet");
    },
  });
  await isUp(supervisor);

  assert.equal(tries, 3);
  assert.equal(lines.filter((line) => line.includes("not yet")).length, 1, "the same trouble is one line");
});

test("When nobody listens at its address, then it tries on, and close ends that", async (t) => {
  const { supervisor, states } = supervise(t, { url: `amqp://127.0.0.1:${await getPort()}` });
  const tries = () => states.filter((state) => state === "connecting").length;
  await waitUntil(() => tries() >= 3, { what: "it has tried three times", deadlineMs: 10_000 });
  assert.equal(supervisor.session, undefined);
  await supervisor.close();

  assert.equal(supervisor.state, "closed");
  assert.equal(states.at(-1), "closed");
});

test("When it is closed while up, then the session is dead, and it does not connect again", async (t) => {
  const { supervisor, states } = supervise(t);
  await isUp(supervisor);
  const session = supervisor.session;
  await supervisor.close();

  assert.equal(session?.alive, false);
  assert.equal(supervisor.session, undefined);
  assert.deepEqual(states, ["connecting", "up", "closed"]);
});
