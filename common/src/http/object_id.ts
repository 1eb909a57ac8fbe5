import { param, type ValidationChain } from "express-validator";
import { follows, type Rule } from "./validation.js";

/** What an id looks like on the wire: 24 hex digits, a MongoDB ObjectId. */
export const objectIdPattern = "^[0-9a-fA-F]{24}$";

const objectId = new RegExp(objectIdPattern);

export const objectIdRule: Rule = (value) =>
  typeof value === "string" && objectId.test(value) ? undefined : "must be 24 hex digits";

/** The rule of the `id` in a path. */
export const pathId = (): ValidationChain => follows(param("id"), objectIdRule);
