import { send } from "./row.js";

export const someUser = "64b7f0c2a1d3e4f5a6b7c8d9";
export const tea = { sku: "TEA-250", quantity: 2, unit_price_cents: 450 };
export const order = { user_id: someUser, items: [tea], currency: "EUR" };

export const skuIs = "must be 1 to 64 of A-Z a-z 0-9 . _ -";
export const quantityIs = "must be an integer from 1 to 1000000";
export const priceIs = "must be an integer from 0 to 90000000";
export const currencyIs = "must be three capital letters, such as USD";
export const userIs = "must be 24 hex digits";
export const keyIs = "must be 1 to 255 visible ASCII characters";
export const itemsIs = "must be an array of 1 to 100 items";
export const itemIs = "must be an object with sku, quantity, unit_price_cents";
export const unknown = "unknown field; allowed: user_id, items, currency";
export const unknownInItem = "unknown field; allowed: sku, quantity, unit_price_cents";

export const post = (body: object | string, ...headers: readonly string[]) =>
  send("POST /orders", typeof body === "string" ? body : JSON.stringify(body), ...headers);

/** A new order of which one member, or one of its item, is the JSON that is given. */
const spoilt = (whole: object, spoiltPart: object, name: string, json: string) =>
  post(JSON.stringify(whole).replace(JSON.stringify(spoiltPart).slice(1, -1), `"${name}":${json}`));
export const user = (json: string) => spoilt(order, { user_id: someUser }, "user_id", json);
export const items = (json: string) => spoilt(order, { items: [tea] }, "items", json);
export const currency = (json: string) => spoilt(order, { currency: "EUR" }, "currency", json);
export const sku = (json: string) => spoilt(order, { sku: tea.sku }, "sku", json);
export const quantity = (json: string) => spoilt(order, { quantity: tea.quantity }, "quantity", json);
export const price = (json: string) =>
  spoilt(order, { unit_price_cents: tea.unit_price_cents }, "unit_price_cents", json);
/** More in the order, or in its item. */
export const and = (members: string) => post(`{${members},${JSON.stringify(order).slice(1)}`);
export const inItem = (members: string) => items(`[{${members},${JSON.stringify(tea).slice(1)}]`);
export const key = (value: string) => post(order, `Idempotency-Key: ${value}`);

export const levels = (count: number) => "[".repeat(count) + "]".repeat(count);
export const list = (count: number, place: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => place(i)).join(", ");
