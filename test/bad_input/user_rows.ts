import { existingId, type Row, send } from "./row.js";

export const ada = { name: "Ada Lovelace", email: "ada@example.com", password: "correct horse battery" };

const nameIs = "must be a string of 1 to 100 visible characters, without control characters";
const emailIs = "must be an email address of at most 254 characters";
const passwordIs =
  "must be a string of at least 8 characters and at most 72 bytes of UTF-8, without control characters";
const unknown = "unknown field; allowed: name, email, password";
const notObject = "must be a JSON object";

/** A new user, of whom one field is the JSON that is given. */
const post = (field: keyof typeof ada, json: string) =>
  send("POST /users", JSON.stringify({ ...ada, [field]: 0 }).replace(`"${field}":0`, `"${field}":${json}`));
const email = (json: string) => post("email", json);
/** A new user with more in it. */
const and = (members: string) => send("POST /users", `{${members},${JSON.stringify(ada).slice(1)}`);
const put = (body: string, id = existingId) => send(`PUT /users/${id}`, body);

/** Rows for what may not stand in that field, in a new user or in a change. */
const refused = (
  field: keyof typeof ada,
  message: string,
  cases: readonly (readonly [what: string, json: string])[],
): readonly Row[] =>
  cases.flatMap(([what, json]): Row[] => [
    [what, post(field, json), 422, `body /${field}`, message],
    [`${what}, in a change`, put(`{"${field}":${json}}`), 422, `body /${field}`, message],
  ]);

const characters = (count: number, character = "a") => `"${character.repeat(count)}"`;
const levels = (count: number) => "[".repeat(count) + "]".repeat(count);

// biome-ignore format: one row a line
export const nameRows: readonly Row[] = refused("name", nameIs, [
  ["an empty name", '""'],
  ["a name of spaces", '"   "'],
  ["a name of spaces of another kind", '"\\u00a0\\u2003\\u3000"'],
  ["a name of 101 characters", characters(101)],
  ["a name of 101 emoji", characters(101, "😀")],
  ["a name of 100,000 characters", characters(100_000)],
  ["null for a name", "null"],
  ["true for a name", "true"],
  ["a number for a name", "5"],
  ["1e400 for a name", "1e400"],
  ["an array for a name", '["Ada"]'],
  ["an object for a name", '{"first":"Ada"}'],
  ["an object with toString for a name", '{"toString":"Ada","length":3}'],
  ["8,000 levels for a name", levels(8_000)],
  ["a NUL in a name", '"Ada\\u0000"'],
  ["a line feed in a name", '"Ada\\nadmin"'],
  ["a line feed behind a name", '"Ada\\n"'],
  ["an escape sequence in a name", '"\\u001b[31mAda"'],
  ["DEL in a name", '"Ada\\u007f"'],
  ["a C1 control in a name", '"Ada\\u009b31m"'],
  ["a line separator in a name", '"Ada\\u2028admin"'],
  ["half a surrogate pair in a name", '"Ada\\ud83d"'],
  ["the other half in a name", '"\\ude00Ada"'],
  ["a surrogate pair the wrong way round", '"\\ude00\\ud83d"'],
  ["a bidi override in a name", '"Ada\\u202enimda"'],
  ["a bidi isolate in a name", '"\\u2066Ada\\u2069"'],
  ["a right-to-left mark in a name", '"Ada\\u200f"'],
  ["a zero-width space in a name", '"A\\u200bda"'],
  ["a zero-width no-break space in a name", '"\\ufeffAda"'],
  ["a word joiner in a name", '"A\\u2060da"'],
  ["a soft hyphen in a name", '"A\\u00adda"'],
  ["nothing but joiners for a name", '"\\u200d\\u200c"'],
  ["nothing but a filler for a name", '"\\u3164"'],
  ["nothing but a blank of Braille for a name", '"\\u2800"'],
  ["a variation selector of Mongolian alone for a name", '"\\u180b"'],
  ["a flag's tags without their end in a name", '"Ada \\ud83c\\udff4\\udb40\\udc67"'],
  ["a tag character in a name", '"Ada\\udb40\\udc41"'],
]);

