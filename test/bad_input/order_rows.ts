import { type Row, send } from "./row.js";

const someUser = "64b7f0c2a1d3e4f5a6b7c8d9";
const tea = { sku: "TEA-250", quantity: 2, unit_price_cents: 450 };
export const order = { user_id: someUser, items: [tea], currency: "EUR" };

const skuIs = "must be 1 to 64 of A-Z a-z 0-9 . _ -";
const quantityIs = "must be an integer from 1 to 1000000";
const priceIs = "must be an integer from 0 to 90000000";
const currencyIs = "must be three capital letters, such as USD";
const userIs = "must be 24 hex digits";
const keyIs = "must be 1 to 255 visible ASCII characters";
const itemsIs = "must be an array of 1 to 100 items";
const itemIs = "must be an object with sku, quantity, unit_price_cents";
const unknown = "unknown field; allowed: user_id, items, currency";
const unknownInItem = "unknown field; allowed: sku, quantity, unit_price_cents";

const post = (body: object | string, ...headers: readonly string[]) =>
  send("POST /orders", typeof body === "string" ? body : JSON.stringify(body), ...headers);

/** A new order of which one member, or one of its item, is the JSON that is given. */
const spoilt = (whole: object, spoiltPart: object, name: string, json: string) =>
  post(JSON.stringify(whole).replace(JSON.stringify(spoiltPart).slice(1, -1), `"${name}":${json}`));
const user = (json: string) => spoilt(order, { user_id: someUser }, "user_id", json);
const items = (json: string) => spoilt(order, { items: [tea] }, "items", json);
const currency = (json: string) => spoilt(order, { currency: "EUR" }, "currency", json);
const sku = (json: string) => spoilt(order, { sku: tea.sku }, "sku", json);
const quantity = (json: string) => spoilt(order, { quantity: tea.quantity }, "quantity", json);
const price = (json: string) => spoilt(order, { unit_price_cents: tea.unit_price_cents }, "unit_price_cents", json);
/** More in the order, or in its item. */
const and = (members: string) => post(`{${members},${JSON.stringify(order).slice(1)}`);
const inItem = (members: string) => items(`[{${members},${JSON.stringify(tea).slice(1)}]`);
const key = (value: string) => post(order, `Idempotency-Key: ${value}`);

const levels = (count: number) => "[".repeat(count) + "]".repeat(count);
const list = (count: number, place: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => place(i)).join(", ");

