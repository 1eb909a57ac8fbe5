import { existingId, type Row, send } from "./row.js";

export const ada = { name: "Ada Lovelace", email: "ada@example.com", password: "correct horse battery" };

const nameIs = "must be a string of 1 to 100 characters that can be seen, without control characters";
const emailIs = "must be an email address of at most 254 characters";
const passwordIs =
  "must be a string of at least 8 characters and at most 72 bytes of UTF-8, without control characters";
const unknown = "is not known; known are name, email, password";
const notObject = "must be a JSON object";

/** A new user, of whom one field is the JSON that is given. */
const post = (field: keyof typeof ada, json: string) =>
  send("POST /users", JSON.stringify({ ...ada, [field]: 0 }).replace(`"${field}":0`, `"${field}":${json}`));
const name = (json: string) => post("name", json);
const email = (json: string) => post("email", json);
const password = (json: string) => post("password", json);
/** A new user with more in it. */
const and = (members: string) => send("POST /users", `{${members},${JSON.stringify(ada).slice(1)}`);
const put = (body: string, id = existingId) => send(`PUT /users/${id}`, body);

const characters = (count: number, character = "a") => `"${character.repeat(count)}"`;
const levels = (count: number) => "[".repeat(count) + "]".repeat(count);

// biome-ignore format: one row a line
export const nameRows: readonly Row[] = [
  ["no name", send("POST /users", JSON.stringify({ ...ada, name: undefined })), 422, "body /name", nameIs],
  ["an empty name", name('""'), 422, "body /name", nameIs],
  ["a name of spaces", name('"   "'), 422, "body /name", nameIs],
  ["a name of spaces of another kind", name('"\\u00a0\\u2003\\u3000"'), 422, "body /name", nameIs],
  ["a name of 101 characters", name(characters(101)), 422, "body /name", nameIs],
  ["a name of 101 emoji", name(characters(101, "😀")), 422, "body /name", nameIs],
  ["a name of 100,000 characters", name(characters(100_000)), 422, "body /name", nameIs],
  ["null for a name", name("null"), 422, "body /name", nameIs],
  ["true for a name", name("true"), 422, "body /name", nameIs],
  ["a number for a name", name("5"), 422, "body /name", nameIs],
  ["1e400 for a name", name("1e400"), 422, "body /name", nameIs],
  ["an array for a name", name('["Ada"]'), 422, "body /name", nameIs],
  ["an object for a name", name('{"first":"Ada"}'), 422, "body /name", nameIs],
  ["an object with toString for a name", name('{"toString":"Ada","length":3}'), 422, "body /name", nameIs],
  ["8,000 levels for a name", name(levels(8_000)), 422, "body /name", nameIs],
  ["a NUL in a name", name('"Ada\\u0000"'), 422, "body /name", nameIs],
  ["a line feed in a name", name('"Ada\\nadmin"'), 422, "body /name", nameIs],
  ["a line feed behind a name", name('"Ada\\n"'), 422, "body /name", nameIs],
  ["an escape sequence in a name", name('"\\u001b[31mAda"'), 422, "body /name", nameIs],
  ["DEL in a name", name('"Ada\\u007f"'), 422, "body /name", nameIs],
  ["a C1 control in a name", name('"Ada\\u009b31m"'), 422, "body /name", nameIs],
  ["a line separator in a name", name('"Ada\\u2028admin"'), 422, "body /name", nameIs],
  ["half a surrogate pair in a name", name('"Ada\\ud83d"'), 422, "body /name", nameIs],
  ["the other half in a name", name('"\\ude00Ada"'), 422, "body /name", nameIs],
  ["a surrogate pair the wrong way round", name('"\\ude00\\ud83d"'), 422, "body /name", nameIs],
  ["a bidi override in a name", name('"Ada\\u202enimda"'), 422, "body /name", nameIs],
  ["a bidi isolate in a name", name('"\\u2066Ada\\u2069"'), 422, "body /name", nameIs],
  ["a right-to-left mark in a name", name('"Ada\\u200f"'), 422, "body /name", nameIs],
  ["a zero-width space in a name", name('"A\\u200bda"'), 422, "body /name", nameIs],
  ["a zero-width no-break space in a name", name('"\\ufeffAda"'), 422, "body /name", nameIs],
  ["a word joiner in a name", name('"A\\u2060da"'), 422, "body /name", nameIs],
  ["a soft hyphen in a name", name('"A\\u00adda"'), 422, "body /name", nameIs],
  ["nothing but joiners for a name", name('"\\u200d\\u200c"'), 422, "body /name", nameIs],
  ["nothing but a filler for a name", name('"\\u3164"'), 422, "body /name", nameIs],
  ["a tag character in a name", name('"Ada\\udb40\\udc41"'), 422, "body /name", nameIs],
];

