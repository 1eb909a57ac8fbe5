const firstNames = ["Ada", "Alan", "Barbara", "Dennis", "Edsger", "Frances", "Grace", "John", "Katherine", "Margaret"];
const lastNames = ["Allen", "Dijkstra", "Hamilton", "Hopper", "Johnson", "Liskov", "Lovelace", "McCarthy", "Ritchie"];
const skus = ["BOOK-1", "BOOK-2", "MUG-RED", "MUG-BLUE", "PEN.FINE", "DESK_OAK", "LAMP-9", "CHAIR-3"];
const currencies = ["USD", "EUR", "GBP"];

/** Random numbers from 0 to 1, the same ones for the same start (mulberry32, by Tommy Ettinger). */
export function randomFrom(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Numbers and choices for one thing: independent of the order in which things are made. */
function diceFor(seed: number, index: number) {
  const random = randomFrom(Math.imul(seed, 0x9e3779b1) + index);
  const below = (limit: number) => Math.floor(random() * limit);
  const oneOf = (choices: readonly string[]) => choices[below(choices.length)] ?? "";
  return { below, oneOf };
}

export function personOf(seed: number, index: number) {
  const { oneOf } = diceFor(seed, index);
  const [first, last] = [oneOf(firstNames), oneOf(lastNames)];
  const email = `${first}.${last}.${index}.seed${seed}@example.com`.toLowerCase();
  return { name: `${first} ${last}`, email, password: `seed ${seed} person ${index}` };
}

/** An order by one of the people, and the key that keeps it from being placed twice. */
export function orderOf(seed: number, index: number, userIds: readonly string[]) {
  const { below, oneOf } = diceFor(seed + 1, index);
  const userId = userIds[below(userIds.length)] ?? "";
  const line = () => ({ sku: oneOf(skus), quantity: 1 + below(5), unit_price_cents: 100 * (1 + below(200)) });
  const items = Array.from({ length: 1 + below(4) }, line);
  // The key includes the user: one who was deleted and created again gets new orders.
  return { key: `seed-${seed}-${index}-${userId}`, body: { user_id: userId, items, currency: oneOf(currencies) } };
}
