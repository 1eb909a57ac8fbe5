import { execa } from "execa";

/** Who listens on the port of this machine, as "node (pid 123)"; undefined where that can't be seen. */
export async function ownerOf(port: number): Promise<string | undefined> {
  const lsof = ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fpc"];
  const ss = ["-Hltnp", `sport = :${port}`];
  const lsofLine = /^p(?<pid>\d+)\nc(?<name>.*)$/m;
  return (await find("lsof", lsof, lsofLine)) ?? find("ss", ss, /\("(?<name>[^"]*)",pid=(?<pid>\d+)/);
}

async function find(program: string, args: readonly string[], line: RegExp): Promise<string | undefined> {
  const { stdout } = await execa(program, args, { reject: false, timeout: 5_000 });
  const found = line.exec(stdout ?? "")?.groups;
  return found && `${found["name"]} (pid ${found["pid"]})`;
}