// biome-ignore format: one row a line
export const emailRows: readonly Row[] = [
  ["no email", send("POST /users", JSON.stringify({ ...ada, email: undefined })), 422, "body /email", emailIs],
  ["an empty email", email('""'), 422, "body /email", emailIs],
  ["null for an email", email("null"), 422, "body /email", emailIs],
  ["an email in an array", email('["ada@example.com"]'), 422, "body /email", emailIs],
  ["an email in an object", email('{"$gt":""}'), 422, "body /email", emailIs],
  ["an email without @", email('"ada.example.com"'), 422, "body /email", emailIs],
  ["an email with two @", email('"ada@b@example.com"'), 422, "body /email", emailIs],
  ["an email without a name", email('"@example.com"'), 422, "body /email", emailIs],
  ["an email without a domain", email('"ada@"'), 422, "body /email", emailIs],
  ["an email at a host", email('"ada@localhost"'), 422, "body /email", emailIs],
  ["an email at an address", email('"ada@127.0.0.1"'), 422, "body /email", emailIs],
  ["an email at an address in brackets", email('"ada@[127.0.0.1]"'), 422, "body /email", emailIs],
  ["an email with a name to show", email('"Ada <ada@example.com>"'), 422, "body /email", emailIs],
  ["two emails", email('"ada@example.com,b@example.com"'), 422, "body /email", emailIs],
  ["an email with two dots", email('"ada..l@example.com"'), 422, "body /email", emailIs],
  ["an email with a space", email('"ada l@example.com"'), 422, "body /email", emailIs],
  ["an email with a header in it", email('"ada@example.com\\r\\nBcc: b@example.com"'), 422, "body /email", emailIs],
  ["a line feed behind an email", email('"ada@example.com\\n"'), 422, "body /email", emailIs],
  ["an email with a NUL", email('"ada@example.com\\u0000.org"'), 422, "body /email", emailIs],
  ["an email with half a surrogate pair", email('"ada\\ud83d@example.com"'), 422, "body /email", emailIs],
  ["an email with a bidi override", email('"ada\\u202e@example.com"'), 422, "body /email", emailIs],
  ["a right-to-left mark in an email's domain", email('"ada@exa\\u200fmple.com"'), 422, "body /email", emailIs],
  ["a zero-width space in an email", email('"a\\u200bda@example.com"'), 422, "body /email", emailIs],
  ["a zero-width joiner in an email", email('"a\\u200dda@example.com"'), 422, "body /email", emailIs],
  ["a zero-width non-joiner in an email's domain", email('"ada@exam\\u200cple.com"'), 422, "body /email", emailIs],
  ["a soft hyphen in an email", email('"a\\u00adda@example.com"'), 422, "body /email", emailIs],
  ["an email that begins with U+FEFF", email('"\\ufeffada@example.com"'), 422, "body /email", emailIs],
  ["an email of 255 characters", email(`"${"a".repeat(60)}@${`${"b".repeat(60)}.`.repeat(3)}${"c".repeat(7)}.com"`), 422, "body /email", emailIs],
  ["an email whose name has 65 characters", email(`"${"a".repeat(65)}@example.com"`), 422, "body /email", emailIs],
  ["an email of 100,000 characters", email(`"${"a".repeat(99_000)}@example.com"`), 422, "body /email", emailIs],
  ["8,000 levels for an email", email(levels(8_000)), 422, "body /email", emailIs],
  ["an email that is taken", email('"there.already@example.com"'), 409, "", "This email address is taken."],
  ["a taken email in capitals", email('"There.Already@EXAMPLE.com"'), 409, "", "This email address is taken."],
  ["a taken email with spaces", email('"  there.already@example.com "'), 409, "", "This email address is taken."],
];

