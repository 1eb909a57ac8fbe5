import { param, type ValidationChain } from "express-validator";

/** An id on the wire: 24 hex digits, a MongoDB ObjectId. */
export const objectIdPattern = "^[0-9a-fA-F]{24}$";
export const objectIdExample = "65f0c0ffee65f0c0ffee65f0";
export const objectIdMessage = "must be 24 hex digits";

/** Adds the check of an id; `isMongoId` would take `0x` and 22 digits for one. */
export const withObjectIdRule = (chain: ValidationChain): ValidationChain =>
  chain.isString().bail().matches(new RegExp(objectIdPattern)).withMessage(objectIdMessage);

export const pathId = (): ValidationChain => withObjectIdRule(param("id", objectIdMessage));
