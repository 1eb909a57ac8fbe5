import { aptInstall, canAptInstall } from "./apt.js";
import { onPath } from "./programs.js";
import { UserError } from "./user_error.js";

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

/** A broker of the system that is wanted is turned on by its owner. */
const notAtBoot =
  "if [ -d /run/systemd/system ]; then systemctl disable rabbitmq-server epmd.socket epmd.service || true; fi";

export async function installedRabbitmq(): Promise<RabbitmqPrograms | undefined> {
  const server = await findProgram("rabbitmq-server");
  const ctl = await findProgram("rabbitmqctl");
  const epmd = await onPath("epmd", { last: [...brewFolders, "/usr/lib64/erlang/bin", "/usr/lib/erlang/bin"] });
  return server && ctl && epmd ? { server, ctl, epmd } : undefined;
}

/** Installs RabbitMQ where that needs no question; throws a `UserError` that says what to type elsewhere. */
export async function installRabbitmq(): Promise<RabbitmqPrograms> {
  if (!(await canAptInstall())) throw new UserError(howToInstallRabbitmq);
  await aptInstall("rabbitmq-server", notAtBoot);
  const programs = await installedRabbitmq();
  if (programs === undefined)
    throw new UserError("rabbitmq-server is installed, but its programs are not where they should be");
  return programs;
}

/** Debian's scripts on PATH change the user; the ones they call do not. */
async function findProgram(name: string): Promise<string | undefined> {
  return onPath(name, { first: ["/usr/lib/rabbitmq/bin"], last: brewFolders });
}
