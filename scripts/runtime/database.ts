import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { databaseAnswers } from "./clients.js";
import type { ServerHandle } from "./handle.js";
import { genuineMongod } from "./mongod.js";
import { BackgroundProcess } from "./processes.js";
import { onPath } from "./programs.js";
import { secantus, secantusServer } from "./secantus.js";

interface Server {
  readonly kind: string;
  readonly file: string;
  readonly args: (dataFolder: string, port: number) => readonly string[];
  readonly query: string;
}

/** MongoDB as a process of this machine: mongod where it can be had, else SecantusDB. */
export async function embeddedDatabase(folder: string, port: number): Promise<ServerHandle> {
  const server = await findServer();
  const child = new BackgroundProcess(folder, "mongodb");
  // The two keep their files in forms of their own.
  const dataFolder = join(folder, server.query === "" ? "mongod" : "secantusdb");
  const url = `mongodb://127.0.0.1:${port}/${server.query}`;
  const start = async () => {
    mkdirSync(dataFolder, { recursive: true });
    // One that runs on another port than is asked for now is in the way of its own data.
    if (child.fingerprint !== `${port}`) await child.stop();
    const [{ file }, args] = [server, server.args(dataFolder, port)];
    if (!child.running) child.start({ file, args, env: process.env, fingerprint: `${port}` });
    await child.waitUntilReady(() => databaseAnswers(url), 30_000);
  };
  const remove = async () => {
    await child.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return {
    kind: server.kind,
    url,
    start,
    stop: () => child.stop(),
    kill: () => child.kill(),
    freeze: () => child.freeze(),
    thaw: () => child.thaw(),
    remove,
  };
}

async function findServer(): Promise<Server> {
  const installed = await onPath("mongod");
  if (installed) return mongod(installed, "on PATH");
  const genuine = await genuineMongod();
  if (genuine) return mongod(genuine, "downloaded");
  return {
    kind: `${secantus.title} ${secantus.version} (stands in for MongoDB, development only)`,
    file: await secantusServer(),
    args: (folder, port) => ["--standalone", "--host", "127.0.0.1", "--port", `${port}`, "--storage-path", folder],
    // It handles retryable writes about twenty times slower.
    query: "?retryWrites=false",
  };
}

async function mongod(file: string, origin: string): Promise<Server> {
  const { stdout } = await execa(file, ["--version"]);
  const version = /v(\d[\w.]*)/.exec(stdout)?.[1] ?? "";
  return {
    kind: `MongoDB ${version} (mongod ${origin})`,
    file,
    args: (dataFolder, port) => ["--bind_ip", "127.0.0.1", "--port", `${port}`, "--dbpath", dataFolder],
    query: "",
  };
}
