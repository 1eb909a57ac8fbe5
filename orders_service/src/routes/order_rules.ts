import { objectIdRule } from "@order-flow/common/http/object_id.js";
import {
  follows,
  isObject,
  jsonObject,
  type Members,
  type Mistake,
  objectMistakes,
  type Rule,
} from "@order-flow/common/http/validation.js";
import { header, query, type ValidationChain } from "express-validator";
import type { OrderItem } from "../models/order.js";

/** The limits of an order; the OpenAPI schemas are made of the same. A total stays below 2^53. */
export const orderLimits = {
  itemsMin: 1,
  itemsMax: 100,
  skuPattern: "^[A-Za-z0-9._-]{1,64}$",
  quantityMin: 1,
  quantityMax: 1_000_000,
  unitPriceCentsMin: 0,
  unitPriceCentsMax: 90_000_000,
  currencyPattern: "^[A-Z]{3}$",
  currencyDefault: "USD",
  idempotencyKeyPattern: "^[\\x21-\\x7e]{1,255}$",
} as const;

function text(pattern: string, message: string): Rule {
  const wanted = new RegExp(pattern);
  return (value) => (typeof value === "string" && wanted.test(value) ? undefined : message);
}

const integer =
  (min: number, max: number): Rule =>
  (value) =>
    Number.isInteger(value) && Number(value) >= min && Number(value) <= max
      ? undefined
      : `must be an integer from ${min} to ${max}`;

const itemMembers: Members = {
  sku: { rule: text(orderLimits.skuPattern, "must be 1 to 64 of A-Z a-z 0-9 . _ -") },
  quantity: { rule: integer(orderLimits.quantityMin, orderLimits.quantityMax) },
  unit_price_cents: { rule: integer(orderLimits.unitPriceCentsMin, orderLimits.unitPriceCentsMax) },
};

const itemsRule: Rule = (value) => {
  const { itemsMin, itemsMax } = orderLimits;
  if (!Array.isArray(value) || value.length < itemsMin || value.length > itemsMax)
    return `must be an array of ${itemsMin} to ${itemsMax} items`;
  const mistakes = value.flatMap((item, index) => itemMistakes(item, `/${index}`));
  return mistakes.length > 0 ? mistakes : undefined;
};

function itemMistakes(item: unknown, at: string): readonly Mistake[] {
  const names = Object.keys(itemMembers).join(", ");
  if (!isObject(item)) return [{ at, message: `must be an object with ${names}` }];
  return (objectMistakes(item, itemMembers) ?? []).map((mistake) => ({ ...mistake, at: at + mistake.at }));
}

const lowerCase = (id: string): string => id.toLowerCase();

/** JSON has a -0, which MongoDB would store as one. */
const withPlainZeros = (items: OrderItem[]): OrderItem[] =>
  items.map((item) => ({ ...item, unit_price_cents: item.unit_price_cents + 0 }));

const members: Members = {
  user_id: { rule: objectIdRule, clean: lowerCase },
  items: { rule: itemsRule, clean: withPlainZeros },
  currency: {
    rule: text(orderLimits.currencyPattern, "must be three capital letters, such as USD"),
    default: orderLimits.currencyDefault,
  },
};

/** The rule of a new order. */
export const newOrder = (): ValidationChain => jsonObject(members);

/** The rule of the header `Idempotency-Key`. */
export const idempotencyKey = (): ValidationChain =>
  follows(
    header("Idempotency-Key").optional(),
    text(orderLimits.idempotencyKeyPattern, "must be 1 to 255 visible ASCII characters"),
  );

/** The rule of the filter of a list. */
export const userIdFilter = (): ValidationChain => follows(query("user_id").optional(), objectIdRule);