// biome-ignore format: one row a line
export const numberRows: readonly Row[] = [
  ["no quantity", items('[{"sku":"A","unit_price_cents":1}]'), 422, "body /items/0/quantity", quantityIs],
  ["quantity 0", quantity("0"), 422, "body /items/0/quantity", quantityIs],
  ["quantity -0", quantity("-0"), 422, "body /items/0/quantity", quantityIs],
  ["quantity -1", quantity("-1"), 422, "body /items/0/quantity", quantityIs],
  ["quantity 1000001", quantity("1000001"), 422, "body /items/0/quantity", quantityIs],
  ["quantity 1.5", quantity("1.5"), 422, "body /items/0/quantity", quantityIs],
  ["quantity 1e400", quantity("1e400"), 422, "body /items/0/quantity", quantityIs],
  ["quantity -1e400", quantity("-1e400"), 422, "body /items/0/quantity", quantityIs],
  ["quantity 1e-400", quantity("1e-400"), 422, "body /items/0/quantity", quantityIs],
  ["quantity 2^53", quantity("9007199254740992"), 422, "body /items/0/quantity", quantityIs],
  ["quantity 2^53 + 1", quantity("9007199254740993"), 422, "body /items/0/quantity", quantityIs],
  ["a quantity of 400 digits", quantity("9".repeat(400)), 422, "body /items/0/quantity", quantityIs],
  ['quantity "5"', quantity('"5"'), 422, "body /items/0/quantity", quantityIs],
  ["quantity [5]", quantity("[5]"), 422, "body /items/0/quantity", quantityIs],
  ["quantity []", quantity("[]"), 422, "body /items/0/quantity", quantityIs],
  ['quantity ""', quantity('""'), 422, "body /items/0/quantity", quantityIs],
  ["quantity {}", quantity("{}"), 422, "body /items/0/quantity", quantityIs],
  ["quantity true", quantity("true"), 422, "body /items/0/quantity", quantityIs],
  ["quantity null", quantity("null"), 422, "body /items/0/quantity", quantityIs],
  ["quantity with valueOf", quantity('{"valueOf":5}'), 422, "body /items/0/quantity", quantityIs],
  ["quantity $numberLong", quantity('{"$numberLong":"5"}'), 422, "body /items/0/quantity", quantityIs],
  ["8,000 levels for a quantity", quantity(levels(8_000)), 422, "body /items/0/quantity", quantityIs],
  ["no price", items('[{"sku":"A","quantity":1}]'), 422, "body /items/0/unit_price_cents", priceIs],
  ["price -1", price("-1"), 422, "body /items/0/unit_price_cents", priceIs],
  ["price 90000001", price("90000001"), 422, "body /items/0/unit_price_cents", priceIs],
  ["price 4.5", price("4.5"), 422, "body /items/0/unit_price_cents", priceIs],
  ["price 0.1e-5", price("0.1e-5"), 422, "body /items/0/unit_price_cents", priceIs],
  ["price 1e400", price("1e400"), 422, "body /items/0/unit_price_cents", priceIs],
  ["price -1e400", price("-1e400"), 422, "body /items/0/unit_price_cents", priceIs],
  ["price 2^53 + 1", price("9007199254740993"), 422, "body /items/0/unit_price_cents", priceIs],
  ['price "450"', price('"450"'), 422, "body /items/0/unit_price_cents", priceIs],
  ['price ""', price('""'), 422, "body /items/0/unit_price_cents", priceIs],
  ["price []", price("[]"), 422, "body /items/0/unit_price_cents", priceIs],
  ["price [450]", price("[450]"), 422, "body /items/0/unit_price_cents", priceIs],
  ["price {}", price("{}"), 422, "body /items/0/unit_price_cents", priceIs],
  ["price false", price("false"), 422, "body /items/0/unit_price_cents", priceIs],
  ["price null", price("null"), 422, "body /items/0/unit_price_cents", priceIs],
];

