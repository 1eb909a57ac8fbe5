import { execa } from "execa";
import { onPath } from "./programs.js";
import { lastLines, UserError } from "./user_error.js";

/** Whether `aptInstall` can do it without asking anybody. */
export async function canAptInstall(): Promise<boolean> {
  return (await onPath("apt-get")) !== undefined && (await rootPrefix()) !== undefined;
}

/** The program, installed as the package of that name if that needs no question; undefined where it can't be had. */
export async function findOrInstall(
  find: () => Promise<string | undefined>,
  name: string,
): Promise<string | undefined> {
  const found = await find();
  if (found || !(await canAptInstall())) return found;
  await aptInstall(name).catch(() => {});
  return find();
}

/**
 * Installs a package of Debian or Ubuntu, then runs `after`, a line of shell, as root. No service of the package is
 * started: a policy-rc.d that says no keeps it from that, as it is made for, and goes away afterwards. Throws a
 * `UserError` with what apt-get says. Says what it installs, since make clean leaves it.
 */
export async function aptInstall(name: string, after = ""): Promise<void> {
  const [file = "sh", ...args] = [...((await rootPrefix()) ?? []), "sh", "-ec", script, "sh", name, after];
  const install = async () => {
    console.log(`• apt-get install ${name} (it stays on this system)`);
    const { failed, all } = await execa(file, args, { all: true, stdin: "ignore", reject: false });
    if (failed) throw new UserError(`apt-get can't install ${name}`, lastLines(all, 3));
  };
  // One after the other: the first to end would take the other's policy away.
  const installed = last.then(install);
  last = installed.catch(() => {});
  return installed;
}

let last: Promise<void> = Promise.resolve();

const script = `
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT HUP INT TERM
  printf '#!/bin/sh\\nexit 101\\n' >"$policy"
  chmod +x "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update || true
apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=120 "$1"
eval "$2"
`;

/** What to put before a command so that root runs it; undefined where a password would be asked for. */
async function rootPrefix(): Promise<readonly string[] | undefined> {
  if (process.getuid?.() === 0) return [];
  const { failed } = await execa("sudo", ["-n", "true"], { reject: false });
  return failed ? undefined : ["sudo", "-n"];
}
