import { ExecaError, execa } from "execa";
import { color } from "listr2";
import { UserError } from "../runtime/user_error.js";
import { terminalText } from "./terminal_text.js";

export interface Call {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly url: string;
  readonly body?: unknown;
  readonly headers?: readonly string[];
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Makes the call with curl, and prints it as a reader could type it, the status and the body. */
export async function curl(call: Call, apiKey: string | undefined): Promise<Answer> {
  const args = argumentsOf(call);
  const key = apiKey ? ["-H", "Authorization: Bearer $API_KEY"] : [];
  console.log(color.bold(`$ curl -i ${[...args, ...key].map(quoted).join(" ")}`));
  const real = key.map((part) => part.replace("$API_KEY", apiKey ?? ""));
  // -q comes first: a ~/.curlrc may change what curl prints, or send calls to a proxy.
  const { stdout } = await execa("curl", ["-q", "-sS", "-i", "--max-time", "30", ...args, ...real], {
    all: true,
  }).catch((error: unknown) => {
    if (!(error instanceof ExecaError)) throw error;
    if (error.code !== "ENOENT")
      throw new UserError(`${call.url} can't be reached: ${terminalText(String(error.stderr))}`);
    throw new UserError("curl is needed, and is not installed: apt-get install curl (Debian, Ubuntu)");
  });
  const { firstLine, ...answer } = parse(stdout);
  console.log(`  ${terminalText(firstLine)}`);
  if (answer.body !== undefined) console.log(indented(answer.body));
  return answer;
}

function argumentsOf({ method, url, body, headers = [] }: Call): readonly string[] {
  const verb = method === "GET" ? [] : ["-X", method];
  const json = body === undefined ? [] : ["-H", "Content-Type: application/json", "-d", JSON.stringify(body)];
  return [...verb, url, ...headers.flatMap((header) => ["-H", header]), ...json];
}

/** A shell sees the key's variable only in double quotes. */
function quoted(part: string): string {
  if (/^[\w@%+=:,./-]+$/.test(part)) return part;
  return part.includes("$API_KEY") ? `"${part}"` : `'${part.replaceAll("'", `'\\''`)}'`;
}

function parse(output: string): Answer & { readonly firstLine: string } {
  const text = output.replaceAll("\r\n", "\n");
  // What a proxy says first (100, 200 of CONNECT) is not the answer.
  const start = Math.max(0, text.lastIndexOf("\nHTTP/") + 1);
  const end = text.indexOf("\n\n", start) === -1 ? text.length : text.indexOf("\n\n", start);
  const [firstLine = ""] = text.slice(start, end).split("\n");
  const status = Number(firstLine.split(" ")[1]);
  if (!Number.isInteger(status)) throw new UserError(`curl printed no HTTP response:\n${output}`);
  return { firstLine, status, body: bodyOf(text.slice(end).trim()) };
}

function bodyOf(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function indented(body: unknown): string {
  const text = typeof body === "string" ? body : JSON.stringify(body, null, 2);
  return text.replaceAll(/^.*/gm, (line) => `  ${terminalText(line)}`);
}
