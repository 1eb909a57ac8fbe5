import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { BSON } from "mongodb";
import { ConnectionString } from "mongodb-connection-string-url";

const setName = "lagging";
const opReply = 1;
const opMsg = 2013;
/** Where the one document of a message begins: behind its header and the flags of its kind. */
const documentAt: Readonly<Record<number, number>> = { [opReply]: 36, [opMsg]: 21 };

interface Member {
  readonly server: Server;
  readonly host: string;
  readonly isPrimary: boolean;
}

/**
 * Shows a database to the driver as a replica set of two: the primary is the database itself, and the secondary has
 * nothing yet of all that was written. Only `hello` is rewritten, and what the secondary finds.
 */
export class LaggingReplicaSet {
  readonly #members: Member[] = [];
  readonly #sockets = new Set<Socket>();
  /** Finds that the secondary was asked for. */
  staleReads = 0;

  /** In front of the database at `uri`; the URI of the result has `options` beside those of `uri`. */
  static async inFrontOf(
    uri: string,
    options: string,
  ): Promise<{ readonly set: LaggingReplicaSet; readonly uri: string }> {
    const set = new LaggingReplicaSet();
    const parsed = new ConnectionString(uri);
    const [host = "", port = ""] = parsed.hosts[0]?.split(":") ?? [];
    for (const isPrimary of [true, false]) await set.#listen(host, Number(port), isPrimary);
    parsed.hosts = set.#members.map((member) => member.host);
    for (const [name, value] of new URLSearchParams(options)) parsed.searchParams.append(name, value);
    parsed.searchParams.set("replicaSet", setName);
    return { set, uri: parsed.href };
  }

  async close(): Promise<void> {
    for (const { server } of this.#members) server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #listen(targetHost: string, targetPort: number, isPrimary: boolean): Promise<void> {
    const server = createServer((client) => {
      const database = connect(targetPort, targetHost);
      closeTogether(client, database, this.#sockets);
      onMessages(client, (message) => {
        const stale = isPrimary ? undefined : this.#staleAnswer(message);
        if (stale) client.write(stale);
        else database.write(message);
      });
      onMessages(database, (message) => client.write(this.#withTopology(message, member)));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    const member = { server, host: `127.0.0.1:${address.port}`, isPrimary };
    this.#members.push(member);
  }

  /** An empty batch for a `find` or an `aggregate`; undefined for other commands. */
  #staleAnswer(request: Buffer): Buffer | undefined {
    if (request.readInt32LE(12) !== opMsg) return undefined;
    const command = documentOf(request);
    const collection: unknown = command?.["find"] ?? command?.["aggregate"];
    if (collection === undefined) return undefined;
    this.staleReads += 1;
    const cursor = { id: BSON.Long.ZERO, ns: `${command?.["$db"]}.${collection}`, firstBatch: [] };
    return reply(request.readInt32LE(4), { cursor, ok: 1 });
  }

  #withTopology(response: Buffer, { host, isPrimary }: Member): Buffer {
    const document = documentOf(response);
    if (document?.["maxWireVersion"] === undefined) return response;
    const hosts = this.#members.map((member) => member.host);
    const { topologyVersion: _, msg: __, ...others } = document;
    const role = { ismaster: isPrimary, isWritablePrimary: isPrimary, secondary: !isPrimary, primary: hosts[0] };
    const lastWrite = {
      lastWriteDate: new Date(),
      opTime: { ts: new BSON.Timestamp({ t: 1, i: 1 }), t: BSON.Long.ONE },
    };
    return withDocument(response, { ...others, ...role, setName, setVersion: 1, hosts, me: host, lastWrite });
  }
}

export function documentOf(message: Buffer): BSON.Document | undefined {
  const at = documentAt[message.readInt32LE(12)];
  return at === undefined ? undefined : BSON.deserialize(message.subarray(at, at + message.readInt32LE(at)));
}

/** `message` with another document, and its length. A checksum behind it, which is optional, goes. */
export function withDocument(message: Buffer, document: BSON.Document): Buffer {
  const head = Buffer.from(message.subarray(0, documentAt[message.readInt32LE(12)]));
  const changed = Buffer.concat([head, BSON.serialize(document)]);
  changed.writeInt32LE(changed.length, 0);
  return changed;
}

function reply(requestId: number, document: BSON.Document): Buffer {
  const head = Buffer.alloc(21);
  head.writeInt32LE(requestId, 8);
  head.writeInt32LE(opMsg, 12);
  return withDocument(head, document);
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