// biome-ignore format: one row a line
export const textRows: readonly Row[] = [
  ["no user_id", post({ items: order.items }), 422, "body /user_id", userIs],
  ["an empty user_id", user('""'), 422, "body /user_id", userIs],
  ["a user_id of 23 digits", user(`"${"a".repeat(23)}"`), 422, "body /user_id", userIs],
  ["a user_id of 25 digits", user(`"${"a".repeat(25)}"`), 422, "body /user_id", userIs],
  ["a user_id of 12 letters", user('"abcdefghijkl"'), 422, "body /user_id", userIs],
  ["a user_id that is not hexadecimal", user(`"${"g".repeat(24)}"`), 422, "body /user_id", userIs],
  ["a user_id in full-width digits", user(`"${"１".repeat(24)}"`), 422, "body /user_id", userIs],
  ["a line feed behind a user_id", user(`"${someUser}\\n"`), 422, "body /user_id", userIs],
  ["a NUL behind a user_id", user(`"${someUser}\\u0000"`), 422, "body /user_id", userIs],
  ["a user_id in an array", user(`["${someUser}"]`), 422, "body /user_id", userIs],
  ["a user_id in an object", user(`{"$oid":"${someUser}"}`), 422, "body /user_id", userIs],
  ["an operator for a user_id", user('{"$ne":""}'), 422, "body /user_id", userIs],
  ["a number for a user_id", user("5"), 422, "body /user_id", userIs],
  ["null for a user_id", user("null"), 422, "body /user_id", userIs],
  ["8,000 levels for a user_id", user(levels(8_000)), 422, "body /user_id", userIs],
  ["an empty sku", sku('""'), 422, "body /items/0/sku", skuIs],
  ["a sku of 65 characters", sku(`"${"A".repeat(65)}"`), 422, "body /items/0/sku", skuIs],
  ["a sku of 100,000 characters", sku(`"${"A".repeat(100_000)}"`), 422, "body /items/0/sku", skuIs],
  ["a space in a sku", sku('"TEA 250"'), 422, "body /items/0/sku", skuIs],
  ["a slash in a sku", sku('"../TEA"'), 422, "body /items/0/sku", skuIs],
  ["a letter that is not ASCII in a sku", sku('"THÉ"'), 422, "body /items/0/sku", skuIs],
  ["a letter that only looks like ASCII in a sku", sku('"ТEA"'), 422, "body /items/0/sku", skuIs],
  ["a NUL in a sku", sku('"TEA\\u0000"'), 422, "body /items/0/sku", skuIs],
  ["a line feed behind a sku", sku('"TEA\\n"'), 422, "body /items/0/sku", skuIs],
  ["a zero-width space in a sku", sku('"T\\u200bEA"'), 422, "body /items/0/sku", skuIs],
  ["a bidi override in a sku", sku('"\\u202eTEA"'), 422, "body /items/0/sku", skuIs],
  ["half a surrogate pair in a sku", sku('"\\ud83d"'), 422, "body /items/0/sku", skuIs],
  ["a number for a sku", sku("250"), 422, "body /items/0/sku", skuIs],
  ["null for a sku", sku("null"), 422, "body /items/0/sku", skuIs],
  ["a sku in an array", sku('["TEA"]'), 422, "body /items/0/sku", skuIs],
  ["an operator for a sku", sku('{"$gt":""}'), 422, "body /items/0/sku", skuIs],
  ["a currency in small letters", currency('"usd"'), 422, "body /currency", currencyIs],
  ["a currency of two letters", currency('"US"'), 422, "body /currency", currencyIs],
  ["a currency of four letters", currency('"USDT"'), 422, "body /currency", currencyIs],
  ["a currency's sign", currency('"€"'), 422, "body /currency", currencyIs],
  ["a currency with an umlaut", currency('"ÜSD"'), 422, "body /currency", currencyIs],
  ["a space before the currency", currency('" USD"'), 422, "body /currency", currencyIs],
  ["a line feed behind the currency", currency('"USD\\n"'), 422, "body /currency", currencyIs],
  ["an empty currency", currency('""'), 422, "body /currency", currencyIs],
  ["a currency's number", currency("840"), 422, "body /currency", currencyIs],
  ["null for a currency", currency("null"), 422, "body /currency", currencyIs],
  ["a currency in an array", currency('["USD"]'), 422, "body /currency", currencyIs],
  ["a space in the key", key("my key"), 422, "header Idempotency-Key", keyIs],
  ["a tab in the key", key("my\tkey"), 422, "header Idempotency-Key", keyIs],
  ["an empty key", key(""), 422, "header Idempotency-Key", keyIs],
  ["a key of 256 characters", key("k".repeat(256)), 422, "header Idempotency-Key", keyIs],
  ["a key that is not ASCII", key("schlüssel"), 422, "header Idempotency-Key", keyIs],
  ["a control character in the key", key("k\u0001"), 400, "", "The request can't be read."],
  ["two keys", post(order, "Idempotency-Key: a", "Idempotency-Key: b"), 422, "header Idempotency-Key", keyIs],
  ["a key that another order used", key("used"), 422, "header Idempotency-Key", "was used with another body"],
];

