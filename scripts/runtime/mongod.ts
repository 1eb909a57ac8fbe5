import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MongoBinary } from "mongodb-memory-server-core";
import { DryMongoBinary } from "mongodb-memory-server-core/lib/util/DryMongoBinary.js";
import { MongoBinaryDownloadUrl } from "mongodb-memory-server-core/lib/util/MongoBinaryDownloadUrl.js";
import { toolsFolder } from "./paths.js";

const patienceMs = 3_000;
const downloadFolder = join(toolsFolder, "mongod");
const answerFile = join(toolsFolder, "mongod_download.json");
/** How long "can't be downloaded" is believed. */
const rememberMs = 24 * 3_600_000;

/** Downloads the genuine mongod once, and returns where it is; undefined where this machine can't get it. */
export async function genuineMongod(): Promise<string | undefined> {
  mkdirSync(downloadFolder, { recursive: true });
  const options = { downloadDir: downloadFolder };
  const known = await DryMongoBinary.locateBinary(await DryMongoBinary.generateOptions(options)).catch(() => undefined);
  if (known) return known;
  if (failedLately() || !(await canDownload())) return undefined;
  process.env["MONGOMS_MAX_RETRIES"] = "1";
  try {
    return await MongoBinary.getPath(options);
  } catch {
    rememberFailure();
    return undefined;
  }
}

/** The library would try for many seconds: ask once whether the file is there at all. */
async function canDownload(): Promise<boolean> {
  // Node's fetch knows no proxy; the library does.
  if (process.env["HTTPS_PROXY"] ?? process.env["https_proxy"]) return true;
  try {
    const options = await DryMongoBinary.generateOptions({ downloadDir: downloadFolder });
    const url = await new MongoBinaryDownloadUrl({
      ...options,
    }).getDownloadUrl();
    const response = await fetch(url, { method: "HEAD", signal: AbortSignal.timeout(patienceMs) });
    if (response.ok) return true;
  } catch {
    // No network, or no such build for this system.
  }
  rememberFailure();
  return false;
}

function rememberFailure(): void {
  writeFileSync(answerFile, JSON.stringify({ failedAt: Date.now() }));
}

function failedLately(): boolean {
  try {
    const answer: unknown = JSON.parse(readFileSync(answerFile, "utf8"));
    if (typeof answer !== "object" || answer === null || !("failedAt" in answer)) return false;
    return typeof answer.failedAt === "number" && Date.now() - answer.failedAt < rememberMs;
  } catch {
    return false;
  }
}
