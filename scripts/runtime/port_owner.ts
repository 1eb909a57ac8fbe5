import { execa } from "execa";

/** Who listens on the port of this machine, as "node (pid 123)"; undefined where that can't be seen. */
export async function ownerOf(port: number): Promise<string | undefined> {
  return (await fromLsof(port)) ?? (await fromSs(port));
}

async function fromLsof(port: number): Promise<string | undefined> {
  const args = ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fpc"];
  const { stdout } = await execa("lsof", args, { reject: false, timeout: 5_000 });
  const [, pid, name] = /^p(\d+)\nc(.*)$/m.exec(stdout ?? "") ?? [];
  return pid === undefined ? undefined : `${name} (pid ${pid})`;
}

async function fromSs(port: number): Promise<string | undefined> {
  const { stdout } = await execa("ss", ["-Hltnp", `sport = :${port}`], { reject: false, timeout: 5_000 });
  const [, name, pid] = /\("([^"]*)",pid=(\d+)/.exec(stdout ?? "") ?? [];
  return pid === undefined ? undefined : `${name} (pid ${pid})`;
}
