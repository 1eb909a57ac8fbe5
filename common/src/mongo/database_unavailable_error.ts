/** The database is away, overloaded or did not respond in time; a retry may succeed. */
export class DatabaseUnavailableError extends Error {
  override name = "DatabaseUnavailableError";
}
