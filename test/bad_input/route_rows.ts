import type { Resource } from "./connection_rows.js";
import { apiKey, ask, existingId, noBody, type Row, send } from "./row.js";

const unreadable = "The request can't be read.";
const noPath = "No such route.";
const noKey = "Send an API key as Authorization: Bearer <key>.";
const hexId = "must be 24 hex digits";
const anyNoId = `${"0".repeat(24)}`;
const limitIs = "must be a whole number from 1 to 100";
const cursorIs = "must be the next_cursor of a page";
const noneHere = "unknown parameter; allowed: none";

const notAllowed = (method: string) => `${method} is not allowed here.`;

/** What is wrong with a key, a path or a method. */
export function routeRows({ path, valid }: Resource): readonly Row[] {
  const one = `${path}/${existingId}`;
  // biome-ignore format: one row a line
  return [
    ["no key", ask(`GET ${path}`, "Authorization:"), 401, "", noKey],
    ["no key and a path that isn't there", ask("GET /nothing", "Authorization:"), 401, "", noKey],
    ["a wrong key", ask(`GET ${path}`, `Authorization: Bearer ${apiKey.slice(1)}`), 401, "", noKey],
    ["half a key", ask(`GET ${path}`, `Authorization: Bearer ${apiKey.slice(0, -1)}`), 401, "", noKey],
    ["a key and more", ask(`GET ${path}`, `Authorization: Bearer ${apiKey} x`), 401, "", noKey],
    ["an empty key", ask(`GET ${path}`, "Authorization: Bearer "), 401, "", noKey],
    ["the key by another scheme", ask(`GET ${path}`, `Authorization: Basic ${apiKey}`), 401, "", noKey],
    ["the key in another header", ask(`GET ${path}`, "Authorization:", `X-Api-Key: ${apiKey}`), 401, "", noKey],
    ["the key in the query", ask(`GET ${path}?api_key=${apiKey}`, "Authorization:"), 401, "", noKey],
    ["two keys, the first wrong", ask(`GET ${path}`, "Authorization: Bearer x", `Authorization: Bearer ${apiKey}`), 401, "", noKey],
    ["a path that isn't there", ask("GET /nothing"), 404, "", noPath],
    ["a body for a path that isn't there", send("POST /nothing", valid), 404, "", noPath],
    ["two slashes", ask(`GET /${path}`), 404, "", noPath],
    ["two slashes at the end", ask(`GET ${path}//`), 404, "", noPath],
    ["a path below an id", ask(`GET ${one}/password`), 404, "", noPath],
    ["dots in its path", ask(`GET ${path}/../../etc/passwd`), 404, "", noPath],
    ["encoded slashes in its path", ask(`GET ${path}/..%2f..%2fetc%2fpasswd`), 422, "path id", hexId],
    ["dots below the documentation", ask("GET /docs/..%2f..%2f..%2fpackage.json"), 404, "", noPath],
    ["a file that the documentation lacks", ask("GET /docs/package.json"), 404, "", noPath],
    ["HTML in its path", ask("GET /<script>alert(1)</script>"), 404, "", noPath],
    ["HTML in its id", ask(`GET ${path}/<img>`), 422, "path id", hexId],
    ["a high byte in its path", ask("GET /\u00ff"), 400, "", unreadable],
    ["a broken escape in its path", ask(`GET ${path}/%E0%A4%A`), 400, "", unreadable],
    ["an escaped byte that is not UTF-8", ask(`GET ${path}/%ff`), 400, "", unreadable],
    ["a lone percent sign in its path", ask(`GET ${path}/%`), 400, "", unreadable],
    ["a NUL in its id", ask(`GET ${path}/%00`), 422, "path id", hexId],
    ["a NUL behind its id", ask(`GET ${one}%00`), 422, "path id", hexId],
    ["a line feed behind its id", ask(`GET ${one}%0a`), 422, "path id", hexId],
    ["an id of 23 digits", ask(`GET ${path}/${"a".repeat(23)}`), 422, "path id", hexId],
    ["an id of 25 digits", ask(`GET ${path}/${"a".repeat(25)}`), 422, "path id", hexId],
    ["an id of twelve letters", ask(`GET ${path}/abcdefghijkl`), 422, "path id", hexId],
    ["an id with a letter too high", ask(`GET ${path}/${"g".repeat(24)}`), 422, "path id", hexId],
    ["a number for an id", ask(`GET ${path}/1`), 422, "path id", hexId],
    ["an operator for an id", ask(`GET ${path}/{"$ne":null}`), 422, "path id", hexId],
    ["__proto__ for an id", ask(`GET ${path}/__proto__`), 422, "path id", hexId],
    ["an id of 7,000 characters", ask(`GET ${path}/${"a".repeat(7_000)}`), 422, "path id", hexId],
    ["an id of 10,000 characters", ask(`GET ${path}/${"a".repeat(10_000)}`), 414, "", "The path and query are longer than 8000 bytes."],
    ["the method PROPFIND", send(`PROPFIND ${one}`, valid), 405, "", notAllowed("PROPFIND")],
    ["the method TRACE", ask(`TRACE ${path}`), 405, "", notAllowed("TRACE")],
    ["the method OPTIONS", ask(`OPTIONS ${path}`), 405, "", notAllowed("OPTIONS")],
    ["the method PROPFIND", ask(`PROPFIND ${path}`), 405, "", notAllowed("PROPFIND")],
    ["the method HEAD and a path that isn't there", ask("HEAD /nothing"), 404, "", noBody],
    ["the method HEAD and no id", ask(`HEAD ${path}/1`), 422, "", noBody],
    ["the method HEAD and a wrong limit", ask(`HEAD ${path}?limit=0`), 422, "", noBody],
    ["DELETE for all", ask(`DELETE ${path}`), 405, "", notAllowed("DELETE")],
    ["PUT for all", send(`PUT ${path}`, valid), 405, "", notAllowed("PUT")],
    ["POST for one", send(`POST ${one}`, valid), 405, "", notAllowed("POST")],
    ["DELETE hidden in a POST", send(`POST ${one}`, valid, "X-HTTP-Method-Override: DELETE"), 405, "", notAllowed("POST")],
    ["DELETE hidden in the query", send(`POST ${one}?_method=DELETE`, valid), 405, "", notAllowed("POST")],
    ["POST for the health", send("POST /health", valid), 405, "", notAllowed("POST")],
    ["DELETE for the document", ask("DELETE /openapi.json"), 405, "", notAllowed("DELETE")],
    ["POST for the documentation", send("POST /docs", valid), 405, "", notAllowed("POST")],
  ];
}

