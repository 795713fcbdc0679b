// The statements that the servers in Python send too, prepared once for each connection under their names.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";

const iso = (text) => text.replace(" ", "T").replace(/\+00$/, "+00:00");
pg.types.setTypeParser(pg.types.builtins.TIMESTAMPTZ, iso);

// PostgreSQL would plan some of these statements anew each time, for more than it costs to run them
const options = "-c timezone=UTC -c plan_cache_mode=force_generic_plan";
export const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10, options });

const blocks = readFileSync(join(process.env.BENCH_PEERS, "statements.sql"), "utf8").split("-- name: ").slice(1);
const texts = Object.fromEntries(blocks.map((block) => [block.slice(0, block.indexOf("\n")).trim(), block.slice(block.indexOf("\n"))]));

export const rows = async (name, ...values) => (await pool.query({ name, text: texts[name], values })).rows;
export const row = async (name, ...values) => (await rows(name, ...values))[0] ?? null;
export const sdl = readFileSync(join(process.env.BENCH_PEERS, "schema.graphql"), "utf8");
