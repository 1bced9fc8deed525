// The same rows and the same answers as in directory.mjs by psql or sqlite3 alone: copies of the tables with their indexes,
// without foreign keys, written and read by key.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { PG_BIN, run, seconds } from './lib.mjs';

const isPostgres = (database) => database.startsWith('postgres:');
const file = (database) => database.replace('sqlite://', '').replace(/\?.*/, '');
const client = (database) => isPostgres(database)
  ? [join(PG_BIN, 'psql'), ['-XqAt', '-v', 'ON_ERROR_STOP=1', database]]
  : ['sqlite3', ['-bail', '-cmd', '.timeout 10000', file(database)]];

const sql = (database, text) => run(...client(database), { input: text }).trim();
const lines = (text) => text.split('\n').filter(Boolean);

// Runs each script in a client of its own, at the same time; returns the seconds.
const timed = async (database, scripts) => {
  const [program, args] = client(database);
  const since = performance.now();
  await Promise.all(scripts.map((script) => new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'inherit'] });
    child.on('error', reject);
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${program}: exit ${code}`))));
    child.stdin.end(script);
  })));
  return seconds(since);
};

// Creates an empty copy of a table.
const copy = (database, table) => {
  if (isPostgres(database)) {
    return sql(database, `DROP TABLE IF EXISTS bare_${table}; CREATE TABLE bare_${table} (LIKE ${table} INCLUDING ALL)`);
  }
  const quoted = new RegExp(`(["\`]?)\\b${table}\\b\\1`);
  const texts = lines(sql(database, `SELECT replace(sql, char(10), ' ') FROM sqlite_master WHERE tbl_name = '${table}' AND type IN ('table', 'index') AND sql IS NOT NULL
    ORDER BY type DESC`));
  const renamed = texts.map((text) => (text.startsWith('CREATE TABLE')
    ? text.replace(quoted, `bare_${table}`)
    : text.replace(/INDEX\s+(["`]?)(\w+)\1\s+ON\s+(["`]?)\w+\3/, `INDEX bare_$2 ON bare_${table}`)));
  return sql(database, [`DROP TABLE IF EXISTS bare_${table}`, ...renamed].join(';\n'));
};

const SPLIT = 8;
// SQLite has one writer: more clients would only wait for each other.
const split = (database, parts) => {
  const count = isPostgres(database) ? SPLIT : 1;
  return Array.from({ length: count }, (_, at) => parts.filter((_, n) => n % count === at).join('\n'));
};

const literal = (database, column) => (isPostgres(database) ? `quote_literal(${column})` : `quote(${column})`);

// Writes everything of each synchronised person again, a transaction for each; returns people per second.
export const people = async (database) => {
  const tables = { users: 'id', directory_people: 'user_id', directory_emails: 'user_id', audit_entries: 'subject_id' };
  for (const table of Object.keys(tables)) copy(database, table);
  const each = Object.entries(tables).map(([table, key]) => `INSERT INTO bare_${table} SELECT * FROM ${table} WHERE ${key} = `);
  const statements = each.map((text) => `'${text}' || ${literal(database, 'user_id')} || '; '`).join(' || ');
  const parts = lines(sql(database, `SELECT 'BEGIN; ' || ${statements} || 'COMMIT;' FROM directory_people`));
  return parts.length / await timed(database, split(database, parts));
};

// Writes each group and its members again, a transaction for each; returns groups per second.
export const groups = async (database) => {
  for (const table of ['directory_groups', 'directory_group_members', 'audit_entries']) copy(database, table);
  const id = literal(database, 'id');
  const parts = lines(sql(database, `SELECT 'BEGIN; INSERT INTO bare_directory_groups SELECT * FROM directory_groups WHERE id = ' || ${id}
    || '; INSERT INTO bare_directory_group_members SELECT * FROM directory_group_members WHERE group_id = ' || ${id}
    || '; INSERT INTO bare_audit_entries SELECT * FROM audit_entries WHERE subject_id = ' || ${id} || '; COMMIT;' FROM directory_groups`));
  return parts.length / await timed(database, split(database, parts));
};

const SEEN = 'FROM users u LEFT JOIN directory_people p ON p.user_id = u.id';

// Looks people up by name over one connection; returns the milliseconds of one.
export const lookup = async (database, names) => {
  const one = (name) => `SELECT u.*, p.* ${SEEN} WHERE u.email_key = '${name.toLowerCase()}';`;
  return await timed(database, [names.map(one).join('\n')]) / names.length * 1000;
};

// Reads pages by offset; returns the seconds.
export const walk = (database, most, size) => {
  const pages = Array.from({ length: Math.ceil(most / size) }, (_, at) => `SELECT u.id, u.email ${SEEN} ORDER BY u.id LIMIT ${size} OFFSET ${at * size};`);
  return timed(database, [pages.join('\n')]);
};

// Adds members to a copy of the group and reads the whole; returns the milliseconds of both.
export const group = async (database, name, count) => {
  copy(database, 'directory_group_members');
  const of = `FROM directory_group_members WHERE group_id = (SELECT id FROM directory_groups WHERE display_name = '${name}')`;
  const key = (column) => literal(database, column);
  const rows = lines(sql(database, `SELECT 'INSERT INTO bare_directory_group_members (group_id, user_id) VALUES (' || ${key('group_id')} || ', ' || ${key('user_id')} || ');'
    ${of} ORDER BY user_id`));
  sql(database, `BEGIN;\n${rows.slice(count).join('\n')}\nCOMMIT;`);
  const patch = await timed(database, [`BEGIN;\n${rows.slice(0, count).join('\n')}\nCOMMIT;`]);
  const read = await timed(database, [`SELECT user_id ${of};`]);
  return { patch: patch * 1000, read: read * 1000 };
};
