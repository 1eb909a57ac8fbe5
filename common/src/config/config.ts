import { dirname, join } from "node:path";
import dotenv from "dotenv";
import { type CleanedEnv, cleanEnv, EnvMissingError } from "envalid";
import { ConfigError } from "./config_error.js";
import { readEnvFile } from "./env_file.js";

export type Config<S> = CleanedEnv<S>;

/** Adds the variables of the service's `.env`, then of the root's. Variables that are set win, even empty ones. */
export function loadEnvFiles(serviceDirectory: string): void {
  for (const folder of [serviceDirectory, dirname(serviceDirectory)])
    dotenv.populate(process.env, readEnvFile(join(folder, ".env")));
}

/** Returns the values that `specs` describe, defaults filled in. Throws a `ConfigError` that lists all mistakes. */
export function readConfig<S>(specs: S, environment: NodeJS.ProcessEnv): Config<S> {
  // Compose files write an absent variable as an empty one.
  const present = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const mistakes: string[] = [];
  // envalid reads the raw NODE_ENV, without its default, to decide whether a `devDefault` holds.
  const config = cleanEnv({ NODE_ENV: "development", ...present }, specs, {
    reporter: ({ errors }) => {
      for (const [name, error] of Object.entries<Error | undefined>(errors)) {
        if (error instanceof EnvMissingError) mistakes.push(`  ${name} is missing: ${error.message}`);
        else if (error) mistakes.push(`  ${name} ${error.message}`);
      }
    },
  });
  if (mistakes.length > 0) throw new ConfigError(`The configuration is not valid:\n${mistakes.join("\n")}`);
  return config;
}
