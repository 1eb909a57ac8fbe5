/** One thing that `make doctor` has looked at. */
export interface Finding {
  /** fine; note: nothing is wrong, and yet worth knowing; missing: something will not work. */
  readonly state: "fine" | "note" | "missing";
  readonly text: string;
  /** What to do about it. */
  readonly remedy?: string | undefined;
}

export const fine = (text: string): Finding => ({ state: "fine", text });
export const note = (text: string, remedy?: string): Finding => ({ state: "note", text, remedy });
export const missing = (text: string, remedy: string): Finding => ({ state: "missing", text, remedy });
