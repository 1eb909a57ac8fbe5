import { EventEmitter, once } from "node:events";
import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { WebSocket } from "ws";

/** A line of a TypeScript file, counted from 0; the file is a file: URL. */
export interface Position {
  readonly source: string;
  readonly line: number;
}

interface Script {
  readonly scriptId: string;
  readonly url: string;
  readonly sourceMapURL: string;
}

/** Attaches to a process as an editor does: V8 names the compiled scripts, and their source maps the TypeScript. */
export class Inspector {
  readonly #socket: WebSocket;
  readonly #events = new EventEmitter();
  readonly #scripts = new Map<string, Script>();
  #lastId = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.#events.on("Debugger.scriptParsed", (script: Script) => this.#scripts.set(script.scriptId, script));
    socket.on("message", (data) => {
      const { id, method, params, result } = JSON.parse(data.toString());
      this.#events.emit(method ?? `response ${id}`, params ?? result);
    });
  }

  static async attach(port: number): Promise<Inspector> {
    const targets = await fetch(`http://127.0.0.1:${port}/json/list`);
    const [target] = JSON.parse(await targets.text());
    const socket = new WebSocket(target.webSocketDebuggerUrl);
    const inspector = new Inspector(socket);
    await once(socket, "open");
    await inspector.#send("Debugger.enable");
    return inspector;
  }

  /** Sets a breakpoint in the compiled code of that line. */
  async setBreakpoint({ source, line }: Position): Promise<void> {
    for (const script of this.#scripts.values()) {
      const lineNumber = positionsIn(script).findIndex((found) => found?.source === source && found.line === line);
      if (lineNumber >= 0) return this.#send("Debugger.setBreakpointByUrl", { url: script.url, lineNumber });
    }
    throw new Error(`no script was compiled from line ${line + 1} of ${source}`);
  }

  /** Waits until a breakpoint is hit, and returns where in the TypeScript that is. */
  async paused(): Promise<Position | undefined> {
    const [{ callFrames }] = await once(this.#events, "Debugger.paused");
    const { scriptId, lineNumber } = callFrames[0].location;
    const script = this.#scripts.get(scriptId);
    return script && positionsIn(script)[lineNumber];
  }

  async resume(): Promise<void> {
    await this.#send("Debugger.resume");
  }

  close(): void {
    this.#socket.terminate();
  }

  async #send(method: string, params: object = {}): Promise<void> {
    const id = ++this.#lastId;
    const response = once(this.#events, `response ${id}`);
    this.#socket.send(JSON.stringify({ id, method, params }));
    await response;
  }
}

/** Where each line of a script comes from, by its source map. */
function positionsIn({ url, sourceMapURL }: Script): readonly (Position | undefined)[] {
  if (!url.startsWith("file:") || !sourceMapURL) return [];
  const mapUrl = new URL(sourceMapURL, url);
  const map = new SourceMap(JSON.parse(readFileSync(mapUrl, "utf8")));
  return readFileSync(new URL(url), "utf8")
    .split("\n")
    .map((text, line) => {
      const entry = map.findEntry(line, text.search(/\S|$/));
      if (!("originalSource" in entry) || entry.generatedLine !== line) return undefined;
      return { source: new URL(entry.originalSource, mapUrl).href, line: entry.originalLine };
    });
}
