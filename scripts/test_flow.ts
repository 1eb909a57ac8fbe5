import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { check, checkSoon, checkUp, expectStatus, isRemote, orders, textOf, users } from "./stack/flow.js";
import { main } from "./stack/main.js";
import { timesPrinted } from "./stack/notifications.js";

const notificationsLog = "Look at: make ps, make logs s=notifications, make logs s=orders";
const items = [{ sku: "BOOK-1", quantity: 2, unit_price_cents: 1250 }];
let userUrl = "";

async function flow(): Promise<void> {
  await checkUp();
  const userId = await userScenarios();
  await orderScenario(userId);
  const id = await sameKeyTwice(userId);
  await deleteUser();
  // Now and not before: a second line would have had its time to come.
  if (!isRemote()) check((await timesPrinted(id)) === 1, "The order with a key was printed once", notificationsLog);
  const proven = isRemote() ? "is on its way to become" : "becomes";
  console.log(`\nAll of it works: an order placed with curl ${proven} a notification.`);
}

async function userScenarios(): Promise<string> {
  const user = { name: "Ada Lovelace", email: `ada.${randomUUID()}@example.com`, password: "correct horse" };
  const url = `${users()}/users/`;
  const created = await expectStatus(201, "A user is created", { method: "POST", url, body: user });
  const id = textOf(created.body, "id");
  userUrl = `${url}${id}`;
  check(
    !JSON.stringify(created.body).includes("password"),
    "The response shows no password",
    "See toPublicUser in user_service",
  );
  await expectStatus(200, "The user can be read", { method: "GET", url: userUrl });
  const renamed = { name: "Augusta Ada King" };
  const updated = await expectStatus(200, "The user can be changed", { method: "PUT", url: userUrl, body: renamed });
  check(textOf(updated.body, "name") === renamed.name, "The new name is there", "Look at: make logs s=users");
  await expectStatus(409, "The same e-mail address is refused", { method: "POST", url, body: user });
  const invalid = { name: "", email: "not an address", password: "short" };
  await expectStatus(422, "An invalid body is refused", { method: "POST", url, body: invalid });
  return id;
}

async function orderScenario(userId: string): Promise<void> {
  const body = { user_id: userId, items };
  const placed = await expectStatus(201, "An order is placed", { method: "POST", url: `${orders()}/orders`, body });
  const id = textOf(placed.body, "id");
  await checkNotified(id);
  await checkPublished(id);
}

async function sameKeyTwice(userId: string): Promise<string> {
  const headers = [`Idempotency-Key: ${randomUUID()}`];
  const body = { user_id: userId, items, currency: "EUR" };
  const call = { method: "POST", url: `${orders()}/orders`, headers, body } as const;
  const first = await expectStatus(201, "An order is placed with a key", call);
  const second = await expectStatus(201, "The same key again", call);
  const id = textOf(first.body, "id");
  check(textOf(second.body, "id") === id, "Both calls return the same order", "Look at: make logs s=orders");
  await checkNotified(id);
  const url = `${orders()}/orders?user_id=${userId}`;
  const { body: list } = await expectStatus(200, "The user's orders can be listed", { method: "GET", url });
  const placed = isPage(list) ? list.data.length : 0;
  check(placed === 2, "There are two orders: the same key created one", "Look at: make logs s=orders");
  return id;
}

/** The line on the notifications' standard output; where that can't be read, `published_at` has to do. */
async function checkNotified(id: string): Promise<void> {
  if (isRemote()) {
    console.log("  (The notification's output can't be read from here; published_at shows that it is on its way.)");
    return;
  }
  await checkSoon(async () => (await timesPrinted(id)) > 0, `New order received: ${id}`, notificationsLog);
}

async function checkPublished(id: string): Promise<void> {
  const url = `${orders()}/orders/${id}`;
  const published = async () => {
    const { body } = await expectStatus(200, "The order can be read", { method: "GET", url });
    return textOf(body, "published_at") !== "";
  };
  // Seen on the queue already, or it takes at most a second: one more look is fair.
  const seen = (await published()) || (await sleep(1_000, true).then(published));
  check(seen, "The order has published_at", "Look at: make logs s=orders; is RabbitMQ up? make ps");
}

async function deleteUser(): Promise<void> {
  await expectStatus(204, "The user is deleted", { method: "DELETE", url: userUrl });
  const url = userUrl;
  userUrl = "";
  await expectStatus(404, "The user is gone", { method: "GET", url });
}

function isPage(value: unknown): value is { readonly data: readonly unknown[] } {
  return typeof value === "object" && value !== null && "data" in value && Array.isArray(value.data);
}

/** What was begun and failed leaves no user behind. */
async function cleanup(): Promise<void> {
  if (userUrl !== "") await deleteUser();
}

await main(flow, { cleanup });
