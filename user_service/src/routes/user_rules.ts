import { jsonObject, type Members, partOfJsonObject, type Rule } from "@order-flow/common/http/validation.js";
import {
  codePoints,
  controlCharacters,
  hiddenCharacters,
  isPlainText,
  joiningCharacters,
} from "@order-flow/common/text/plain_text.js";
import type { ValidationChain } from "express-validator";
import isEmail from "validator/lib/isEmail.js";

const unseen = controlCharacters + hiddenCharacters;

/** The limits of a user's fields; the OpenAPI schemas are made of the same. Lengths in code points, bytes in UTF-8. */
export const userLimits = {
  nameMin: 1,
  nameMax: 100,
  emailMax: 254,
  passwordMin: 8,
  // bcrypt reads no more: a longer password would match by its first 72 bytes alone.
  passwordMaxBytes: 72,
  namePattern: `^[^${unseen}]*[^\\s${unseen}${joiningCharacters}][^${unseen}]*$`,
  emailPattern: `^[^${unseen}${joiningCharacters}]*$`,
  passwordPattern: `^[^${controlCharacters}]*$`,
} as const;

const cleanName = (name: string): string => name.trim();
/** NFC last: what lower case makes of a letter and its accent may compose where the capital does not (ẖ, ǰ). */
const cleanEmail = (email: string): string => email.trim().toLowerCase().normalize("NFC");
/** NIST SP 800-63B, section 3.1.1.2: the same characters give the same hash, however they were typed. */
const cleanPassword = (password: string): string => password.normalize("NFKC");

const namePattern = new RegExp(userLimits.namePattern, "u");
/** Without joiners too: in an address they have no meaning and only make one look like another. */
const emailPattern = new RegExp(userLimits.emailPattern, "u");

const nameRule: Rule = (value) => {
  if (typeof value === "string" && isPlainText(value)) {
    // The length first: the pattern takes a time that grows with its square.
    if (codePoints(cleanName(value)) <= userLimits.nameMax && namePattern.test(value)) return undefined;
  }
  return `must be a string of 1 to ${userLimits.nameMax} characters that can be seen, without control characters`;
};

const emailRule: Rule = (value) => {
  if (typeof value === "string" && isPlainText(value) && emailPattern.test(value)) {
    const email = cleanEmail(value);
    if (codePoints(email) <= userLimits.emailMax && isEmail.default(email)) return undefined;
  }
  return `must be an email address of at most ${userLimits.emailMax} characters`;
};

const passwordRule: Rule = (value) => {
  if (typeof value === "string" && isPlainText(value)) {
    const bytes = Buffer.byteLength(cleanPassword(value));
    if (codePoints(value) >= userLimits.passwordMin && bytes <= userLimits.passwordMaxBytes) return undefined;
  }
  return (
    `must be a string of at least ${userLimits.passwordMin} characters and at most ` +
    `${userLimits.passwordMaxBytes} bytes of UTF-8, without control characters`
  );
};

const members: Members = {
  name: { rule: nameRule, clean: cleanName },
  email: { rule: emailRule, clean: cleanEmail },
  password: { rule: passwordRule, clean: cleanPassword },
};

/** The rule of a new user: all members. */
export const newUser = (): ValidationChain => jsonObject(members);

/** The rule of changes to a user: any members, at least one. */
export const userChanges = (): ValidationChain => partOfJsonObject(members);
