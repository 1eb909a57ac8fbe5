import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { logsFolder, passwordsFile } from "../../scripts/stack/secrets.js";

const run = process.env["TEST_STATE_DIR"];
const seen = new Set<string>();

if (run) mkdirSync(logsFolder(run), { recursive: true });

/** Keeps what a service has logged until the end of the run, when `make test` looks for secrets in all of it. */
export function keepLog(text: string | Uint8Array): void {
  if (run) appendFileSync(join(logsFolder(run), `${process.pid}.log`), text);
}

/** Remembers each password in what a test sends as one that no log may hold. */
export function keepPasswords(sent: string | Uint8Array): void {
  const text = typeof sent === "string" ? sent : Buffer.from(sent).toString();
  for (const [, json = '""'] of text.matchAll(/"password"\s*:\s*\[?\s*("(?:[^"\\]|\\.)*")/g)) {
    if (!run || seen.has(json)) continue;
    seen.add(json);
    appendFileSync(passwordsFile(run), `${json}\n`);
  }
}
