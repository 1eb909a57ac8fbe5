import { execa } from "execa";

/** Who listens on the port of this machine, as "node (pid 123)"; undefined where that can't be seen. */
export async function ownerOf(port: number): Promise<string | undefined> {
  const listener = await listenerOf(port);
  return listener && `${listener["name"]} (pid ${listener["pid"]})`;
}

/** The `name` and `pid` of the process that listens on the port. */
export async function listenerOf(port: number) {
  const lsof = ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fpc"];
  const ss = ["-Hltnp", `sport = :${port}`];
  const lsofLine = /^p(?<pid>\d+)\nc(?<name>.*)$/m;
  return (await find("lsof", lsof, lsofLine)) ?? find("ss", ss, /\("(?<name>[^"]*)",pid=(?<pid>\d+)/);
}

async function find(program: string, args: readonly string[], line: RegExp) {
  const { stdout } = await execa(program, args, { reject: false, timeout: 5_000 });
  return line.exec(stdout ?? "")?.groups;
}
