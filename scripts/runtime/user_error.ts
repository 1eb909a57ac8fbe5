import { readFileSync } from "node:fs";
import { ExecaError } from "execa";

/** An error whose message is for the user: shown without a stack, with `log` below it. */
export class UserError extends Error {
  override name = "UserError";
  readonly log: string | undefined;

  constructor(message: string, log?: string) {
    super(message);
    this.log = log;
  }
}

/** The last lines of a text, without the empty ones. */
export function lastLines(text: string, count = 20): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.slice(-count).join("\n");
}

/** The last lines of each file that has any, under its name. */
export function lastLinesOf(files: readonly string[], count = 20): string {
  return files
    .map((file) => ({ file, lines: lastLines(contentOf(file), count) }))
    .filter(({ lines }) => lines !== "")
    .map(({ file, lines }) => `--- ${file}\n${lines}`)
    .join("\n");
}

/** The text to show for anything thrown. */
export function describe(error: unknown): string {
  if (error instanceof UserError) return error.log ? `${error.message}\n${error.log}` : error.message;
  if (error instanceof ExecaError)
    return `${error.shortMessage}\n${lastLines(String(error.all ?? error.stderr ?? ""))}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
