import { isUtf8 } from "node:buffer";
import { lstatSync, readFileSync } from "node:fs";
import { parse } from "dotenv";
import { ConfigError } from "./config_error.js";

/** Returns the variables of a `.env` file, none if it does not exist. Throws a `ConfigError` if it can't be used. */
export function readEnvFile(path: string): Record<string, string> {
  const text = readText(path);
  if (text === undefined) return {};
  const problem = findProblem(text);
  if (problem !== undefined) throw new ConfigError(`${path}${problem}`);
  return parse(text);
}

function readText(path: string): string | undefined {
  let bytes: Buffer;
  try {
    if (!lstatSync(path, { throwIfNoEntry: false })) return undefined;
    bytes = readFileSync(path);
  } catch (error) {
    throw new ConfigError(`${path} can't be read: ${error instanceof Error ? error.message : error}`);
  }
  // UTF-16, which PowerShell writes, is often valid UTF-8 with a NUL behind each letter.
  if (!isUtf8(bytes) || bytes.includes(0)) throw new ConfigError(`${path} is not UTF-8 text; save it as UTF-8`);
  return new TextDecoder().decode(bytes);
}

/** The value of `NAME='one # two' # why`, as dotenv reads it: of one or several lines, and only a comment may follow. */
const quoted = /(?<=^\s*(?:export\s+)?[\w.-]+(?:\s*=|:)[^\S\n]*)(["'`])(?:\\\1|(?!\1)[\s\S])*\1[^\S\n]*(?:#.*)?$/gm;

/** Finds a line that dotenv would skip or cut: it may have been meant to set the API key. */
function findProblem(text: string): string | undefined {
  // The lines of a quoted value become empty ones, so that the numbers of the others stay.
  const withoutQuoted = text.replaceAll(/\r\n?/g, "\n").replaceAll(quoted, (value) => value.replaceAll(/[^\n]/g, ""));
  for (const [index, line] of withoutQuoted.split("\n").entries()) {
    if (/^\s*(#.*)?$/.test(line)) continue;
    // NAME=value, export NAME = value, NAME: value
    const value = /^\s*(?:export\s+)?[\w.-]+(?:\s*=|:\s)(.*)$/.exec(line)?.[1];
    if (value === undefined) return `:${index + 1} is not of the form NAME=value`;
    // NAME="value, NAME="one" two
    if (/^\s*["'`]/.test(value)) return `:${index + 1} has a quote that is not closed, or text behind the closing one`;
    // NAME=#value, NAME=one#two
    if (/^#|^[^#]*[^\s#]#/.test(value)) return `:${index + 1} has a # in its value; put the value in quotes`;
  }
  return undefined;
}
