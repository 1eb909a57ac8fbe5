import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { aptInstall, canAptInstall } from "./apt.js";
import { withLock } from "./lock_file.js";
import { toolsFolder } from "./paths.js";
import { onPath } from "./programs.js";
import { lastLines, UserError } from "./user_error.js";

const unpackedFolder = join(toolsFolder, "rabbitmq");
export const unpackedErlang = join(unpackedFolder, "usr/lib/erlang/bin");

const brewFolders = ["/opt/homebrew/sbin", "/usr/local/sbin", "/opt/homebrew/bin", "/usr/local/bin"];

export interface RabbitmqPrograms {
  readonly server: string;
  readonly ctl: string;
  readonly epmd: string;
}

export const howToInstallRabbitmq = `RabbitMQ is needed, and is not installed. Install it:
  Debian, Ubuntu: sudo apt-get update
                  sudo apt-get install rabbitmq-server
  Fedora:         sudo dnf install rabbitmq-server
  macOS:          brew install rabbitmq
Or install Docker, or set RABBITMQ_URL to a broker. Then run make again.`;

/** A broker of the system that is wanted is turned on by its owner. */
const notAtBoot =
  "if [ -d /run/systemd/system ]; then systemctl disable rabbitmq-server epmd.socket epmd.service || true; fi";

export async function installedRabbitmq(): Promise<RabbitmqPrograms | undefined> {
  const server = await findProgram("rabbitmq-server");
  const ctl = await findProgram("rabbitmqctl");
  const erlangFolders = ["/usr/lib64/erlang/bin", "/usr/lib/erlang/bin", unpackedErlang];
  const epmd = await onPath("epmd", { last: [...brewFolders, ...erlangFolders] });
  return server && ctl && epmd ? { server, ctl, epmd } : undefined;
}

/** Installs RabbitMQ where that needs no question; throws a `UserError` that says what to type elsewhere. */
export async function installRabbitmq(): Promise<RabbitmqPrograms> {
  if (await canAptInstall()) await aptInstall("rabbitmq-server", notAtBoot);
  else if (await canUnpackRabbitmq()) await unpackRabbitmq();
  else throw new UserError(howToInstallRabbitmq);
  const programs = await installedRabbitmq();
  if (programs === undefined)
    throw new UserError("rabbitmq-server is installed, but its programs are not where they should be");
  return programs;
}

/** Whether apt-get, without root, can download the packages; RabbitMQ's scripts can't run in a path with a space. */
export async function canUnpackRabbitmq(): Promise<boolean> {
  const { failed } = await execa("apt-cache", ["show", "rabbitmq-server"], { reject: false });
  return !failed && /^[\w./-]+$/.test(unpackedFolder);
}

async function unpackRabbitmq(): Promise<void> {
  mkdirSync(toolsFolder, { recursive: true });
  await withLock(`${unpackedFolder}.lock`, "RabbitMQ is unpacked", 180_000, async () => {
    if (existsSync(unpackedFolder)) return;
    const args = ["-ec", unpack, "sh", unpackedFolder];
    const { failed, all } = await execa("sh", args, { all: true, stdin: "ignore", reject: false });
    if (failed) throw new UserError(howToInstallRabbitmq, lastLines(all, 3));
  });
}

/** Erlang looks for itself in /usr/lib/erlang alone. */
const unpack = `
rm -rf "$1.new"
mkdir -p "$1.new"
cd "$1.new"
only="--no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances"
apt-get download $(apt-cache depends --recurse $only rabbitmq-server | grep -E '^(erlang|rabbitmq)-')
for package in *.deb; do dpkg-deb --extract "$package" .; done
rm ./*.deb
sed -i "s|ROOTDIR=/|ROOTDIR=$1/|" usr/lib/erlang/bin/erl
mv "$1.new" "$1"
`;

/** Debian's scripts on PATH change the user; the ones they call do not. */
async function findProgram(name: string): Promise<string | undefined> {
  return onPath(name, {
    first: ["/usr/lib/rabbitmq/bin"],
    last: [...brewFolders, join(unpackedFolder, "usr/lib/rabbitmq/bin")],
  });
}
