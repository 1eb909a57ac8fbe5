import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import type { Resource } from "./connection_rows.js";
import { type Row, send } from "./row.js";

const notJson = "The body is not valid JSON.";
const notUtf8 = "The body is not valid UTF-8.";
const empty = "The body is empty; send a JSON object.";
const tooLarge = "The body is larger than 102,400 bytes.";
const repeated = "An object in the body has a member twice.";
const notObject = "must be a JSON object";
const mediaType = "The body must be JSON in UTF-8, sent with Content-Type: application/json.";
const encoding = "The content encoding is not supported; send identity, gzip, deflate or br.";
const corrupt = "The body can't be decompressed.";

const limit = 102_400;
const bomb = Buffer.alloc(5_000_000, " ");

/** What is wrong with a body before it is asked what it says. */
export function bodyRows({ path, valid }: Resource): readonly Row[] {
  const post = (body: string | Buffer, ...headers: readonly string[]) => send(`POST ${path}`, body, ...headers);
  const inside = valid.slice(1, -1);
  const padded = (size: number) => valid + " ".repeat(size - valid.length);
  const chunk = (body: string) => `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
  const spoilt = (bytes: readonly number[]) =>
    Buffer.concat([Buffer.from(`{"a":"`), Buffer.from(bytes), Buffer.from(`",${inside}}`)]);
  const packed = gzipSync(valid);
  // biome-ignore format: one row a line
  return [
    ["no body and no length", post("", "Content-Length:"), 400, "", empty],
    ["an empty body", post(""), 400, "", empty],
    ["an empty chunked body", post("0\r\n\r\n", "Transfer-Encoding: chunked"), 400, "", empty],
    ["a body of white space", post(" \n "), 400, "", notJson],
    ["half a body", post(valid.slice(0, 20)), 400, "", notJson],
    ["a brace too many", post(`${valid}}`), 400, "", notJson],
    ["two bodies", post(valid + valid), 400, "", notJson],
    ["a comma behind the last member", post(`{${inside},}`), 400, "", notJson],
    ["a comment", post(`{/* please */${inside}}`), 400, "", notJson],
    ["single quotes", post(valid.replaceAll('"', "'")), 400, "", notJson],
    ["names without quotes", post(valid.replaceAll(/"(\w+)":/g, "$1:")), 400, "", notJson],
    ["NaN", post(`{"a":NaN,${inside}}`), 400, "", notJson],
    ["a number that begins with 0", post(`{"a":01,${inside}}`), 400, "", notJson],
    ["a hexadecimal number", post(`{"a":0x1,${inside}}`), 400, "", notJson],
    ["a line feed inside a string", post(`{"a":"\n",${inside}}`), 400, "", notJson],
    ["an unknown escape", post(`{"a":"\\x41",${inside}}`), 400, "", notJson],
    ["XML", post("<user><name>Ada</name></user>"), 400, "", notJson],
    ["a form's body", post("name=Ada&email=ada%40example.com"), 400, "", notJson],
    ["BSON", post(Buffer.from("16000000026e616d6500040000004164610000", "hex")), 400, "", notJson],
    ["a string for a body", post('"Ada"'), 422, "body", notObject],
    ["a number for a body", post("5"), 422, "body", notObject],
    ["null for a body", post("null"), 422, "body", notObject],
    ["an array for a body", post("[]"), 422, "body", notObject],
    ["a good body inside an array", post(`[${valid}]`), 422, "body", notObject],
    ["50,000 arrays in each other", post("[".repeat(50_000) + "]".repeat(50_000)), 422, "body", notObject],
    ["50,000 arrays that don't end", post("[".repeat(50_000)), 400, "", notJson],
    ["a member twice", post(`{${inside},${inside}}`), 400, "", repeated],
    ["a member twice, once with escapes", post(`{${inside},${inside.replace(/"(\w)/, (_, c) => `"\\u00${c.charCodeAt(0).toString(16)}`)}}`), 400, "", repeated],
    ["__proto__ twice", post(`{${inside},"__proto__":1,"__proto__":2}`), 400, "", repeated],
    ["a member twice deep inside", post(`{${inside},"a":[[{"b":{"c":1,"d":":","c":2}}]]}`), 400, "", repeated],
    ["a byte that is not UTF-8", post(spoilt([0xff])), 400, "", notUtf8],
    ["a character cut in the middle", post(spoilt([0xe2, 0x82])), 400, "", notUtf8],
    ["an overlong slash", post(spoilt([0xc0, 0xaf])), 400, "", notUtf8],
    ["a surrogate in UTF-8", post(spoilt([0xed, 0xa0, 0x80])), 400, "", notUtf8],
    ["Latin-1", post(Buffer.from(`{"a":"é",${inside}}`, "latin1")), 400, "", notUtf8],
    ["UTF-16", post(Buffer.from(valid, "utf16le")), 400, "", notJson],
    ["a byte more than the limit", post(padded(limit + 1)), 413, "", tooLarge],
    ["a byte more than the limit, chunked", post(chunk(padded(limit + 1)), "Transfer-Encoding: chunked"), 413, "", tooLarge],
    ["a bomb of gzip", post(gzipSync(bomb), "Content-Encoding: gzip"), 413, "", tooLarge],
    ["a bomb of deflate", post(deflateSync(bomb), "Content-Encoding: deflate"), 413, "", tooLarge],
    ["a bomb of brotli", post(brotliCompressSync(bomb), "Content-Encoding: br"), 413, "", tooLarge],
    ["gzip in name only", post(valid, "Content-Encoding: gzip"), 400, "", corrupt],
    ["brotli in name only", post(valid, "Content-Encoding: br"), 400, "", corrupt],
    ["gzip with a wrong checksum", post(Buffer.concat([packed.subarray(0, -8), Buffer.alloc(8)]), "Content-Encoding: gzip"), 400, "", corrupt],
    ["gzip that breaks off", post(packed.subarray(0, -9), "Content-Encoding: gzip"), 400, "", corrupt],
    ["gzip that it keeps quiet about", post(packed), 400, "", notUtf8],
    ["two encodings", post(gzipSync(packed), "Content-Encoding: gzip, gzip"), 415, "", encoding],
    ["an unknown encoding", post(valid, "Content-Encoding: rot13"), 415, "", encoding],
    ["no media type", post(valid, "Content-Type:"), 415, "", mediaType],
    ["an empty media type", post(valid, "Content-Type: "), 415, "", mediaType],
    ["plain text", post(valid, "Content-Type: text/plain"), 415, "", mediaType],
    ["a form", post("a=b", "Content-Type: application/x-www-form-urlencoded"), 415, "", mediaType],
    ["a form of parts", post("--a--", "Content-Type: multipart/form-data; boundary=a"), 415, "", mediaType],
    ["another kind of JSON", post(valid, "Content-Type: application/merge-patch+json"), 415, "", mediaType],
    ["a media type that is nearly JSON", post(valid, "Content-Type: application/jsonp"), 415, "", mediaType],
    ["a media type that is no such thing", post(valid, "Content-Type: json"), 415, "", mediaType],
    ["another charset", post(valid, "Content-Type: application/json; charset=latin1"), 415, "", mediaType],
    ["UTF-16 and says so", post(Buffer.from(valid, "utf16le"), "Content-Type: application/json; charset=utf-16"), 415, "", mediaType],
    ["an unknown charset", post(valid, "Content-Type: application/json; charset=%00"), 415, "", mediaType],
  ];
}