// biome-ignore format: one row a line
export const emailRows: readonly Row[] = refused("email", emailIs, [
  ["an empty email", '""'],
  ["null for an email", "null"],
  ["an email in an array", '["ada@example.com"]'],
  ["an email in an object", '{"$gt":""}'],
  ["an email without @", '"ada.example.com"'],
  ["an email with two @", '"ada@b@example.com"'],
  ["an email with a path behind its domain", '"ada@example.com/evil"'],
  ["an email with a query behind its domain", '"ada@example.com?a=b"'],
  ["an email with a fragment behind its domain", '"ada@example.com#a"'],
  ["an email with a backslash behind its domain", '"ada@example.com\\\\a"'],
  ["an email with a port behind its domain", '"ada@example.com:25"'],
  ["an email with an escape in its domain", '"ada@ex%61mple.com"'],
  ["a variation selector in an email's domain", '"ada@exa\\ufe0fmple.com"'],
  ["a variation selector of Mongolian in an email's domain", '"ada@exa\\u180bmple.com"'],
  ["an xn-- form of ASCII in an email", '"ada@xn--example-.com"'],
  ["an email without a name", '"@example.com"'],
  ["an email without a domain", '"ada@"'],
  ["an email at a host", '"ada@localhost"'],
  ["an email at an address", '"ada@127.0.0.1"'],
  ["an email at an address in brackets", '"ada@[127.0.0.1]"'],
  ["an email with a name to show", '"Ada <ada@example.com>"'],
  ["two emails", '"ada@example.com,b@example.com"'],
  ["an email with two dots", '"ada..l@example.com"'],
  ["an email with a space", '"ada l@example.com"'],
  ["an email with a header in it", '"ada@example.com\\r\\nBcc: b@example.com"'],
  ["a line feed behind an email", '"ada@example.com\\n"'],
  ["an email with a NUL", '"ada@example.com\\u0000.org"'],
  ["an email with half a surrogate pair", '"ada\\ud83d@example.com"'],
  ["an email with a bidi override", '"ada\\u202e@example.com"'],
  ["a right-to-left mark in an email's domain", '"ada@exa\\u200fmple.com"'],
  ["a zero-width space in an email", '"a\\u200bda@example.com"'],
  ["a zero-width joiner in an email", '"a\\u200dda@example.com"'],
  ["a zero-width non-joiner in an email's domain", '"ada@exam\\u200cple.com"'],
  ["a soft hyphen in an email", '"a\\u00adda@example.com"'],
  ["an email that begins with U+FEFF", '"\\ufeffada@example.com"'],
  ["an email of 255 characters", `"${"a".repeat(60)}@${`${"b".repeat(60)}.`.repeat(3)}${"c".repeat(7)}.com"`],
  ["an email whose name has 65 characters", `"${"a".repeat(65)}@example.com"`],
  ["a dot before an email", '".ada@example.com"'],
  ["a hyphen before an email's domain", '"ada@-example.com"'],
  ["a tab before an email", '"\\tada@example.com"'],
  ["an email of 100,000 characters", `"${"a".repeat(99_000)}@example.com"`],
  ["8,000 levels for an email", levels(8_000)],
]);

// biome-ignore format: one row a line
export const passwordRows: readonly Row[] = refused("password", passwordIs, [
  ["an empty password", '""'],
  ["a password of 7 characters", characters(7)],
  ["a password of 7 emoji", characters(7, "😀")],
  ["a password of 73 bytes", characters(73)],
  ["a password of 37 letters of 2 bytes", characters(37, "é")],
  ["a password of 19 emoji", characters(19, "😀")],
  ["a password that grows over 72 bytes in NFKC", characters(24, "ﬃ") .replace('"', '"a')],
  ["a password of 100,000 characters", characters(100_000)],
  ["a number for a password", "12345678"],
  ["a password in an array", '["correct horse battery"]'],
  ["an operator for a password", '{"$ne":""}'],
  ["an array of 8 for a password", "[1,2,3,4,5,6,7,8]"],
  ["null for a password", "null"],
  ["a NUL in a password", '"correct\\u0000horse"'],
  ["a line feed in a password", '"correct\\nhorse"'],
  ["half a surrogate pair in a password", '"correct horse\\ud83d"'],
]);

export const takenRows: readonly Row[] = [
  ["an email that is taken", email('"there.already@example.com"'), 409, "", "This email address is taken."],
  ["a taken email in capitals", email('"There.Already@EXAMPLE.com"'), 409, "", "This email address is taken."],
  ["a taken email with spaces", email('"  there.already@example.com "'), 409, "", "This email address is taken."],
];

