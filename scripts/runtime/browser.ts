import { aptInstall, canAptInstall } from "./apt.js";
import { onPath } from "./programs.js";

/** The program of Chromium or Google Chrome. */
export async function installedBrowser(): Promise<string | undefined> {
  return (await onPath("chromium")) ?? (await onPath("google-chrome"));
}

/** Installs Chromium where that can be done without a question; whether it is there is for the tests to find out. */
export async function installBrowser(): Promise<void> {
  if (await canAptInstall()) await aptInstall("chromium").catch(() => {});
}
