import { connect, createServer, type Server, type Socket } from "node:net";
import { BSON } from "mongodb";
import { ConnectionString } from "mongodb-connection-string-url";
import { afterAll } from "./cleanup.js";
import { listenLocally } from "./listening.js";

const opReply = 1;
const opMsg = 2013;
/** Where the first document of a message begins: behind its header and the flags of its kind. */
const documentAt: Readonly<Record<number, number>> = { [opReply]: 36, [opMsg]: 21 };

/** A command that a client has sent to a member. */
export interface Request {
  readonly member: number;
  readonly command: BSON.Document;
  /** Has the database carry it out, and resolves to its reply; `command` replaces what the client sent. */
  forward(command?: BSON.Document): Promise<BSON.Document>;
}

/** Shows a database to the driver as a replica set of two members, both of them that database, until the tests are over. */
export abstract class ReplicaSetProxy {
  /** Which member says of itself that it is the primary. */
  primary: number | undefined = 0;
  readonly #servers: Server[] = [];
  readonly #hosts: string[] = [];
  readonly #sockets = new Set<Socket>();

  /** The URI that leads through the proxy to the database at `uri`; it has `options` beside those of `uri`. */
  protected async listen(uri: string, options: Readonly<Record<string, string>>): Promise<string> {
    afterAll(async () => {
      for (const server of this.#servers) server.close();
      for (const socket of this.#sockets) socket.destroy();
    });
    const parsed = new ConnectionString(uri);
    const [host = "", port = ""] = parsed.hosts[0]?.split(":") ?? [];
    for (const member of [0, 1]) await this.#listen(host, Number(port), member);
    parsed.hosts = this.#hosts;
    for (const [name, value] of Object.entries({ ...options, replicaSet: "proxied" }))
      parsed.searchParams.set(name, value);
    return parsed.href;
  }

  /** The reply to a command that a client has sent; undefined: the connection is lost. */
  protected abstract reply(request: Request): Promise<BSON.Document | undefined>;

  async #listen(targetHost: string, targetPort: number, member: number): Promise<void> {
    const server = createServer((client) => {
      const database = connect(targetPort, targetHost);
      closeTogether(client, database, this.#sockets);
      const waiting = new Map<number, (message: Buffer) => void>();
      const ask = (message: Buffer) => {
        database.write(message);
        return new Promise<Buffer>((resolve) => waiting.set(message.readInt32LE(4), resolve));
      };
      onMessages(database, (message) => waiting.get(message.readInt32LE(8))?.(message));
      onMessages(client, async (message) => {
        const answer = await this.#answer(message, member, ask);
        if (answer) client.write(answer);
        else client.destroy();
      });
    });
    this.#servers.push(server);
    this.#hosts.push(`127.0.0.1:${await listenLocally(server)}`);
  }

  async #answer(message: Buffer, member: number, ask: (message: Buffer) => Promise<Buffer>) {
    const command = documentOf(message);
    if (!command || command["hello"] || command["ismaster"]) return this.#withTopology(await ask(message), member);
    let raw: Buffer | undefined;
    const forward = async (changed?: BSON.Document) => {
      raw = await ask(changed ? withDocument(message, changed) : message);
      return documentOf(raw) ?? {};
    };
    const reply = await this.reply({ member, command, forward });
    return reply && withDocument(raw ?? emptyReply(message.readInt32LE(4)), reply);
  }

  #withTopology(response: Buffer, member: number): Buffer {
    const document = documentOf(response);
    if (document?.["maxWireVersion"] === undefined) return response;
    const { topologyVersion: _, msg: __, ...others } = document;
    const isPrimary = member === this.primary;
    const hosts = { hosts: this.#hosts, me: this.#hosts[member], primary: this.#hosts[this.primary ?? -1] };
    const role = { ismaster: isPrimary, isWritablePrimary: isPrimary, secondary: !isPrimary };
    const lastWrite = {
      lastWriteDate: new Date(),
      opTime: { ts: new BSON.Timestamp({ t: 1, i: 1 }), t: BSON.Long.ONE },
    };
    const set = { setName: "proxied", setVersion: 1, logicalSessionTimeoutMinutes: 30, lastWrite };
    return withDocument(response, { ...others, ...set, ...hosts, ...role });
  }
}

export function documentOf(message: Buffer): BSON.Document | undefined {
  const at = documentAt[message.readInt32LE(12)];
  if (at === undefined) return undefined;
  return BSON.deserialize(message.subarray(at, at + message.readInt32LE(at)), { promoteLongs: false });
}

/** `message` with another first document, and its length. */
export function withDocument(message: Buffer, document: BSON.Document): Buffer {
  const at = documentAt[message.readInt32LE(12)] ?? 0;
  const behind = message.subarray(at + message.readInt32LE(at));
  const changed = Buffer.concat([message.subarray(0, at), BSON.serialize(document, { ignoreUndefined: true }), behind]);
  changed.writeInt32LE(changed.length, 0);
  return changed;
}

function emptyReply(requestId: number): Buffer {
  const head = Buffer.alloc(21);
  head.writeInt32LE(requestId, 8);
  head.writeInt32LE(opMsg, 12);
  return Buffer.concat([head, BSON.serialize({})]);
}

/** Calls `take` with each whole message of MongoDB's wire protocol. */
export function onMessages(socket: Socket, take: (message: Buffer) => void): void {
  let rest = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= rest.readInt32LE(0)) {
      const length = rest.readInt32LE(0);
      take(rest.subarray(0, length));
      rest = rest.subarray(length);
    }
  });
}

/** Closes each socket of a proxy's pair when the other is closed, and adds both to `sockets`. */
export function closeTogether(client: Socket, server: Socket, sockets: Set<Socket>): void {
  for (const [from, to] of [
    [client, server],
    [server, client],
  ] as const) {
    sockets.add(from);
    from.on("error", () => {});
    from.on("close", () => to.destroy());
  }
}
