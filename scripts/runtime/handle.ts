/** A database or a broker that tests and `make up` can do things to, whatever it runs in. */
export interface ServerHandle {
  /** For people: "SecantusDB 0.7.0b3 (embedded)". */
  readonly kind: string;
  readonly url: string;
  /** Resolves when clients can use it. Does nothing if it runs; after `kill` the same data is back on the same port. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** SIGKILL to all of it. Throws where it was given by its URL, as `freeze` and `thaw` do. */
  kill(): Promise<void>;
  /** It keeps its connections and answers nothing, until `thaw`. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Stops it and forgets its data. */
  remove(): Promise<void>;
}

/** A broker that is ours. */
export interface BrokerHandle extends ServerHandle {
  /** Runs rabbitmqctl against this broker and returns what it prints. */
  readonly ctl: (...args: readonly string[]) => Promise<string>;
}
