import { gzipSync } from "node:zlib";

/** What is wrong with a message, its body and properties, and the reason that its dead letter gives. */
export type BrokenMessage = readonly [flaw: string, body: string | Buffer, reason: string, properties?: object];

const notAnId = "order_id is not 1 to 64 of A-Z a-z 0-9 _ -";
const notAnObject = "the body is not a JSON object";
const notUtf8 = "the body is not UTF-8";
const repeated = "the body has a member twice";
const otherVersion = "x-schema-version is not 1 or less";

const order = '{"order_id":"a"}';
const megabytes15 = 15_000_000;

const id = (text: string) => JSON.stringify({ order_id: text });
const bytes = (...parts: readonly (string | number)[]) =>
  Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : Buffer.from([part]))));
const version = (value: unknown) => ({ headers: { "x-schema-version": value } });

// biome-ignore format: one row a line
export const brokenMessages: readonly BrokenMessage[] = [
  ["is empty", "", notAnObject],
  ["is white space", " \n\t", notAnObject],
  ["is no JSON", "order_id=1", notAnObject],
  ["is XML", "<order><order_id>a</order_id></order>", notAnObject],
  ["breaks off in the middle", '{"order_id":"a"', notAnObject],
  ["has a brace too many", `${order}}`, notAnObject],
  ["is two orders", `${order}\n${order}`, notAnObject],
  ["has a comma too many", '{"order_id":"a",}', notAnObject],
  ["has single quotes", "{'order_id':'a'}", notAnObject],
  ["has a comment", '{"order_id":"a"/* really */}', notAnObject],
  ["has a line feed in a string", '{"order_id":"a","note":"\n"}', notAnObject],
  ["is an array", `[${order}]`, notAnObject],
  ["is a string", '"a"', notAnObject],
  ["is a string of JSON", JSON.stringify(order), notAnObject],
  ["is a number", "5", notAnObject],
  ["is true", "true", notAnObject],
  ["is null", "null", notAnObject],
  ["is nested 100,000 deep", "[".repeat(100_000), notAnObject],
  ["is 15 MB of one letter", "a".repeat(megabytes15), notAnObject],
  ["is 15 MB of JSON without an order", JSON.stringify({ note: "a".repeat(megabytes15) }), notAnId],
  ["begins with two byte order marks", `\ufeff\ufeff${order}`, notAnObject],
  ["is a byte order mark", "\ufeff", notAnObject],
  ["is UTF-16", Buffer.from(order, "utf16le"), notAnObject],
  ["is UTF-16 with a byte order mark", bytes(0xff, 0xfe, 0x7b, 0, 0x7d, 0), notUtf8],
  ["is Latin-1", Buffer.from('{"order_id":"a","note":"é"}', "latin1"), notUtf8],
  ["has a byte that is not UTF-8", bytes('{"order_id":"a","note":"', 0xc3, 0x28, '"}'), notUtf8],
  ["has an overlong letter", bytes('{"order_id":"', 0xc1, 0xa1, '"}'), notUtf8],
  ["has a surrogate in UTF-8", bytes('{"order_id":"a","note":"', 0xed, 0xa0, 0x80, '"}'), notUtf8],
  ["is compressed", gzipSync(order), notUtf8, { contentEncoding: "gzip" }],
  ["is MessagePack", bytes(0x81, 0xa8, "order_id", 0xa1, "a"), notUtf8, { contentType: "application/msgpack" }],
  ["is BSON", bytes(0x15, 0, 0, 0, 2, "order_id", 0, 2, 0, 0, 0, "a", 0, 0), notAnObject],
  ["has no order_id", '{"id":"a"}', notAnId],
  ["has its order_id in capitals", '{"ORDER_ID":"a"}', notAnId],
  ["has its order_id further inside", `{"order":${order}}`, notAnId],
  ["has its order_id in a prototype", `{"__proto__":${order}}`, notAnId],
  ["has a number for an order_id", '{"order_id":1}', notAnId],
  ["has 1e400 for an order_id", '{"order_id":1e400}', notAnId],
  ["has true for an order_id", '{"order_id":true}', notAnId],
  ["has an array for an order_id", '{"order_id":["a"]}', notAnId],
  ["has an object for an order_id", '{"order_id":{"toString":"a"}}', notAnId],
  ["has null for an order_id", '{"order_id":null}', notAnId],
  ["has an empty order_id", id(""), notAnId],
  ["has an order_id of 65 characters", id("a".repeat(65)), notAnId],
  ["has an order_id of a million characters", id("a".repeat(1_000_000)), notAnId],
  ["has a line feed in its order_id", id("a\nNew order received: b"), notAnId],
  ["has a carriage return in its order_id", id("a\rNew order received: b"), notAnId],
  ["has a line separator in its order_id", id("a\u2028New order received: b"), notAnId],
  ["has a line feed behind its order_id", id("a\n"), notAnId],
  ["has a terminal's command in its order_id", id("a\u001b[2J"), notAnId],
  ["has a NUL in its order_id", id("a\u0000"), notAnId],
  ["has a space in its order_id", id(" a"), notAnId],
  ["has a dot in its order_id", id("a.b"), notAnId],
  ["has a path for an order_id", id("../a"), notAnId],
  ["has a letter that is not ASCII in its order_id", id("ä"), notAnId],
  ["has a bidi override in its order_id", id("\u202ea"), notAnId],
  ["has a zero-width space in its order_id", id("a\u200b"), notAnId],
  ["has half a surrogate pair in its order_id", '{"order_id":"\\ud83d"}', notAnId],
  ["has two order_ids", '{"order_id":"a","order_id":"b"}', repeated],
  ["has two order_ids, one of them in escapes", '{"order_id":"a","order\\u005fid":"b"}', repeated],
  ["has a member twice further inside", '{"order_id":"a","items":[{"sku":1,"sku":2}]}', repeated],
  ["has schema version 2", order, otherVersion, version(2)],
  ["has schema version 2^31", order, otherVersion, version(2 ** 31)],
  ["has schema version 1.5", order, otherVersion, version(1.5)],
  ['has schema version "1", a string', order, otherVersion, version("1")],
  ["has schema version true", order, otherVersion, version(true)],
  ["has schema version null", order, otherVersion, version(null)],
  ["has a table for a schema version", order, otherVersion, version({ "1": 1 })],
  ["has a list for a schema version", order, otherVersion, version([1])],
];
