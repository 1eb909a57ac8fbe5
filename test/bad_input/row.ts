import type { RawRequest } from "./exchange.js";

/**
 * `field` says where the mistakes are, `body /items/0/sku` or `query limit` for example, several separated by commas;
 * it is empty where the request as a whole is refused. `message` is the first mistake's, or else the detail.
 */
export type Row = readonly [name: string, request: RawRequest, status: number, field: string, message: string];

/** In place of a message in the answer to HEAD. */
export const noBody = "(no body)";

/** In a request in place of the id of what is there already. */
export const existingId = "{id}";

export const apiKey = "a-key-for-the-bad-input-tables";

/** The bytes as they are typed; a string is sent as UTF-8. */
export const raw = (text: string | Buffer): RawRequest => ({ bytes: Buffer.from(text) });

/** The same, and then nothing: the client ends its side of the connection. */
export const cut = (request: RawRequest): RawRequest => ({ ...request, cut: true });

/** A request without a body. A header line that is given replaces the one that would be sent. */
export const ask = (startLine: string, ...headers: readonly string[]): RawRequest =>
  raw(head(startLine, ["Host: localhost", ...standing], headers));

/** A request with a body, JSON unless a header line says otherwise. */
export function send(startLine: string, body: string | Buffer, ...headers: readonly string[]): RawRequest {
  const content = Buffer.from(body);
  const chunked = headers.some((line) => /^Transfer-Encoding:/i.test(line));
  const length = chunked ? [] : [`Content-Length: ${content.length}`];
  const own = ["Host: localhost", "Content-Type: application/json", ...length, ...standing];
  return raw(Buffer.concat([Buffer.from(head(startLine, own, headers)), content]));
}

export const authorization = `Authorization: Bearer ${apiKey}`;

const standing = ["Connection: close", authorization];

/** `Name:` alone leaves that header out. */
function head(startLine: string, own: readonly string[], given: readonly string[]): string {
  const replaced = new Set(given.map(nameOf));
  const lines = [...own.filter((line) => !replaced.has(nameOf(line))), ...given.filter((line) => !line.endsWith(":"))];
  return [`${startLine} HTTP/1.1`, ...lines, "", ""].join("\r\n");
}

const nameOf = (line: string): string => line.split(":", 1)[0]?.toLowerCase() ?? "";