// biome-ignore format: one row a line
export const passwordRows: readonly Row[] = [
  ["no password", send("POST /users", JSON.stringify({ ...ada, password: undefined })), 422, "body /password", passwordIs],
  ["an empty password", password('""'), 422, "body /password", passwordIs],
  ["a password of 7 characters", password(characters(7)), 422, "body /password", passwordIs],
  ["a password of 7 emoji", password(characters(7, "😀")), 422, "body /password", passwordIs],
  ["a password of 73 bytes", password(characters(73)), 422, "body /password", passwordIs],
  ["a password of 37 letters of 2 bytes", password(characters(37, "é")), 422, "body /password", passwordIs],
  ["a password of 19 emoji", password(characters(19, "😀")), 422, "body /password", passwordIs],
  ["a password that grows over 72 bytes in NFKC", password(characters(24, "ﬃ") .replace('"', '"a')), 422, "body /password", passwordIs],
  ["a password of 100,000 characters", password(characters(100_000)), 422, "body /password", passwordIs],
  ["a number for a password", password("12345678"), 422, "body /password", passwordIs],
  ["a password in an array", password('["correct horse battery"]'), 422, "body /password", passwordIs],
  ["an operator for a password", password('{"$ne":""}'), 422, "body /password", passwordIs],
  ["an array of 8 for a password", password("[1,2,3,4,5,6,7,8]"), 422, "body /password", passwordIs],
  ["null for a password", password("null"), 422, "body /password", passwordIs],
  ["a NUL in a password", password('"correct\\u0000horse"'), 422, "body /password", passwordIs],
  ["a line feed in a password", password('"correct\\nhorse"'), 422, "body /password", passwordIs],
  ["half a surrogate pair in a password", password('"correct horse\\ud83d"'), 422, "body /password", passwordIs],
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
  ["__v", and('"__v":5'), 422, "body /__v", unknown],
  ["__proto__", and('"__proto__":{"admin":true}'), 422, "body /__proto__", unknown],
  ["everything in __proto__", send("POST /users", `{"__proto__":${JSON.stringify(ada)}}`), 422, "body /__proto__, body /name, body /email, body /password", unknown],
  ["constructor", and('"constructor":{"prototype":{"admin":true}}'), 422, "body /constructor", unknown],
  ["toString", and('"toString":"x"'), 422, "body /toString", unknown],
  ["hasOwnProperty", and('"hasOwnProperty":1'), 422, "body /hasOwnProperty", unknown],
  ["$set", and('"$set":{"admin":true}'), 422, "body /$set", unknown],
  ["$where", and('"$where":"sleep(5000)"'), 422, "body /$where", unknown],
  ["a name with a dot", and('"name.first":"Ada"'), 422, "body /name.first", unknown],
  ["a name in capitals", and('"Name":"Ada"'), 422, "body /Name", unknown],
  ["a member without a name", and('"":1'), 422, "body /", unknown],
  ["a member with / and ~", and('"a/b~c":1'), 422, "body /a~1b~0c", unknown],
  ["8,000 levels in a member", and(`"x":${levels(8_000)}`), 422, "body /x", unknown],
  ["25 members too many", and(Array.from({ length: 25 }, (_, i) => `"x${i}":1`).join()), 422, Array.from({ length: 20 }, (_, i) => `body /x${i}`).join(", "), unknown],
  ["no change", put("{}"), 422, "body", "must have at least one of name, email, password"],
  ["no change but a role", put('{"role":"admin"}'), 422, "body /role, body", unknown],
  ["an array for a change", put("[]"), 422, "body", notObject],
  ["null for a new name", put('{"name":null}'), 422, "body /name", nameIs],
  ["a bidi override in a new name", put('{"name":"\\u202eAda"}'), 422, "body /name", nameIs],
  ["an array for a new email", put('{"email":["b@example.com"]}'), 422, "body /email", emailIs],
  ["a short new password", put('{"password":"short"}'), 422, "body /password", passwordIs],
  ["a password_hash to change", put('{"name":"Ada","password_hash":"x"}'), 422, "body /password_hash", unknown],
  ["a wrong id and a wrong change", put('{"name":1}', "1"), 422, "path id, body /name", "must be 24 hex digits"],
  ["a change of nobody", put('{"name":"Ada"}', "0".repeat(24)), 404, "", "There is no such user."],
  ["a change of what is stale", send(`PUT /users/${existingId}`, '{"name":"Ada"}', 'If-Match: "7"'), 412, "", "The user was changed since; get it again."],
  ["a change under a weak tag", send(`PUT /users/${existingId}`, '{"name":"Ada"}', 'If-Match: W/"0"'), 412, "", "The user was changed since; get it again."],
  ["a change under a tag that is none", send(`PUT /users/${existingId}`, '{"name":"Ada"}', "If-Match: 0"), 412, "", "The user was changed since; get it again."],
];
