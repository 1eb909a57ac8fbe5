import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { test } from "node:test";
import { createLogger } from "@order-flow/common/logging/logger.js";
import { member } from "../../test/support/http.js";
import { recordingLogger } from "../../test/support/recording_logger.js";

/** All that ends a line somewhere, or commands a terminal. */
const nasty = "a\nb\r\nc\u2028d\u2029e\u0085f\u001b[2Jg\u009bh\0i\u007fj\tk\bl";
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
const control = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]/;

test("When the format is json, then an entry is one JSON object with its time, level, service and fields", () => {
  const { logger, lines } = recordingLogger("json");
  logger.warn("it is late", { order_id: "1", tries: 2 });
  const line: unknown = JSON.parse(lines[0] ?? "");

  assert.equal(lines.length, 1);
  const { timestamp, ...rest } = Object(line);
  assert.deepEqual(rest, { level: "warn", service: "test", message: "it is late", order_id: "1", tries: 2 });
  assert.equal(new Date(timestamp).toISOString(), timestamp);
});

test("When the format is pretty, then an entry is one line for people", () => {
  const { logger, lines } = recordingLogger("pretty");
  logger.info("request", { path: "/users", status: 200, missing: undefined, list: [1, "a"] });

  assert.equal(lines.length, 1);
  assert.match(
    lines[0] ?? "",
    /^\d\d:\d\d:\d\d\.\d{3} info {2}test: request path=\/users status=200 list=\[1,"a"\]\n$/,
  );
});

for (const format of ["json", "pretty"] as const) {
  test(`When what is logged as ${format} holds line ends and terminal codes, then it is one line without them`, () => {
    const { logger, lines } = recordingLogger(format);
    logger.info(`message ${nasty}`, { field: nasty, [`name ${nasty}`]: 1, nested: { deep: [nasty] } });

    assert.equal(lines.length, 1);
    const [line = ""] = lines;
    assert.equal(line.indexOf("\n"), line.length - 1);
    assert.doesNotMatch(line, control);
    assert.match(line, /\\u2028d\\u2029e\\u0085f\\u001b\[2Jg\\u009bh/);
  });

  test(`When an error is logged as ${format}, then its name, message and stack are in the line`, () => {
    const { logger, lines } = recordingLogger(format);
    logger.error("unexpected error", { error: new TypeError("no\nsuch thing") });

    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? "", /TypeError.*no\\nsuch thing.*at .*logger\.test\.[jt]s:\d+/);
  });
}

test("When a json line was escaped, then whoever parses it gets what was logged", () => {
  const { logger, lines } = recordingLogger("json");
  logger.info(nasty, { field: nasty });
  const line: unknown = JSON.parse(lines[0] ?? "");

  assert.equal(member(line, "message"), nasty);
  assert.equal(member(line, "field"), nasty);
});

test("When the level is warn, then info and debug are left out", () => {
  const { lines, stream } = sink(false);
  const logger = createLogger({ service: "s", level: "warn", format: "json", stream });
  for (const level of ["debug", "info", "warn", "error"]) logger.log(level, level);

  assert.deepEqual(
    lines.map((line) => member(JSON.parse(line), "level")),
    ["warn", "error"],
  );
});

for (const isTTY of [true, false])
  test(`When the format is auto and the stream is ${isTTY ? "a" : "no"} terminal, then it is ${isTTY ? "pretty" : "json"}`, () => {
    const { lines, stream } = sink(isTTY);
    createLogger({ service: "s", level: "info", format: "auto", stream }).info("hello");

    assert.equal(lines[0]?.startsWith("{"), !isTTY);
  });

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
