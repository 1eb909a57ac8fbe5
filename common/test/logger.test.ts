import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { inspect } from "node:util";
import { createLogger } from "@order-flow/common/logging/logger.js";
import { execa } from "execa";
import { member } from "../../test/support/http.js";
import { recordingLogger } from "../../test/support/recording_logger.js";

/** All that ends a line somewhere, or commands a terminal. */
const nasty = "a\nb\r\nc\u2028d\u2029e\u0085f\u001b[2Jg\u009bh\0i\u007fj\tk\bl";
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
const control = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]/;

const cycle: Record<string, unknown> = { code: 7n };
cycle["self"] = cycle;
const fails = () => {
  throw new Error("no");
};
/** What can be thrown, or stand in a field, and what the line of an error says of it. */
const strangeValues: readonly [string, unknown, RegExp][] = [
  ["a string", "just text", /just text/],
  ["a BigInt", 10n, /10n/],
  ["a symbol", Symbol("odd"), /Symbol\(odd\)/],
  ["a function", fails, /\[Function: fails\]/],
  ["undefined", undefined, /error"?[:=]"?undefined/],
  ["null", null, /null/],
  ["an object that holds itself", cycle, /code: 7n/],
  ["an object whose toJSON throws", { toJSON: fails }, /toJSON/],
  ["an object whose inspection throws", { [inspect.custom]: fails }, /can't be inspected/],
  ["an error whose stack throws", Object.defineProperty(new Error("m"), "stack", { get: fails }), /can't be inspected/],
  ["an error whose message is a BigInt", Object.assign(new Error("m"), { message: 10n }), /message"?:"10"/],
];

test("When the format is json, then an entry is one JSON object with its time, level, service and fields", async () => {
  const { logger, lines } = recordingLogger("json");
  logger.warn("it is late", { order_id: "1", tries: 2 });
  await turn();
  const line: unknown = JSON.parse(lines[0] ?? "");

  assert.equal(lines.length, 1);
  const { timestamp, ...rest } = Object(line);
  assert.deepEqual(rest, { level: "warn", service: "test", message: "it is late", order_id: "1", tries: 2 });
  assert.equal(new Date(timestamp).toISOString(), timestamp);
});

test("When the format is pretty, then an entry is one line for people", async () => {
  const { logger, lines } = recordingLogger("pretty");
  logger.info("request", { path: "/users", status: 200, missing: undefined, list: [1, "a"] });
  await turn();

  assert.equal(lines.length, 1);
  const form = /^\d\d:\d\d:\d\d\.\d{3} info {2}test: request path=\/users status=200 list=\[1,"a"\]\n$/;
  assert.match(lines[0] ?? "", form);
});

for (const format of ["json", "pretty"] as const) {
  test(`When what is logged as ${format} holds line ends and terminal codes, then it is one line without them`, async () => {
    const { logger, lines } = recordingLogger(format);
    logger.info(`message ${nasty}`, { field: nasty, [`name ${nasty}`]: 1, nested: { deep: [nasty] } });
    await turn();

    assert.equal(lines.length, 1);
    const [line = ""] = lines;
    assert.equal(line.indexOf("\n"), line.length - 1);
    assert.doesNotMatch(line, control);
    assert.match(line, /\\u2028d\\u2029e\\u0085f\\u001b\[2Jg\\u009bh/);
  });

  for (const [what, value, shown] of strangeValues)
    test(`When ${what} is thrown, or is a field, and is logged as ${format}, then that is one line all the same`, () => {
      const { logger, lines } = recordingLogger(format);
      logger.error("unexpected error", { error: value });
      logger.warn("a field", { order_id: "1", field: value, list: [value] });

      assert.equal(lines.length, 2);
      assert.match(lines[0] ?? "", shown);
      assert.match(lines[1] ?? "", /order_id"?[:=]"?1/);
    });

  test(`When an error is logged as ${format}, then its name, message and stack are in the line`, async () => {
    const { logger, lines } = recordingLogger(format);
    logger.error("unexpected error", { error: new TypeError("no\nsuch thing") });
    await turn();

    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? "", /TypeError.*no\\nsuch thing.*at .*logger\.test\.[jt]s:\d+/);
  });
}

test("When a json line was escaped, then whoever parses it gets what was logged", async () => {
  const { logger, lines } = recordingLogger("json");
  logger.info(nasty, { field: nasty });
  await turn();
  const line: unknown = JSON.parse(lines[0] ?? "");

  assert.equal(member(line, "message"), nasty);
  assert.equal(member(line, "field"), nasty);
});

test("When the level is warn, then info and debug are left out", async () => {
  const { lines, stream } = sink(false);
  const logger = createLogger("s", { LOG_LEVEL: "warn", LOG_FORMAT: "json" }, stream);
  for (const level of ["debug", "info", "warn", "error"]) logger.log(level, level);
  await turn();

  const levels = linesOf(lines.join("")).map((line) => member(line, "level"));
  assert.deepEqual(levels, ["warn", "error"]);
});

for (const isTTY of [true, false])
  test(`When the format is auto and the stream is ${isTTY ? "a" : "no"} terminal, then it is ${isTTY ? "pretty" : "json"}`, async () => {
    const { lines, stream } = sink(isTTY);
    createLogger("s", { LOG_LEVEL: "info", LOG_FORMAT: "auto" }, stream).info("hello");
    await turn();

    assert.equal(lines[0]?.startsWith("{"), !isTTY);
  });

test("When many lines are logged in one turn of the event loop, then they are written together, in their order", async () => {
  const { lines: writes, stream } = sink(false);
  const logger = createLogger("s", { LOG_LEVEL: "info", LOG_FORMAT: "json" }, stream);
  for (const message of ["1", "2", "3"]) logger.info(message);
  const before = writes.length;
  await turn();
  logger.info("4");
  await turn();
  const [first = "", second = ""] = writes;

  assert.deepEqual([before, writes.length], [0, 2]);
  const messages = (text: string) => linesOf(text).map((line) => member(line, "message"));
  assert.deepEqual([messages(first), messages(second)], [["1", "2", "3"], ["4"]]);
});

test("When a process ends in the turn in which it has logged, then its lines are written all the same", async () => {
  const module = import.meta.resolve("@order-flow/common/logging/logger.js");
  const last = (end: string) =>
    `import { inspect } from "node:util";
import { createLogger } from ${JSON.stringify(module)};
    const logger = createLogger("s", { LOG_LEVEL: "info", LOG_FORMAT: "json" });
    for (let i = 0; i < 1000; i += 1) logger.info("line");
    ${end}`;
  for (const end of ["process.exit(0)", "throw new Error('out')"]) {
    const { stdout } = await execa(process.execPath, ["--input-type=module", "-e", last(end)], { reject: false });

    assert.equal(stdout.split("\n").length, 1_000, end);
  }
});

const linesOf = (text: string): unknown[] =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

function sink(isTTY: boolean) {
  const lines: string[] = [];
  const stream = new Writable({
    write: (line, _encoding, done) => {
      lines.push(String(line));
      done();
    },
  });
  return { lines, stream: Object.assign(stream, { isTTY }) };
}
