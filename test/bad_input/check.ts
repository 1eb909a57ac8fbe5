import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { assertDocumented } from "../support/documented.js";
import { call, member } from "../support/http.js";
import type { RawAnswer } from "../support/raw_http.js";
import type { RunningService } from "../support/services.js";
import { exchange, type RawRequest } from "./exchange.js";
import { apiKey, existingId, noBody, type Row } from "./row.js";

interface Target {
  readonly service: RunningService;
  readonly collection: string;
  /** The lines of the service's log. */
  readonly log: readonly string[];
  /** The id of a row that is there before the first request. */
  readonly id: string;
}

/** A test for each row: it is answered as it says, and nothing is any different afterwards. */
export function checkRows(rows: readonly Row[], target: Target): void {
  // Some at once, since one of them takes ten seconds to be answered.
  describe("rows", { concurrency: 4 }, () => {
    for (const [name, request, status, field, message] of rows)
      test(`When a request has ${name}, then it is answered ${status}`, async () => {
        const before = await stored(target);
        const answer = await exchange(target.service.url, withId(request, target.id));

        checkAnswer(answer, status, field, message);
        checkDocumented(target.service.url, request, answer);
        assert.deepEqual(await stored(target), before, "the rows in the database are as they were");
        assert.equal((await call(`${target.service.url}/health`)).status, 200, "the process is healthy");
      });
  });

  test("When the rows are counted", (t) => {
    t.diagnostic(`${rows.length} rows of bad input for ${target.collection}`);
    assert.ok(rows.length >= 120);
  });

  test("When all of them were sent, then nothing unexpected is in the log, and no secret", () => {
    const { log } = target;

    assert.ok(log.length >= rows.length);
    // A busy machine may have taken more than one try to connect, at the start.
    const ours = log.filter((line) => !line.includes("is not reachable yet"));
    const loud = ours.filter((line) => /"level":"(error|warn)"/.test(line));
    assert.deepEqual(loud, []);
    const secrets = log.filter((line) => line.includes(apiKey) || line.includes("correct horse"));
    assert.deepEqual(secrets, []);
  });
}

const stored = ({ service, collection }: Target) =>
  service.database.connection.collection(collection).find().sort({ _id: 1 }).toArray();

function withId({ bytes, ...rest }: RawRequest, id: string): RawRequest {
  return bytes.includes(existingId)
    ? { ...rest, bytes: Buffer.from(bytes.toString("latin1").replaceAll(existingId, id), "latin1") }
    : { ...rest, bytes };
}

/** What was sent as a request for one of the paths is answered as the OpenAPI document says. */
function checkDocumented(url: string, { bytes }: RawRequest, answer: RawAnswer): void {
  const [, method, path] = /^([A-Z]+) (\/\S*) HTTP\/1\.1/.exec(bytes.toString("latin1")) ?? [];
  if (method && path) assertDocumented(`${url}${path}`, method, answer);
}

/** A word of what is inside: a stack, a path of ours, HTML. */
const inside =
  /\bat .+:\d+|node_modules|file:\/\/|\.[cm]?[jt]s\b|\/(dist|src|home|root|usr)\/|mongo|<(?!key>)\/?[a-z!]/i;

function checkAnswer(answer: RawAnswer, expected: number, field: string, message: string) {
  const { status, headers, text: body, received } = answer;
  assert.equal(status, expected, `${received.split("\r\n", 1)} ${body.slice(0, 300)}`);
  assert.equal(received.match(/HTTP\/1\.1 /g)?.length, 1, "one request has one answer");
  assert.doesNotMatch(body, inside);
  if (message === noBody) return assert.equal(body, "");
  assert.match(headers.get("content-type") ?? "", /^application\/problem\+json\b/);
  const problem: unknown = JSON.parse(body);
  assert.equal(member(problem, "status"), expected);
  assert.equal(member(problem, "request_id"), headers.get("x-request-id"));
  const errors = mistakes(problem);
  assert.deepEqual(errors.map(({ place }) => place).join(", "), field);
  assert.equal(field === "" ? member(problem, "detail") : errors[0]?.message, message);
  return undefined;
}

function mistakes(problem: unknown): readonly { readonly place: string; readonly message: unknown }[] {
  const errors = member(problem, "errors") ?? [];
  assert.ok(Array.isArray(errors) && errors.length <= 20);
  return errors.map((error) => ({
    place: `${member(error, "in")} ${member(error, "field")}`.trim(),
    message: member(error, "message"),
  }));
}
