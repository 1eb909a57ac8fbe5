/** A mistake in the configuration; for the person who starts a service only its message is printed. */
export class ConfigError extends Error {
  override name = "ConfigError";
}
