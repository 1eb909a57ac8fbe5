/** One thing that `make doctor` has looked at. */
export interface Check {
  /** fine; note: nothing is wrong, and yet worth knowing; missing: something will not work. */
  readonly state: "fine" | "note" | "missing";
  readonly text: string;
  /** What to do about it. */
  readonly remedy?: string | undefined;
}

export const fine = (text: string): Check => ({ state: "fine", text });
export const note = (text: string, remedy?: string): Check => ({ state: "note", text, remedy });
export const missing = (text: string, remedy: string): Check => ({ state: "missing", text, remedy });
