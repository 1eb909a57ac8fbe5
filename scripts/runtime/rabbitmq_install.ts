import { execa } from "execa";
import { Failure } from "./failure.js";
import { onPath } from "./programs.js";

const brewFolders = ["/opt/homebrew/sbin", "/usr/local/sbin", "/opt/homebrew/bin", "/usr/local/bin"];

export interface RabbitmqPrograms {
  readonly server: string;
  readonly ctl: string;
  readonly epmd: string;
}

export const howToInstallRabbitmq = `RabbitMQ is not installed, and can't be without asking you. Install it:
  Debian, Ubuntu: sudo apt-get update && sudo apt-get install --no-install-recommends rabbitmq-server
  Fedora:         sudo dnf install rabbitmq-server
  macOS:          brew install rabbitmq
or install Docker, or set RABBITMQ_URL to a broker of yours. Then run make again.`;

/**
 * The package would start a broker of the system on port 5672: a policy-rc.d that says no keeps it from that, as it is
 * made for, and goes away afterwards. A broker of the system that is wanted is turned on by its owner.
 */
const aptInstall = `
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT INT TERM
  printf '#!/bin/sh\\nexit 101\\n' >"$policy"
  chmod +x "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update || true
apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=120 rabbitmq-server
if [ -d /run/systemd/system ]; then systemctl disable rabbitmq-server epmd.socket epmd.service || true; fi
`;

export async function installedRabbitmq(): Promise<RabbitmqPrograms | undefined> {
  const server = await findProgram("rabbitmq-server");
  const ctl = await findProgram("rabbitmqctl");
  const epmd = await onPath("epmd", { last: [...brewFolders, "/usr/lib64/erlang/bin", "/usr/lib/erlang/bin"] });
  return server && ctl && epmd ? { server, ctl, epmd } : undefined;
}

/** Whether `installRabbitmq` can do it without asking anybody. */
export async function canInstallRabbitmq(): Promise<boolean> {
  return (await onPath("apt-get")) !== undefined && (await rootPrefix()) !== undefined;
}

/** Installs RabbitMQ where that needs no question; throws a `Failure` that says what to type elsewhere. */
export async function installRabbitmq(): Promise<RabbitmqPrograms> {
  const asRoot = await rootPrefix();
  if ((await onPath("apt-get")) === undefined || asRoot === undefined) throw new Failure(howToInstallRabbitmq);
  const [file = "sh", ...args] = [...asRoot, "sh", "-ec", aptInstall];
  await execa(file, args, { all: true, stdin: "ignore" });
  const programs = await installedRabbitmq();
  if (programs === undefined)
    throw new Failure("rabbitmq-server is installed, but its programs are not where they should be");
  return programs;
}

/** Debian's scripts on PATH change the user; the ones they call do not. */
async function findProgram(name: string): Promise<string | undefined> {
  return onPath(name, { first: ["/usr/lib/rabbitmq/bin"], last: brewFolders });
}

/** What to put before a command so that root runs it; undefined where a password would be asked for. */
async function rootPrefix(): Promise<readonly string[] | undefined> {
  if (process.getuid?.() === 0) return [];
  const { failed } = await execa("sudo", ["-n", "true"], { reject: false });
  return failed ? undefined : ["sudo", "-n"];
}
