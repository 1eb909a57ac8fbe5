import { variables } from "@order-flow/common/config/variables.js";
import { freePort } from "../runtime/free_port.js";
import { developmentLogins, releasedImages } from "./compose.js";
import { hostPorts } from "./settings.js";

/**
 * What the scripts are given to start a system beside any other: free ports, a folder for its state, and no setting of
 * this clone's `.env`.
 */
export async function ownEnvironment(folder: string, runtime: "docker" | "embedded"): Promise<Record<string, string>> {
  const ports = Object.keys(hostPorts).map(async (name) => [name, `${await freePort()}`]);
  const known = Object.keys({ ...variables, ...developmentLogins, ...releasedImages });
  const unset = [...known, "USERS_URL", "ORDERS_URL", "replicas", "brokers", "trace"];
  return {
    ...Object.fromEntries(unset.map((name) => [name, ""])),
    ...Object.fromEntries(await Promise.all(ports)),
    UP_STATE_DIR: folder,
    runtime,
  };
}
