import { query, type ValidationChain } from "express-validator";

/** One page of a list. `next_cursor` asks for the page behind it; null on the last one. */
export interface Page<T> {
  readonly data: readonly T[];
  readonly next_cursor: string | null;
}

/** The page that is wanted: at most `limit` items, those behind the id `cursor` where there is one. */
export interface PageQuery {
  readonly limit: number;
  readonly cursor?: string;
}

/** The limits of a page; the OpenAPI schemas are made of the same. */
export const pageLimits = { min: 1, max: 100, default: 20, cursorPattern: "^[A-Za-z0-9_-]{16}$" } as const;

export const pageParameters = ["limit", "cursor"] as const;

/** Makes a page of `items`, of which one more than `limit` were asked for, to see whether there are more. */
export function toPage<T extends { readonly id: string }>(items: readonly T[], limit: number): Page<T> {
  const data = items.slice(0, limit);
  const last = items.length > limit ? data.at(-1) : undefined;
  return { data, next_cursor: last ? encodeCursor(last.id) : null };
}

/** An id of 24 hex digits as a cursor: opaque to clients, 16 characters of base64url. */
export const encodeCursor = (id: string): string => Buffer.from(id, "hex").toString("base64url");

export const decodeCursor = (cursor: string): string => Buffer.from(cursor, "base64url").toString("hex");

/** The checks of `limit` and `cursor`; `matchedData` gives a `PageQuery`. */
export const pageChains = (): ValidationChain[] => [
  query("limit", `must be a whole number from ${pageLimits.min} to ${pageLimits.max}`)
    // `default` would take an empty `limit=` for none.
    .customSanitizer((limit: unknown) => limit ?? String(pageLimits.default))
    .isString()
    .bail()
    .matches(/^\d{1,3}$/)
    .bail()
    .isInt(pageLimits)
    .toInt(),
  query("cursor", "must be the next_cursor of a page")
    .optional()
    .isString()
    .bail()
    .matches(new RegExp(pageLimits.cursorPattern))
    .bail()
    .customSanitizer(decodeCursor),
];
