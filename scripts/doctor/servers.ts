import { canAptInstall } from "../runtime/apt.js";
import { brokerAnswers, databaseAnswers, localBrokerUrl } from "../runtime/clients.js";
import { withoutPassword } from "../runtime/external.js";
import { downloadedMongod, mongodCanBeDownloaded } from "../runtime/mongod.js";
import { root } from "../runtime/paths.js";
import { onPath } from "../runtime/programs.js";
import { isInstalled, isUsablePython } from "../runtime/python_tool.js";
import { canUnpackRabbitmq, howToInstallRabbitmq, installedRabbitmq } from "../runtime/rabbitmq_install.js";
import { secantus } from "../runtime/secantus.js";
import { serverRunsOn } from "../stack/processes.js";
import { type PortVariable, portOf, setting } from "../stack/settings.js";
import { type Check, fine, missing, note } from "./check.js";

/** What `make up` would take, and the ports that it needs for it. */
export interface PlannedServer {
  readonly check: Check;
  readonly ports: readonly PortVariable[];
}

/** The database where no Docker is. Installs nothing. */
export async function planDatabase(): Promise<PlannedServer> {
  const given = setting("MONGODB_URI");
  if (given) return { check: await givenCheck("MONGODB_URI", given, databaseAnswers), ports: [] };
  return { check: await embeddedDatabaseCheck(), ports: ["MONGODB_PORT"] };
}

async function embeddedDatabaseCheck(): Promise<Check> {
  const installed = await onPath("mongod");
  if (installed) return fine(`MongoDB: ${installed}`);
  const downloaded = await downloadedMongod();
  if (downloaded) return fine("MongoDB: the genuine mongod, downloaded already");
  if (await mongodCanBeDownloaded()) return note("MongoDB: the genuine mongod will be downloaded");
  const standIn = `${secantus.title} ${secantus.version}, a stand-in`;
  if (isInstalled(secantus)) return fine(`MongoDB: ${standIn}, installed already`);
  if (await isUsablePython("python3")) return note(`MongoDB: ${standIn}, will be installed from PyPI`);
  return missing(
    "MongoDB: not found",
    "Install Docker, or mongod, or Python 3.10 or later with venv\n(Debian, Ubuntu: sudo apt-get install python3-venv); or set MONGODB_URI",
  );
}

/** The broker where no Docker is. Installs nothing. */
export async function planBroker(): Promise<PlannedServer> {
  const given = setting("RABBITMQ_URL");
  if (given) return { check: await givenCheck("RABBITMQ_URL", given, brokerAnswers), ports: [] };
  const port = portOf("RABBITMQ_PORT");
  if (!serverRunsOn("rabbitmq", port) && (await brokerAnswers(localBrokerUrl(port))))
    return { check: fine(`RabbitMQ: the one that responds on localhost:${port} already`), ports: [] };
  return { check: await embeddedBrokerCheck(), ports: ["RABBITMQ_PORT"] };
}

async function embeddedBrokerCheck(): Promise<Check> {
  const programs = await installedRabbitmq();
  if (programs) return fine(`RabbitMQ: ${programs.server.replace(root, "")}`);
  if (await canAptInstall()) return note("RabbitMQ: will be installed by apt-get");
  if (await canUnpackRabbitmq()) return note("RabbitMQ: its packages will be downloaded by apt-get into .state/");
  return missing("RabbitMQ: not found", howToInstallRabbitmq);
}

async function givenCheck(variable: string, url: string, answers: (url: string) => Promise<boolean>): Promise<Check> {
  const where = `${variable}=${withoutPassword(url)}`;
  if (await answers(url)) return fine(`${where} responds`);
  return missing(`${where} does not respond`, `Start it, or unset ${variable}`);
}
