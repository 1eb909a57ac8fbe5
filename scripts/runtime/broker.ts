import { rmSync } from "node:fs";
import { BrokerNode, NameService } from "./broker_node.js";
import type { BrokerHandle } from "./handle.js";
import { installedRabbitmq, installRabbitmq, type RabbitmqPrograms } from "./rabbitmq_install.js";
import { UserError } from "./user_error.js";

/** RabbitMQ as a process of this machine, with its own name service (epmd), so that it can be stopped whole. */
export async function embeddedBroker(folder: string, port: number): Promise<BrokerHandle> {
  const programs = await rabbitmqFor(folder);
  const names = new NameService(programs.epmd, folder);
  const erlangName = "order_flow@localhost";
  return together([names], folder, new BrokerNode({ programs, names, folder, port, name: "rabbitmq", erlangName }));
}

/** RabbitMQ's programs, installed if that needs no question, for a broker that keeps its data in `folder`. */
export async function rabbitmqFor(folder: string): Promise<RabbitmqPrograms> {
  // It names its folder to a shell, unquoted, when it looks for room on the disk: one quote, and it waits forever.
  if (/['"`]/.test(folder))
    throw new UserError(
      `RabbitMQ can't run in ${folder}, since there is a quote in that name: move this folder, use Docker, or set RABBITMQ_URL`,
    );
  return (await installedRabbitmq()) ?? (await installRabbitmq());
}

/** Nodes, and the name services that they need, as one broker. */
export function together(
  names: readonly NameService[],
  folder: string,
  ...nodes: [BrokerNode, ...BrokerNode[]]
): BrokerHandle {
  const all = (act: (node: BrokerNode) => Promise<void>) => async () => {
    await Promise.all(nodes.map(act));
  };
  const [{ kind, ctl }] = nodes;
  const stop = async () => {
    await all((node) => node.stop())();
    await Promise.all(names.map((service) => service.stop()));
  };
  return {
    kind,
    url: nodes.map(({ url }) => url).join(","),
    start: async () => {
      await Promise.all(names.map((service) => service.start()));
      await all((node) => node.start())();
    },
    stop,
    kill: async () => {
      await all((node) => node.kill())();
      await Promise.all(names.map((service) => service.kill()));
    },
    freeze: all((node) => node.freeze()),
    thaw: all((node) => node.thaw()),
    remove: async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
    ctl,
  };
}
