import { color } from "listr2";
import { terminalText } from "./terminal_text.js";

const colors = [color.cyan, color.magenta, color.yellow, color.blue];

/** Prints each line under a name, until there are no more. */
export async function prefixed(name: string, index: number, lines: AsyncIterable<string>): Promise<void> {
  const paint = colors[index % colors.length] ?? color.cyan;
  const prefix = paint(`${name.padEnd(23)}|`);
  for await (const line of lines) console.log(`${prefix} ${terminalText(line)}`);
}