// biome-ignore format: one row a line
export const memberRows: readonly Row[] = [
  ["nothing in its object", send("POST /users", "{}"), 422, "body /name, body /email, body /password", nameIs],
  ["everything wrong", send("POST /users", '{"x":1,"name":1,"email":2,"password":3}'), 422, "body /x, body /name, body /email, body /password", unknown],
  ["a role", and('"role":"admin"'), 422, "body /role", unknown],
  ["an _id", and(`"_id":"${"a".repeat(24)}"`), 422, "body /_id", unknown],
  ["an id", and(`"id":"${"a".repeat(24)}"`), 422, "body /id", unknown],
  ["a password_hash", and('"password_hash":"$2b$10$a"'), 422, "body /password_hash", unknown],
  ["created_at", and('"created_at":"2020-01-01T00:00:00Z"'), 422, "body /created_at", unknown],
  ["updated_at", and('"updated_at":"2020-01-01T00:00:00Z"'), 422, "body /updated_at", unknown],
  ["__v", and('"__v":5'), 422, "body /__v", unknown],
  ["__proto__", and('"__proto__":{"admin":true}'), 422, "body /__proto__", unknown],
  ["everything in __proto__", send("POST /users", `{"__proto__":${JSON.stringify(ada)}}`), 422, "body /__proto__, body /name, body /email, body /password", unknown],
  ["constructor", and('"constructor":{"prototype":{"admin":true}}'), 422, "body /constructor", unknown],
  ["prototype", and('"prototype":{"admin":true}'), 422, "body /prototype", unknown],
  ["toString", and('"toString":"x"'), 422, "body /toString", unknown],
  ["hasOwnProperty", and('"hasOwnProperty":1'), 422, "body /hasOwnProperty", unknown],
  ["$set", and('"$set":{"admin":true}'), 422, "body /$set", unknown],
  ["$where", and('"$where":"sleep(5000)"'), 422, "body /$where", unknown],
  ["a name with a dot", and('"name.first":"Ada"'), 422, "body /name.first", unknown],
  ["a path into the email", and('"email[0]":"x"'), 422, "body /email[0]", unknown],
  ["a name in capitals", and('"Name":"Ada"'), 422, "body /Name", unknown],
  ["a member without a name", and('"":1'), 422, "body /", unknown],
  ["a member with / and ~", and('"a/b~c":1'), 422, "body /a~1b~0c", unknown],
  ["8,000 levels in a member", and(`"x":${levels(8_000)}`), 422, "body /x", unknown],
  ["25 members too many", and(Array.from({ length: 25 }, (_, i) => `"x${i}":1`).join()), 422, Array.from({ length: 20 }, (_, i) => `body /x${i}`).join(", "), unknown],
  ["no change", put("{}"), 422, "body", "must have at least one of name, email, password"],
  ["no change but a role", put('{"role":"admin"}'), 422, "body /role", unknown],
  ["__proto__ to change", put('{"name":"Eve","__proto__":{"a":1}}'), 422, "body /__proto__", unknown],
  ["everything in __proto__ to change", put(`{"__proto__":${JSON.stringify(ada)}}`), 422, "body /__proto__", unknown],
  ["an array for a change", put("[]"), 422, "body", notObject],
  ["a good name and a wrong email to change", put('{"name":"Eve","email":"eve@"}'), 422, "body /email", emailIs],
  ["a password_hash to change", put('{"name":"Ada","password_hash":"x"}'), 422, "body /password_hash", unknown],
  ["a wrong id and a wrong change", put('{"name":1}', "1"), 422, "path id, body /name", "must be 24 hex digits"],
  ["a change of nobody", put('{"name":"Ada"}', "0".repeat(24)), 404, "", "No such user."],
  ["a change of what is stale", send(`PUT /users/${existingId}`, '{"name":"Ada"}', 'If-Match: "7"'), 412, "", "The user was changed since; get it again."],
  ["a change under a weak tag", send(`PUT /users/${existingId}`, '{"name":"Ada"}', 'If-Match: W/"0"'), 412, "", "The user was changed since; get it again."],
  ["a change under a tag that is none", send(`PUT /users/${existingId}`, '{"name":"Ada"}', "If-Match: 0"), 412, "", "The user was changed since; get it again."],
];
