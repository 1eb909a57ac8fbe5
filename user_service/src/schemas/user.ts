import { domainToASCII, domainToUnicode } from "node:url";
import { jsonSchemaBody } from "@order-flow/common/http/validation/json_schema_body.js";
import * as characters from "@order-flow/common/text/characters.js";
import { isObject } from "@order-flow/common/text/json.js";
import type { FromSchema } from "json-schema-to-ts";

const hidden = characters.control + characters.hidden;
const allowedText = `(?:${characters.subdivisionFlag}|[^${hidden}])*`;

/** The members of a user that a client sends; lengths in code points. */
export const userProperties = {
  name: {
    type: "string",
    minLength: 1,
    maxLength: 100,
    pattern: `^${allowedText}(?:${characters.subdivisionFlag}|[^\\s${hidden}${characters.joining}])${allowedText}$`,
    description: "Trimmed; without control or hidden characters",
    examples: ["Grace Hopper"],
    "x-message": "must be a string of 1 to 100 visible characters, without control characters",
  },
  email: {
    type: "string",
    maxLength: 254,
    // Without joiners too: in an address they have no meaning and only make one look like another.
    pattern: `^[^${hidden}${characters.joining}]*$`,
    // The part before the @ may have letters of all alphabets.
    format: "idn-email",
    description: "Trimmed, NFC and lower case; unique",
    examples: ["grace@example.com"],
    "x-message": "must be an email address of at most 254 characters",
  },
  password: {
    type: "string",
    format: "password",
    minLength: 8,
    maxLength: 72,
    pattern: `^[^${characters.control}]*$`,
    // bcrypt reads no more: a longer password would match by its first 72 bytes alone.
    "x-max-bytes": 72,
    description: "At most 72 bytes of UTF-8; hashed in its NFKC form",
    examples: ["correct horse battery"],
    "x-message": "must be a string of at least 8 characters and at most 72 bytes of UTF-8, without control characters",
  },
} as const;

const userSchema = { type: "object", additionalProperties: false, properties: userProperties } as const;
export const userCreateSchema = { ...userSchema, required: ["name", "email", "password"] } as const;
export const userUpdateSchema = { ...userSchema, minProperties: 1 } as const;

export type UserCreate = FromSchema<typeof userCreateSchema>;
export type UserUpdate = FromSchema<typeof userUpdateSchema>;

const isAllowed = new RegExp(`^${allowedText}$`, "u");

/** Trims text, unless it will be refused: some hidden characters count as white space, and would be trimmed away. */
const trimmed = (text: string): string => (isAllowed.test(text) ? text.trim() : text);

const emailPattern = new RegExp(userProperties.email.pattern, "u");

/** NFC shortens a text to a quarter at most: what is longer can't become short enough, and is refused as it is. */
const maxUnnormalizedLength = 4 * userProperties.email.maxLength;

/** One spelling for an address: NFC last, since lower case may compose where the capital does not (ẖ, ǰ). */
export function normalizedEmail(text: string): string {
  const email = text.trim();
  if (email.length > maxUnnormalizedLength || !emailPattern.test(text)) return text;
  const normalized = email.toLowerCase().normalize("NFC");
  const at = normalized.lastIndexOf("@") + 1;
  return normalized.slice(0, at) + unicodeDomain(normalized.slice(at));
}

/** The domain in letters: `xn--…` and what it stands for are one. What can't be written so stays as it is. */
function unicodeDomain(domain: string): string {
  // node:url reads a URL's host: these characters would end it, or be decoded.
  if (/[/\\?#:%]/.test(domain)) return domain;
  const ascii = domainToASCII(domain);
  const unicode = domainToUnicode(ascii);
  const isSame = unicode !== "" && domainToASCII(unicode) === ascii;
  return isSame && emailPattern.test(unicode) ? unicode : domain;
}

function normalize(body: unknown): unknown {
  if (!isObject(body)) return body;
  const { name, email } = body;
  return {
    ...body,
    ...(typeof name === "string" && { name: trimmed(name) }),
    ...(typeof email === "string" && { email: normalizedEmail(email) }),
  };
}

export const userCreateBody = jsonSchemaBody<UserCreate>(userCreateSchema, normalize);
export const userUpdateBody = jsonSchemaBody<UserUpdate>(userUpdateSchema, normalize);
