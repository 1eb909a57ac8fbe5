import { assertDocumented } from "./documented.js";
import { keepPasswords } from "./kept_logs.js";

/** A response as a test looks at it. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed JSON; undefined where there is none. */
  readonly body: unknown;
}

interface Call {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

/** Makes one HTTP call. Fails where one of our services answers otherwise than its `openapi.json` says. */
export async function call(url: string, { method = "GET", headers = {}, json, body }: Call = {}): Promise<Answer> {
  const sent = json === undefined ? body : JSON.stringify(json);
  if (sent !== undefined) keepPasswords(sent);
  const response = await fetch(url, {
    method,
    headers: { ...(json !== undefined && { "Content-Type": "application/json" }), ...headers },
    ...(sent !== undefined && { body: sent }),
    redirect: "manual",
  });
  const text = await response.text();
  const answer: Answer = {
    status: response.status,
    headers: response.headers,
    body: parseBody(response.headers, text),
  };
  assertDocumented(url, method, answer);
  return answer;
}

/** The JSON that an answer's text is, if its headers say that it is some. */
export function parseBody(headers: Headers, text: string): unknown {
  return text && /[/+]json/.test(headers.get("Content-Type") ?? "") ? JSON.parse(text) : undefined;
}

/** The member `name` of an answer's body, which must be an object; undefined where it has none. */
export function member(body: unknown, name: string): unknown {
  if (typeof body !== "object" || body === null) throw new Error(`not an object: ${JSON.stringify(body)}`);
  return Object.entries(body).find(([key]) => key === name)?.[1];
}

/** The same, for a string. */
export function text(body: unknown, name: string): string {
  const value = member(body, name);
  if (typeof value !== "string") throw new Error(`${name} is not a string: ${JSON.stringify(body)}`);
  return value;
}

/** Throws if the line is no JSON object. */
export function parseObject(line: string): object {
  const value: unknown = JSON.parse(line);
  if (typeof value !== "object" || value === null) throw new Error(`not an object: ${line}`);
  return value;
}
