/** What is wrong with the configuration, for the person who starts a service: its message is all that is printed. */
export class ConfigError extends Error {
  override name = "ConfigError";
}
