import { once } from "node:events";
import { Agent, type ClientRequest, type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import { keepPasswords } from "./kept_logs.js";

interface HeldAnswer {
  readonly status: number | undefined;
  /** The `Connection` header. */
  readonly connection: string | undefined;
  readonly body: unknown;
}

/** A request that the service has begun to handle, and whose body is still to come. */
export class HeldRequest {
  readonly #request: ClientRequest;
  readonly #body: string;
  readonly #response: Promise<IncomingMessage>;

  private constructor(held: ClientRequest, body: string) {
    this.#request = held;
    this.#body = body;
    this.#response = once(held, "response").then(([response]) => response);
    // It may be cut off before anybody waits for the answer.
    this.#response.catch(() => {});
  }

  /** Sends the head of a POST and waits until the service asks for the body: from then on it is under way. */
  static async begin(url: string, json: object): Promise<HeldRequest> {
    const body = JSON.stringify(json);
    keepPasswords(body);
    const headers = { "Content-Type": "application/json", "Content-Length": body.length, Expect: "100-continue" };
    const held = request(url, { method: "POST", headers, agent: new Agent({ keepAlive: true }) });
    const begun = new HeldRequest(held, body);
    held.flushHeaders();
    await once(held, "continue");
    return begun;
  }

  /** Sends the body and returns the answer; rejects if the service cut the connection. */
  async finish(): Promise<HeldAnswer> {
    this.#request.end(this.#body);
    const response = await this.#response;
    const { statusCode: status, headers } = response;
    return { status, connection: headers.connection, body: JSON.parse(await text(response)) };
  }

  /** Resolves when the service has cut the connection. */
  async cut(): Promise<void> {
    await this.#response.catch(() => {});
  }
}
