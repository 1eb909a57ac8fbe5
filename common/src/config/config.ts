import { dirname, join } from "node:path";
import dotenv from "dotenv";
import { type CleanedEnv, cleanEnv, EnvMissingError } from "envalid";

type Environment = Readonly<Record<string, string | undefined>>;

/** Thrown by `readConfig`: its message names every variable that is wrong, one a line. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

/** Adds the variables of the service's `.env`, then of the root's, to `process.env`; the first that has one wins. */
export function loadEnvFiles(serviceDirectory: string): void {
  const files = [join(serviceDirectory, ".env"), join(dirname(serviceDirectory), ".env")];
  // Quiet: dotenv greets on standard output, which belongs to the notifications alone.
  dotenv.config({ path: files, quiet: true });
}

/**
 * Checks `environment` against `specs` and returns the values, defaults filled in. An empty variable counts as
 * absent, as compose files write it. Throws a `ConfigError` that lists all mistakes at once.
 */
export function readConfig<S>(specs: S, environment: Environment): CleanedEnv<S> {
  const present = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const mistakes: string[] = [];
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
