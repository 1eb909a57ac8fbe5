import { onPath } from "./programs.js";

/** The program of Chromium or Google Chrome. */
export const installedBrowser = async (): Promise<string | undefined> =>
  (await onPath("chromium")) ?? (await onPath("google-chrome"));
