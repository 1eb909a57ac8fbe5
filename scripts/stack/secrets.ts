import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What the services of a test run have logged, a file for each process that ran tests. */
export const logsFolder = (run: string): string => join(run, "logs");

/** The passwords that tests of a run have sent, one a line, as JSON. */
export const passwordsFile = (run: string): string => join(run, "passwords.jsonl");

/** What the run itself has printed. */
export const outputFile = (run: string): string => join(run, "output.log");

/** Passwords with fewer different characters, such as "xxxxxxxx", would match by accident. */
const minCharacters = 6;
const hash = /\$2[aby]\$/;

/** Returns the lines of a run's logs and output in which one of its passwords stands, or a bcrypt hash. */
export function secretsIn(run: string): readonly string[] {
  const passwords = linesOf(passwordsFile(run)).flatMap(formsOf);
  const isSecret = (line: string) => hash.test(line) || passwords.some((password) => line.includes(password));
  return [...logs(run), outputFile(run)].flatMap((file) => linesOf(file).filter(isSecret));
}

/** A password as it is and as it stands within JSON; none where it may not be looked for. */
function formsOf(json: string): readonly string[] {
  try {
    const password = String(JSON.parse(json));
    return new Set(password).size < minCharacters ? [] : [...new Set([password, json.slice(1, -1)])];
  } catch {
    // Tests send broken JSON too.
    return [];
  }
}

const logs = (run: string): readonly string[] =>
  existsSync(logsFolder(run)) ? readdirSync(logsFolder(run)).map((name) => join(logsFolder(run), name)) : [];

const linesOf = (file: string): readonly string[] => (existsSync(file) ? readFileSync(file, "utf8").split("\n") : []);