/** What is wrong with a query. */
export function queryRows({ path, valid }: Resource, known: string): readonly Row[] {
  const get = (query: string) => ask(`GET ${path}?${query}`);
  const unknown = `unknown parameter; allowed: ${known}`;
  const many = Array.from({ length: 200 }, (_, index) => `p${index}`);
  const first20 = many
    .slice(0, 20)
    .map((name) => `query ${name}`)
    .join(", ");
  // biome-ignore format: one row a line
  return [
    ["limit 0", get("limit=0"), 422, "query limit", limitIs],
    ["limit 101", get("limit=101"), 422, "query limit", limitIs],
    ["limit -1", get("limit=-1"), 422, "query limit", limitIs],
    ["limit 1e2", get("limit=1e2"), 422, "query limit", limitIs],
    ["limit 1.5", get("limit=1.5"), 422, "query limit", limitIs],
    ["limit NaN", get("limit=NaN"), 422, "query limit", limitIs],
    ["limit 2^64", get("limit=18446744073709551616"), 422, "query limit", limitIs],
    ["limit in Arabic digits", get("limit=%D9%A5"), 422, "query limit", limitIs],
    ["limit with a space", get("limit=+5"), 422, "query limit", limitIs],
    ["limit with a sign", get("limit=%2B5"), 422, "query limit", limitIs],
    ["limit with a NUL", get("limit=5%00"), 422, "query limit", limitIs],
    ["limit empty", get("limit="), 422, "query limit", limitIs],
    ["limit twice", get("limit=5&limit=5"), 422, "query limit", limitIs],
    ["limit[$gt]", get("limit[$gt]=1"), 422, "query limit[$gt]", unknown],
    ["limit[]", get("limit[]=1"), 422, "query limit[]", unknown],
    ["an empty cursor", get("cursor="), 422, "query cursor", cursorIs],
    ["a cursor that is too short", get("cursor=abc"), 422, "query cursor", cursorIs],
    ["a cursor with a sign that base64url lacks", get(`cursor=${"a".repeat(15)}%2B`), 422, "query cursor", cursorIs],
    ["an id for a cursor", get(`cursor=${anyNoId}`), 422, "query cursor", cursorIs],
    ["two cursors", get(`cursor=${"a".repeat(16)}&cursor=${"b".repeat(16)}`), 422, "query cursor", cursorIs],
    ["cursor[$ne]", get("cursor[$ne]=1"), 422, "query cursor[$ne]", unknown],
    ["a parameter that isn't known", get("skip=5"), 422, "query skip", unknown],
    ["a parameter in capitals", get("Limit=5"), 422, "query Limit", unknown],
    ["$where in the query", get("$where=sleep(5000)"), 422, "query $where", unknown],
    ["__proto__ in the query", get("__proto__=1"), 422, "query __proto__", unknown],
    ["__proto__[limit] in the query", get("__proto__[limit]=1"), 422, "query __proto__[limit]", unknown],
    ["constructor in the query", get("constructor=1"), 422, "query constructor", unknown],
    ["toString in the query", get("toString=1"), 422, "query toString", unknown],
    ["an encoded name in the query", get("%24gt=1"), 422, "query $gt", unknown],
    ["a broken escape in the query", get("limit=%E0%A4%A"), 422, "query limit", limitIs],
    ["a parameter without a name", get("=1"), 422, "query", unknown],
    ["200 parameters", get(many.map((name) => `${name}=1`).join("&")), 422, first20, unknown],
    ["1,100 times a limit, then another", get(`${"limit&".repeat(1_100)}x=1`), 422, "query limit", limitIs],
    ["a parameter for one", ask(`GET ${path}/${existingId}?limit=5`), 422, "query limit", noneHere],
    ["a parameter for a POST", send(`POST ${path}?admin=1`, valid), 422, "query admin", noneHere],
    ["an operator in the query of a POST", send(`POST ${path}?limit[$gt]=1`, valid), 422, "query limit[$gt]", noneHere],
    ["__proto__ in the query of a POST", send(`POST ${path}?__proto__=1`, valid), 422, "query __proto__", noneHere],
  ];
}