// biome-ignore format: one row a line
export const memberRows: readonly Row[] = [
  ["nothing in its object", post("{}"), 422, "body /user_id, body /items", userIs],
  ["no items", post({ user_id: someUser }), 422, "body /items", itemsIs],
  ["an empty list of items", items("[]"), 422, "body /items", itemsIs],
  ["101 items", post({ ...order, items: Array(101).fill(tea) }), 422, "body /items", itemsIs],
  ["an item that is in no list", items(JSON.stringify(tea)), 422, "body /items", itemsIs],
  ["an object like a list of items", items('{"0":{},"length":1}'), 422, "body /items", itemsIs],
  ["a string for items", items('"TEA"'), 422, "body /items", itemsIs],
  ["a number for items", items("5"), 422, "body /items", itemsIs],
  ["null for items", items("null"), 422, "body /items", itemsIs],
  ["null for an item", items("[null]"), 422, "body /items/0", itemIs],
  ["null for the second item", items(`[${JSON.stringify(tea)},null]`), 422, "body /items/1", itemIs],
  ["a number for an item", items("[5]"), 422, "body /items/0", itemIs],
  ["a string for an item", items('["TEA"]'), 422, "body /items/0", itemIs],
  ["a list for an item", items(`[[${JSON.stringify(tea)}]]`), 422, "body /items/0", itemIs],
  ["8,000 levels for an item", items(levels(8_000)), 422, "body /items/0", itemIs],
  ["an empty item", items("[{}]"), 422, "body /items/0/sku, body /items/0/quantity, body /items/0/unit_price_cents", skuIs],
  ["mistakes all over", post({ user_id: "x", items: [{ ...tea, quantity: 0 }, tea, { ...tea, sku: "" }], currency: "x", vip: 1 }), 422, "body /vip, body /user_id, body /items/0/quantity, body /items/2/sku, body /currency", unknown],
  ["thirty wrong items", post({ ...order, items: Array(30).fill({ ...tea, quantity: 0 }) }), 422, list(20, (i) => `body /items/${i}/quantity`), quantityIs],
  ["a total of its own", and('"total_cents":1'), 422, "body /total_cents", unknown],
  ["an _id", and(`"_id":"${someUser}"`), 422, "body /_id", unknown],
  ["an id", and(`"id":"${someUser}"`), 422, "body /id", unknown],
  ["created_at", and('"created_at":"2020-01-01T00:00:00Z"'), 422, "body /created_at", unknown],
  ["published_at", and('"published_at":"2020-01-01T00:00:00Z"'), 422, "body /published_at", unknown],
  ["an outbox", and('"outbox":null'), 422, "body /outbox", unknown],
  ["idempotency", and('"idempotency":{"key":"a"}'), 422, "body /idempotency", unknown],
  ["a discount", and('"discount":100'), 422, "body /discount", unknown],
  ["$set", and('"$set":{"total_cents":0}'), 422, "body /$set", unknown],
  ["$where", and('"$where":"sleep(5000)"'), 422, "body /$where", unknown],
  ["a path into the items", and('"items.0.quantity":1'), 422, "body /items.0.quantity", unknown],
  ["another path into the items", and('"items[0]":1'), 422, "body /items[0]", unknown],
  ["__proto__", and('"__proto__":{"admin":true}'), 422, "body /__proto__", unknown],
  ["everything in __proto__", post(`{"__proto__":${JSON.stringify(order)}}`), 422, "body /__proto__, body /user_id, body /items", unknown],
  ["constructor", and('"constructor":{"prototype":{"a":1}}'), 422, "body /constructor", unknown],
  ["hasOwnProperty", and('"hasOwnProperty":1'), 422, "body /hasOwnProperty", unknown],
  ["__defineGetter__", and('"__defineGetter__":1'), 422, "body /__defineGetter__", unknown],
  ["a member in capitals", and('"User_id":1'), 422, "body /User_id", unknown],
  ["an operator behind a member", and('"user_id.$ne":1'), 422, "body /user_id.$ne", unknown],
  ["toString", and('"toString":"x"'), 422, "body /toString", unknown],
  ["a member without a name", and('"":1'), 422, "body /", unknown],
  ["a member with / and ~", and('"a/b~c":1'), 422, "body /a~1b~0c", unknown],
  ["8,000 levels in a member", and(`"x":${levels(8_000)}`), 422, "body /x", unknown],
  ["25 members too many", and(Array.from({ length: 25 }, (_, i) => `"x${i}":1`).join()), 422, list(20, (i) => `body /x${i}`), unknown],
  ["a price of another name in an item", inItem('"price":1'), 422, "body /items/0/price", unknownInItem],
  ["a total in an item", inItem('"total_cents":1'), 422, "body /items/0/total_cents", unknownInItem],
  ["an _id in an item", inItem('"_id":1'), 422, "body /items/0/_id", unknownInItem],
  ["__proto__ in an item", inItem('"__proto__":{"quantity":1}'), 422, "body /items/0/__proto__", unknownInItem],
  ["everything in an item's __proto__", items(`[{"__proto__":${JSON.stringify(tea)}}]`), 422, "body /items/0/__proto__, body /items/0/sku, body /items/0/quantity, body /items/0/unit_price_cents", unknownInItem],
  ["toString in an item", inItem('"toString":1'), 422, "body /items/0/toString", unknownInItem],
  ["$inc in an item", inItem('"$inc":{"quantity":1}'), 422, "body /items/0/$inc", unknownInItem],
  ["a member of an item twice", inItem('"quantity":9'), 400, "", "An object in the body has a member twice."],
  ["8,000 levels in an item", inItem(`"x":${levels(8_000)}`), 422, "body /items/0/x", unknownInItem],
];
