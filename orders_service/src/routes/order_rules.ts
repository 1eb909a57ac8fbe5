import { objectIdRule } from "@order-flow/common/http/object_id.js";
import { follows, isObject, type Mistake, type Rule, unknownNames } from "@order-flow/common/http/validation.js";
import { body, header, query, type ValidationChain } from "express-validator";
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

export const orderFields = ["user_id", "items", "currency"] as const;
const itemFields = ["sku", "quantity", "unit_price_cents"] as const;

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

const itemRules: Readonly<Record<(typeof itemFields)[number], Rule>> = {
  sku: text(orderLimits.skuPattern, "must be 1 to 64 of A-Z a-z 0-9 . _ -"),
  quantity: integer(orderLimits.quantityMin, orderLimits.quantityMax),
  unit_price_cents: integer(orderLimits.unitPriceCentsMin, orderLimits.unitPriceCentsMax),
};

const itemsRule: Rule = (value) => {
  const { itemsMin, itemsMax } = orderLimits;
  if (!Array.isArray(value) || value.length < itemsMin || value.length > itemsMax)
    return `must be an array of ${itemsMin} to ${itemsMax} items`;
  const mistakes = value.flatMap((item, index) => itemMistakes(item, `/${index}`));
  return mistakes.length > 0 ? mistakes : undefined;
};

function itemMistakes(item: unknown, at: string): readonly Mistake[] {
  if (!isObject(item)) return [{ at, message: `must be an object with ${itemFields.join(", ")}` }];
  const unknown = unknownNames(item, itemFields).map((mistake) => ({ ...mistake, at: at + mistake.at }));
  const wrong = itemFields.flatMap((name) => {
    const message = itemRules[name](Object.hasOwn(item, name) ? item[name] : undefined);
    return typeof message === "string" ? [{ at: `${at}/${name}`, message }] : [];
  });
  return [...unknown, ...wrong];
}

const lowerCase = (id: string): string => id.toLowerCase();

/** JSON has a -0, which MongoDB would store as one. */
const withPlainZeros = (items: OrderItem[]): OrderItem[] =>
  items.map((item) => ({ ...item, unit_price_cents: item.unit_price_cents + 0 }));

/** Only where there is none: express-validator's own `default` lets null and "" pass as well. */
const defaultCurrency = (currency: unknown): unknown =>
  currency === undefined ? orderLimits.currencyDefault : currency;

/** The rules of a new order and its `Idempotency-Key`. */
export const newOrderRules = (): ValidationChain[] => [
  follows(body("user_id"), objectIdRule, lowerCase),
  follows(body("items"), itemsRule, withPlainZeros),
  follows(
    body("currency").customSanitizer(defaultCurrency),
    text(orderLimits.currencyPattern, "must be three capital letters, such as USD"),
  ),
  follows(
    header("Idempotency-Key").optional(),
    text(orderLimits.idempotencyKeyPattern, "must be 1 to 255 visible ASCII characters"),
  ),
];

/** The rule of the filter of a list. */
export const userIdFilter = (): ValidationChain => follows(query("user_id").optional(), objectIdRule);
