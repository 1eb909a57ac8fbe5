import { color } from "listr2";
import { shownLines } from "./log_lines.js";

const colors = [color.cyan, color.magenta, color.yellow, color.blue];

/** Prints each line of a log under a name, until there are no more. */
export async function prefixed(name: string, index: number, lines: AsyncIterable<string>): Promise<void> {
  const paint = colors[index % colors.length] ?? color.cyan;
  const prefix = paint(`${name.padEnd(23)}|`);
  for await (const line of shownLines(lines)) console.log(`${prefix} ${line}`);
}
