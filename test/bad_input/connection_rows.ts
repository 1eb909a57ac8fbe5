import { ask, authorization, cut, type Row, raw, send } from "./row.js";

/** A collection of a service: its path, and a body that it would take. */
export interface Resource {
  readonly path: string;
  readonly valid: string;
}

const unreadable = "The request can't be read.";
const headTooLarge = "The head of the request is larger than 16384 bytes.";
const oneHost = "A request must have exactly one Host header.";

/** What is wrong below HTTP's meaning: lines, lengths, hosts; most of it is how requests are smuggled. */
export function connectionRows({ path, valid }: Resource): readonly Row[] {
  const get = (rest: string) => raw(`GET ${path} HTTP/1.1\r\n${rest}`);
  const post = (headers: string, body = valid) =>
    raw(
      `POST ${path} HTTP/1.1\r\nHost: a\r\n${authorization}\r\nContent-Type: application/json\r\n${headers}\r\n\r\n${body}`,
    );
  const chunked = (body: string) => post("Transfer-Encoding: chunked", body);
  const smuggled = `0\r\n\r\nPOST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: ${valid.length}\r\n\r\n${valid}`;
  const manyHeaders = "a:\r\n".repeat(2_100);
  // biome-ignore format: one row a line
  return [
    ["no Host", ask(`GET ${path}`, "Host:"), 400, "", oneHost],
    ["two Hosts", ask(`GET ${path}`, "Host: a", "Host: b"), 400, "", oneHost],
    ["the same Host twice", ask(`GET ${path}`, "Host: a", "Host: a"), 400, "", oneHost],
    ["a second Host behind 2,100 headers", get(`Connection: close\r\nHost: a\r\n${manyHeaders}Host: b\r\n\r\n`), 400, "", oneHost],
    ["HTTP/1.0 and no Host", raw(`GET ${path} HTTP/1.0\r\n\r\n`), 401, "", "Send an API key as Authorization: Bearer <key>."],
    ["HTTP/0.9", raw(`GET ${path}\r\n\r\n`), 400, "", oneHost],
    ["HTTP/2's preface", raw("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 400, "", unreadable],
    ["HTTP/1.9", raw(`GET ${path} HTTP/1.9\r\nHost: a\r\n\r\n`), 400, "", unreadable],
    ["a TLS handshake", raw(Buffer.from("16030100a5010000a10303", "hex")), 400, "", unreadable],
    ["an unknown method", raw(`BREW ${path} HTTP/1.1\r\nHost: a\r\n\r\n`), 400, "", unreadable],
    ["a method in small letters", raw(`get ${path} HTTP/1.1\r\nHost: a\r\n\r\n`), 400, "", unreadable],
    ["a space in its path", raw(`GET ${path}/a b HTTP/1.1\r\nHost: a\r\n\r\n`), 400, "", unreadable],
    ["a NUL in its path", raw(`GET ${path}/\0 HTTP/1.1\r\nHost: a\r\n\r\n`), 400, "", unreadable],
    ["bare line feeds", raw(`GET ${path} HTTP/1.1\nHost: a\n\n`), 400, "", unreadable],
    ["a bare line feed behind a header", get("Host: a\nX-A: b\r\n\r\n"), 400, "", unreadable],
    ["a bare carriage return in a header", get("Host: a\r\nX-A: b\rX-B: c\r\n\r\n"), 400, "", unreadable],
    ["a NUL in a header", get("Host: a\r\nX-A: b\0\r\n\r\n"), 400, "", unreadable],
    ["a header folded into a second line", get("Host: a\r\nX-A: b\r\n c\r\n\r\n"), 400, "", unreadable],
    ["a space before the colon", get("Host: a\r\nContent-Length : 5\r\n\r\nhello"), 400, "", unreadable],
    ["a header without a name", get("Host: a\r\n: b\r\n\r\n"), 400, "", unreadable],
    ["a header without a colon", get("Host: a\r\nX-A\r\n\r\n"), 400, "", unreadable],
    ["a header of 20,000 bytes", get(`Host: a\r\nX-A: ${"b".repeat(20_000)}\r\n\r\n`), 431, "", headTooLarge],
    ["300 headers of 100 bytes", get(`Host: a\r\n${`X-A: ${"b".repeat(93)}\r\n`.repeat(300)}\r\n`), 431, "", headTooLarge],
    ["a path of 20,000 bytes", raw(`GET ${path}/${"a".repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`), 431, "", headTooLarge],
    ["a head that breaks off", cut(raw(`GET ${path} HTTP/1.1\r\nHost: a\r\nX-A`)), 400, "", unreadable],
    ["both lengths (CL+TE)", post(`Content-Length: ${smuggled.length}\r\nTransfer-Encoding: chunked`, smuggled), 400, "", unreadable],
    ["both lengths (TE+CL)", post("Transfer-Encoding: chunked\r\nContent-Length: 4", smuggled), 400, "", unreadable],
    ["two lengths", post(`Content-Length: ${valid.length}\r\nContent-Length: 5`), 400, "", unreadable],
    ["the same length twice", post(`Content-Length: ${valid.length}\r\nContent-Length: ${valid.length}`), 400, "", unreadable],
    ["a list for a length", post(`Content-Length: ${valid.length}, ${valid.length}`), 400, "", unreadable],
    ["a negative length", post("Content-Length: -1"), 400, "", unreadable],
    ["a length with a sign", post(`Content-Length: +${valid.length}`), 400, "", unreadable],
    ["a hexadecimal length", post("Content-Length: 0x10"), 400, "", unreadable],
    ["a length beyond 2^64", post("Content-Length: 99999999999999999999"), 400, "", unreadable],
    ["an empty length", post("Content-Length:"), 400, "", unreadable],
    ["a body shorter than its length", cut(post(`Content-Length: ${valid.length + 9}`)), 400, "", unreadable],
    ["an unknown transfer encoding", post("Transfer-Encoding: gzip", valid), 400, "", unreadable],
    ["chunked before another encoding", post("Transfer-Encoding: chunked, gzip", smuggled), 400, "", unreadable],
    ["a transfer encoding that is nearly chunked", post("Transfer-Encoding: xchunked", smuggled), 400, "", unreadable],
    ["two transfer encodings", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", smuggled), 400, "", unreadable],
    ["a chunk size that is no number", chunked(`zz\r\n${valid}\r\n0\r\n\r\n`), 400, "", unreadable],
    ["a negative chunk size", chunked(`-1\r\n${valid}\r\n0\r\n\r\n`), 400, "", unreadable],
    ["a chunk size beyond 2^64", chunked(`fffffffffffffffff\r\n${valid}\r\n0\r\n\r\n`), 400, "", unreadable],
    ["a chunk longer than its size", chunked(`5\r\n${valid}\r\n0\r\n\r\n`), 400, "", unreadable],
    ["a chunk ended by a bare line feed", chunked(`${valid.length.toString(16)}\r\n${valid}\n0\r\n\r\n`), 400, "", unreadable],
    ["a chunk size ended by a bare line feed", chunked(`${valid.length.toString(16)}\n${valid}\r\n0\r\n\r\n`), 400, "", unreadable],
    ["a chunked body that breaks off", cut(chunked(`ff\r\n${valid}`)), 400, "", unreadable],
    ["a chunk extension of 20,000 bytes", chunked(`1;${"a".repeat(20_000)}\r\n{\r\n0\r\n\r\n`), 400, "", unreadable],
    ["a head that never ends", get("Host: a\r\nX-A: b"), 408, "", "The request took too long to arrive."],
    ["an unknown expectation and no JSON", send(`POST ${path}`, "x", "Expect: a-miracle"), 400, "", "The body is not valid JSON."],
  ];
}
