import { connect, createServer, type Socket } from "node:net";
import type { BSON } from "mongodb";
import { afterAll } from "./cleanup.js";
import { listenLocally } from "./listening.js";
import { closeTogether, documentOf, onMessages, withDocument } from "./replica_set_proxy.js";

/** A proxy in front of a database that lets a test change the replies to inserts, until the tests are over. */
export class InsertReplies {
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((client) => this.#forward(client));
  readonly #target: URL;
  /** Changes the reply to each insert. */
  change: (reply: BSON.Document) => BSON.Document = (reply) => reply;
  /** Inserts so far. */
  inserts = 0;

  private constructor(target: URL) {
    this.#target = target;
  }

  /** Returns a proxy in front of the database at `uri`, and the URI that leads through it. */
  static async inFrontOf(uri: string): Promise<{ readonly replies: InsertReplies; readonly uri: string }> {
    const target = new URL(uri);
    const replies = new InsertReplies(target);
    afterAll(async () => {
      replies.#server.close();
      for (const socket of replies.#sockets) socket.destroy();
    });
    const proxied = new URL(uri);
    proxied.host = `127.0.0.1:${await listenLocally(replies.#server)}`;
    return { replies, uri: proxied.href };
  }

  #forward(client: Socket): void {
    const database = connect(Number(this.#target.port), this.#target.hostname);
    closeTogether(client, database, this.#sockets);
    onMessages(client, (message) => database.write(message));
    onMessages(database, (message) => client.write(this.#changed(message)));
  }

  #changed(message: Buffer): Buffer {
    const reply = documentOf(message);
    // An update's reply has `nModified` too.
    if (reply?.["n"] === undefined || reply["nModified"] !== undefined) return message;
    this.inserts += 1;
    return withDocument(message, this.change(reply));
  }
}
