/** Parses JSON text. Throws a `SyntaxError`, or a `RepeatedNameError` if an object names a member twice. */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  // Another reader may not keep the last of them (RFC 8259, section 4), as `JSON.parse` does.
  if (namesIn(text) !== membersIn(value)) throw new RepeatedNameError("an object names a member twice");
  return value;
}

export class RepeatedNameError extends Error {
  override name = "RepeatedNameError";
}

/** Each name has a colon behind it, and outside of strings there are no others. */
function namesIn(text: string): number {
  const withoutEscapes = text.replaceAll(/\\./g, "");
  return withoutEscapes.replaceAll(/"[^"]*"/g, "").split(":").length - 1;
}

/** Without recursion, since 100 kB of JSON may be 50,000 levels deep. */
function membersIn(value: unknown): number {
  let members = 0;
  const left = [value];
  while (left.length > 0) {
    const next = left.pop();
    if (typeof next !== "object" || next === null) continue;
    const inside: unknown[] = Object.values(next);
    if (!Array.isArray(next)) members += inside.length;
    for (const item of inside) left.push(item);
  }
  return members;
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
