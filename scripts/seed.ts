import { showProgress } from "./chaos/progress.js";
import { ApiClient } from "./stack/api_client.js";
import { checkUp, orders, textOf, users } from "./stack/flow.js";
import { main } from "./stack/main.js";
import { orderOf, personOf } from "./stack/seed_data.js";
import { wholeNumber } from "./stack/settings.js";

const atOnce = 8;
const client = new ApiClient();

async function seed(): Promise<void> {
  const [count, seedNumber] = [wholeNumber("n", 1_000), wholeNumber("SEED", 1)];
  await checkUp();
  const start = performance.now();
  const people = await makePeople(Math.max(1, Math.ceil(count / 20)), seedNumber);
  const orderCounts = await placeOrders(count, seedNumber, people.ids);
  const took = ((performance.now() - start) / 1_000).toFixed(1);
  console.log(`Orders: ${orderCounts}\nUsers: ${people.counts}`);
  const pauses = client.pauses > 0 ? `, ${client.pauses} retries after 429 or 503` : "";
  console.log(`Took ${took} s${pauses}. Repeat with: make seed n=${count} SEED=${seedNumber}`);
}

async function makePeople(count: number, seedNumber: number) {
  const ids = new Array<string>(count).fill("");
  await each("Users", count, async (index) => {
    const { response, body } = await client.post(`${users()}/users/`, personOf(seedNumber, index), {}, [409]);
    if (response.status !== 409) ids[index] = textOf(body, "id");
  });
  const made = ids.filter((id) => id !== "").length;
  const known = made < count ? await idsByEmail() : new Map<string, string>();
  const all = ids.map((id, index) => id || (known.get(personOf(seedNumber, index).email) ?? ""));
  return { ids: all, counts: counted(made, count) };
}

async function placeOrders(count: number, seedNumber: number, userIds: readonly string[]): Promise<string> {
  let made = 0;
  await each("Orders", count, async (index) => {
    const { body, key } = orderOf(seedNumber, index, userIds);
    const { response } = await client.post(`${orders()}/orders`, body, { "Idempotency-Key": key });
    if (response.headers.get("Idempotency-Replayed") !== "true") made += 1;
  });
  return counted(made, count);
}

/** Reads the list of users page by page, which is usually fewer calls than one per address. */
async function idsByEmail(): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>();
  let query = "";
  do {
    const { body } = await client.get(`${users()}/users?limit=100${query}`);
    const data: unknown = typeof body === "object" && body !== null && "data" in body ? body.data : [];
    for (const user of Array.isArray(data) ? data : []) ids.set(textOf(user, "email"), textOf(user, "id"));
    const cursor = textOf(body, "next_cursor");
    query = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
  } while (query !== "");
  return ids;
}

function counted(made: number, count: number): string {
  return `${made} created${made < count ? `, ${count - made} existed already` : ""}`;
}

/** Runs `work` for 0 to `count` - 1, some at a time, and shows how far it is. */
async function each(title: string, count: number, work: (index: number) => Promise<void>): Promise<void> {
  const indexes = Array(count).keys();
  let done = 0;
  const worker = async () => {
    for (const index of indexes) {
      await work(index);
      done += 1;
    }
  };
  await showProgress(title, count, () => done, Promise.all(Array.from({ length: atOnce }, worker)));
}

await main(seed);
