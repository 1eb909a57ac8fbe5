import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DryMongoBinary, MongoBinary } from "mongodb-memory-server-core";
import { MongoBinaryDownloadUrl } from "mongodb-memory-server-core/lib/util/MongoBinaryDownloadUrl.js";
import { toolsFolder } from "./paths.js";

const patienceMs = 3_000;
const downloadFolder = join(toolsFolder, "mongod");
/** By its version; the archive is compared with the checksum that MongoDB publishes beside it. */
const options = { downloadDir: downloadFolder, version: "8.2.6", checkMD5: true };
/** Written when a download has failed. */
const failureFile = join(toolsFolder, "mongod_download_failed");
const rememberMs = 24 * 3_600_000;

/** Downloads the genuine mongod once, and returns where it is; undefined where this machine can't get it. */
export async function genuineMongod(): Promise<string | undefined> {
  mkdirSync(downloadFolder, { recursive: true });
  const known = await downloadedMongod();
  if (known) return known;
  if (!(await mongodCanBeDownloaded())) return undefined;
  process.env["MONGOMS_MAX_RETRIES"] = "1";
  try {
    return await MongoBinary.getPath(options);
  } catch {
    rememberFailure();
    return undefined;
  }
}

/** Where the mongod is that an earlier call has downloaded. */
export async function downloadedMongod(): Promise<string | undefined> {
  return DryMongoBinary.locateBinary(await DryMongoBinary.generateOptions(options)).catch(() => undefined);
}

/** Whether a download is worth trying: a failure counts for a day. */
export async function mongodCanBeDownloaded(): Promise<boolean> {
  return !failedLately() && (await canDownload());
}

/** The library would try for many seconds: ask once whether the file is there at all. */
async function canDownload(): Promise<boolean> {
  // Node's fetch knows no proxy; the library does.
  if (process.env["HTTPS_PROXY"] ?? process.env["https_proxy"]) return true;
  try {
    const url = await new MongoBinaryDownloadUrl({
      ...(await DryMongoBinary.generateOptions(options)),
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
  mkdirSync(toolsFolder, { recursive: true });
  writeFileSync(failureFile, "");
}

function failedLately(): boolean {
  return Date.now() - (statSync(failureFile, { throwIfNoEntry: false })?.mtimeMs ?? 0) < rememberMs;
}
