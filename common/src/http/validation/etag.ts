import type { Request } from "express";

/** The strong entity tag (RFC 9110, section 8.8.3) of a stored version. */
export const versionTag = (version: number): string => `"${version}"`;

/** The request's `If-Match` (RFC 9110, section 13.1.1) as a test of the stored version; without one, any will do. */
export function ifMatch(req: Request): (version: number) => boolean {
  const header = req.get("If-Match");
  if (header === undefined || header.trim() === "*") return () => true;
  const tags = header.split(",").map((tag) => tag.trim());
  return (version) => tags.includes(versionTag(version));
}
